/** What became of one object. `undo` is what reverses the change; absent: nothing was changed. */
export type Outcome<Undo> = { key: string } & (
  | { kind: 'changed'; undo?: Undo | undefined }
  | { kind: 'unchanged' }
  | { kind: 'failed'; reason: string }
)

export interface Report<Undo> {
  changed: number
  unchanged: number
  failed: { key: string; reason: string }[]
  /** Left out, because it was stopped or a request failed. */
  notTried: number
  undo: Undo[]
}

interface Options<Item, Undo> {
  /** Changes so many with one call. */
  batch: number
  keyOf: (item: Item) => string
  run: (items: Item[]) => Promise<Outcome<Undo>[]>
  explain: (error: unknown) => string
  onProgress: (done: number) => void
  isStopped: () => boolean
}

/** Changes objects batch by batch. After a call that failed as a whole, the rest is not tried. */
export async function runInBatches<Item, Undo>(
  items: readonly Item[],
  { batch, keyOf, run, explain, onProgress, isStopped }: Options<Item, Undo>,
): Promise<Report<Undo>> {
  const outcomes: Outcome<Undo>[] = []
  while (outcomes.length < items.length && !isStopped()) {
    const some = items.slice(outcomes.length, outcomes.length + batch)
    try {
      outcomes.push(...(await run(some)))
    } catch (error) {
      const reason = explain(error)
      outcomes.push(...some.map((item) => ({ key: keyOf(item), kind: 'failed' as const, reason })))
      break
    } finally {
      onProgress(outcomes.length)
    }
  }
  return reportOf(outcomes, items.length)
}

function reportOf<Undo>(outcomes: Outcome<Undo>[], total: number): Report<Undo> {
  const changed = outcomes.filter((one) => one.kind === 'changed')
  return {
    changed: changed.length,
    unchanged: outcomes.filter(({ kind }) => kind === 'unchanged').length,
    failed: outcomes.flatMap((one) => (one.kind === 'failed' ? [{ key: one.key, reason: one.reason }] : [])),
    notTried: total - outcomes.length,
    undo: changed.flatMap(({ undo }) => (undo === undefined ? [] : [undo])),
  }
}
