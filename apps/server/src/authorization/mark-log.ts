import { readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Context } from '../context.ts'
import {
  currentPosition,
  type Mark,
  marksAfter,
  oldestMark,
  type Position,
  startEpoch,
} from '../store/marks.ts'
import { formatPosition, parsePosition } from './position.ts'

/** How often the counter is read. With the file store this process writes all marks and is told of them. */
const pollMs = { sqlite: 1_000, postgres: 200 } as const
/** `live.json` is written at most this often. */
const writeEveryMs = 1_000

/** The marks as the feed reads them. One poll serves all readers of this process. */
export interface MarkLog {
  /** The last mark. Undefined while the store does not answer: nothing may be said about changes then. */
  position(): Position | undefined
  /** Calls back when marks were added, and when the store answers again or fails. Returns the function that ends it. */
  subscribe(listener: () => void): () => void
  /** Marks after a number, in order. */
  after(number: number, limit: number): Promise<Mark[]>
  /** Whether every mark after this position is kept. */
  reaches(position: Position): Promise<boolean>
  close(): Promise<void>
}

type Deps = Pick<Context, 'store' | 'config' | 'clock'>

/** Starts a new epoch if the store was restored or copied, and then follows the counter. */
export async function openMarkLog(ctx: Deps, onProblem: (error: unknown) => void): Promise<MarkLog> {
  const { store, config } = ctx
  const file = join(config.dataDir, 'live.json')
  const listeners = new Set<() => void>()
  let last = await afterRestore(ctx, await rememberedPosition(file))
  let answers = true
  let writtenAt = Number.NEGATIVE_INFINITY
  let written = ''

  async function remember(force = false): Promise<void> {
    const text = formatPosition(last)
    if (text === written || (!force && performance.now() - writtenAt < writeEveryMs)) return
    writtenAt = performance.now()
    try {
      await writeFile(`${file}.new`, `${JSON.stringify({ position: text })}\n`, { mode: 0o600 })
      await rename(`${file}.new`, file)
      written = text
    } catch {
      // The folder need not exist with PostgreSQL. A restore is then noticed by servers that run.
    }
  }

  async function look(): Promise<void> {
    const before = last
    const didAnswer = answers
    try {
      const read = await currentPosition(store.db)
      const isBehind = read.epoch === last.epoch && read.number < last.number
      last = isBehind ? await startEpoch(ctx, read.epoch) : read
      answers = true
    } catch (error) {
      answers = false
      if (didAnswer) onProblem(error)
    }
    if (formatPosition(last) !== formatPosition(before) || answers !== didAnswer)
      for (const listener of listeners) listener()
    if (answers) await remember()
  }

  let isStopped = false
  let looking = Promise.resolve()
  let isQueued = false
  /** Looks once more after a look that is in progress, which may have missed the mark. */
  const poll = () => {
    if (isQueued || isStopped) return
    isQueued = true
    looking = looking.then(() => {
      isQueued = false
      return look()
    })
  }
  const unsubscribe = store.onMarks(poll)
  const timer = setInterval(poll, pollMs[store.kind]).unref()
  await remember()

  return {
    position: () => (answers ? last : undefined),
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    after: (number, limit) => marksAfter(store.db, number, limit),
    async reaches({ epoch, number }) {
      const { epoch: current, number: newest } = last
      if (epoch !== current || number > newest) return false
      return number === newest || number >= (await oldestMark(store.db)) - 1
    },
    async close() {
      isStopped = true
      clearInterval(timer)
      unsubscribe()
      await looking
      await remember(true)
    },
  }
}

async function rememberedPosition(file: string): Promise<Position | undefined> {
  try {
    const { position } = JSON.parse(await readFile(file, 'utf8'))
    return parsePosition(position)
  } catch {
    return undefined
  }
}

/**
 * The position to go on from. The file store belongs to one server, so a counter that is not the continuation of the
 * remembered one means a restored or copied store. PostgreSQL may have been used by other servers in the meantime.
 */
async function afterRestore(ctx: Deps, remembered: Position | undefined): Promise<Position> {
  const stored = await currentPosition(ctx.store.db)
  const isSame = remembered?.epoch === stored.epoch
  if (isSame && stored.number >= remembered.number) return stored
  if (stored.number === 0) return stored
  if (!isSame && ctx.store.kind === 'postgres') return stored
  return startEpoch(ctx, stored.epoch)
}
