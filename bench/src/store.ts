/**
 * What the store costs: opening it, a read by key, and writes. Writes are counted one at a time, where each waits for the
 * disk, and many at once, where they share its COMMITs; meanwhile the event loop's delay shows that it did not wait too.
 * The same statements run on PostgreSQL for comparison, without a goal there.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { openStore, type Store, toJson } from '@rolecall/server/test-kit'
import { startTestPostgres } from '@rolecall/server/test-kit/store'
import type { BenchRow } from './results.ts'

const reads = 5_000
const writes = 2_000
const lanes = 64

export async function bench(): Promise<BenchRow[]> {
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-bench-'))
  const postgres = await startTestPostgres()
  try {
    return [
      ...(await measure('node:sqlite', (round) => openStore({ file: join(folder, `${round}.db`) }))),
      ...(await measure('PostgreSQL without fsync', () => openStore({ databaseUrl: postgres.url }))),
    ]
  } finally {
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(kind: string, open: (round: number) => Promise<Store>): Promise<BenchRow[]> {
  const hasGoals = kind === 'node:sqlite'
  const opening: number[] = []
  for (let round = 0; round < 5; round++) {
    const started = performance.now()
    const opened = await open(round)
    opening.push(performance.now() - started)
    await opened.close()
  }
  const openedIn = opening.toSorted((a, b) => a - b)[2] ?? Number.NaN

  const store = await open(0)
  try {
    await store.db.insertInto('settings').values(row('known')).execute()
    await readRepeatedly(store)
    const perRead = (await readRepeatedly(store)) / reads

    const alone = await writeAll(store, 'alone', 1, writes / 10)
    const delay = monitorEventLoopDelay({ resolution: 1 })
    delay.enable()
    const together = await writeAll(store, 'together', lanes, writes)
    delay.disable()
    const delayed = delay.percentile(99) / 1e6

    const line = (
      what: string,
      value: number,
      unit: BenchRow['unit'],
      goal: string,
      met: boolean,
    ): BenchRow => ({
      what: `${kind}: ${what}`,
      value,
      unit,
      goal: hasGoals ? goal : '–',
      met: !hasGoals || met,
    })
    return [
      line(hasGoals ? 'open and migrate an empty store' : 'open', openedIn, 'ms', '–', true),
      line('read by key', perRead, 'ms', '–', true),
      line('transactions, one at a time', alone, 'per second', '–', true),
      line(
        `transactions, ${lanes} at a time ÷ one at a time`,
        together / alone,
        'ratio',
        '≥ 1.5',
        together / alone >= 1.5,
      ),
      line(`event loop delay p99 during ${lanes} at a time`, delayed, 'ms', '≤ 20', delayed <= 20),
    ]
  } finally {
    await store.close()
  }
}

const row = (id: string) => ({ id, data: toJson({ id }), updated_at: 0 })

/** @returns milliseconds for all of them */
async function readRepeatedly({ db }: Store): Promise<number> {
  const started = performance.now()
  for (let i = 0; i < reads; i++) {
    await db.selectFrom('settings').selectAll().where('id', '=', 'known').executeTakeFirstOrThrow()
  }
  return performance.now() - started
}

/** @returns transactions of two statements per second, `width` of them under way at any time */
async function writeAll(store: Store, prefix: string, width: number, count: number): Promise<number> {
  let next = 0
  const lane = async () => {
    for (let i = next++; i < count; i = next++) {
      const id = `${prefix} ${i}`
      await store.transaction(async (tx) => {
        await tx.selectFrom('settings').select('id').where('id', '=', id).execute()
        await tx.insertInto('settings').values(row(id)).execute()
      })
    }
  }
  const started = performance.now()
  await Promise.all(Array.from({ length: width }, lane))
  return (count / (performance.now() - started)) * 1000
}
