import { categoryOfLogType, type LogCategory } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { randomAlphanumeric, randomSecret } from '../crypto/secrets.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { listLogs } from '../logs/lists.ts'
import { writeLog } from '../logs/log.ts'
import { type LogRecord, startOfId } from '../logs/store.ts'
import { isUnavailable } from '../store/errors.ts'
import { poll } from '../store/poll.ts'
import { transaction } from '../store/transaction.ts'
import { type SendFailure, type Signer, send } from './send.ts'
import {
  claimStream,
  countFailures,
  deleteFailure,
  type FailedDelivery,
  insertFailure,
  listRequestedFailures,
  listStreams,
  recordProgress,
  refuseAgain,
  releaseStream,
  type Stream,
} from './store.ts'
import { openSink, type Sink, withoutFailures } from './streams.ts'

const everyMs = 1_000
/**
 * Entries are committed later than the time in their ids. Those younger than this wait, so that none appears behind a
 * position. A transaction ends after 10 seconds in SQLite. PostgreSQL ends a statement, and a pause between two, after 15.
 */
const settledAfterMs = 15_000
/** Entries that are read at once, and sent at once. */
const windowSize = 100
/** Characters of the entries that are sent at once. A larger entry is sent alone. */
const maxBatchLength = 500_000
/** How long a stream belongs to the server that sends, counted from its last step. */
const leaseMs = 60_000
const firstRetryMs = 5_000
const maxRetryMs = 15 * 60_000
/** Attempts of a delivery that the receiver refuses, before it is put aside. */
const maxRefusals = 5
/** A receiver that refuses more than this has another problem than its entries. */
const maxFailures = 100
const suspendedAfterMs = 86_400_000

export interface LogStreams {
  /** Sends what is due now. */
  deliver(): Promise<void>
  /** Ends it. What was not sent is sent after the next start. */
  close(): Promise<void>
}

/**
 * Sends the log to the webhooks of its streams: each entry at least once, in the order of their ids. The position of a
 * stream is stored after its receiver has taken the entries, so a crash repeats a delivery and loses none. One server at
 * a time sends a stream. Only one batch of each stream is in memory.
 */
export function startLogStreams(
  ctx: Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>,
  keys: Pick<KeyRing, 'current'>,
  onProblem: (error: unknown) => void,
): LogStreams {
  const { store, clock, sealer, config } = ctx
  const stop = new AbortController()
  const holder = randomSecret()
  const signer: Signer = { issuer: config.issuer, clock, key: () => keys.current() }
  // A file has one server: what another process has claimed, it left behind when it was killed.
  const expired = () => (store.kind === 'sqlite' ? Number.MAX_SAFE_INTEGER : clock())
  const lease = () => ({ holder, expired: expired(), until: clock() + leaseMs })

  /** The streams that are being sent. One with a slow receiver, or with much to send, delays no other. */
  const sending = new Map<string, Promise<void>>()
  const settled = async () => void (await Promise.all(sending.values()))

  async function begin(): Promise<void> {
    for (const stream of await listStreams(store.db)) {
      if (sending.has(stream.id)) continue
      const sent = deliverIfDue(stream).catch(report)
      sending.set(
        stream.id,
        sent.finally(() => sending.delete(stream.id)),
      )
    }
  }

  async function deliverIfDue(stream: Stream): Promise<void> {
    if (stream.status !== 'active' || !(await hasWork(stream))) return
    const claimed = await claimStream(store.db, stream.id, lease())
    if (!claimed) return
    try {
      const failures = await listRequestedFailures(store.db, claimed.id)
      for (const failure of failures) await sendAgain(claimed, failure)
      // Sending them took time, in which the stream may have been changed.
      let next = failures.length > 0 ? await claimStream(store.db, stream.id, lease()) : claimed
      while (next && isDue(next) && !stop.signal.aborted) next = await step(next)
    } finally {
      await releaseStream(store.db, stream.id, holder)
    }
  }

  const isDue = ({ retryAt = 0 }: Stream) => retryAt <= clock()

  /** Asks before the stream is claimed, which is a write. */
  async function hasWork(stream: Stream): Promise<boolean> {
    if ((await listRequestedFailures(store.db, stream.id)).length > 0) return true
    return isDue(stream) && (await readAfter(stream.position, 1)).length > 0
  }

  function readAfter(position: string, limit: number): Promise<LogRecord[]> {
    const before = startOfId(clock() - settledAfterMs)
    return listLogs(store.db, { before, oldestFirst: true }).slice({ after: [position], offset: 0, limit })
  }

  /** Sends the next batch. @returns the stream after it; undefined when there is nothing more to do now */
  async function step(stream: Stream): Promise<Stream | undefined> {
    const sink = openSink(sealer, stream)
    const read = await readAfter(stream.position, windowSize)
    const { batch, position } = firstBatch(read, stream, sink)
    if (position === stream.position) return undefined
    const failure = batch.length > 0 ? await send(stream.id, sink, batch, signer, stop.signal) : undefined
    if (failure && stop.signal.aborted) return undefined
    if (failure) return failed(stream, batch, position, failure)
    const sent: Stream = {
      ...withoutFailures(stream),
      position,
      ...(batch.length > 0 && { deliveredAt: clock() }),
    }
    return recordProgress(store.db, stream, sent, lease())
  }

  async function failed(
    stream: Stream,
    batch: readonly LogRecord[],
    position: string,
    { reason, isRefusal }: SendFailure,
  ): Promise<Stream | undefined> {
    const now = clock()
    const attempts = stream.attempts + 1
    const failingSince = stream.failingSince ?? now
    if (isRefusal && attempts >= maxRefusals && (await countFailures(store.db, stream.id)) < maxFailures)
      return putAside(stream, batch, position, reason)
    const isOver = now - failingSince >= suspendedAfterMs
    const retryAt = now + Math.min(firstRetryMs * 4 ** (attempts - 1), maxRetryMs)
    const waiting: Stream = {
      ...stream,
      attempts,
      failingSince,
      retryAt,
      error: reason,
      ...(isOver && { status: 'suspended' as const }),
    }
    await transaction(ctx, async (tx) => {
      const recorded = await recordProgress(tx.db, stream, waiting, lease())
      if (!recorded || !isOver) return
      const description = `The log stream ${stream.name} was suspended: ${reason}`
      await writeLog(tx.db, { type: 'w', description, date: tx.now })
    })
    return undefined
  }

  /** Goes on with what follows. What was refused can be sent again later. */
  async function putAside(
    stream: Stream,
    batch: readonly LogRecord[],
    position: string,
    error: string,
  ): Promise<Stream | undefined> {
    const [first, last] = [batch[0], batch.at(-1)]
    if (!first || !last) return undefined
    const after: Stream = { ...withoutFailures(stream), position }
    return transaction(ctx, async ({ db, now }) => {
      const recorded = await recordProgress(db, stream, after, lease())
      if (!recorded) return undefined
      await insertFailure(db, {
        id: `lsd_${randomAlphanumeric(16)}`,
        streamId: stream.id,
        firstLogId: first.logId,
        lastLogId: last.logId,
        entries: batch.length,
        error,
        failedAt: now,
      })
      return recorded
    })
  }

  /**
   * Reads the entries of the log again, so those that were deleted since are not sent. Ends where the claim is lost or the
   * webhook was changed: the delivery stays requested.
   */
  async function sendAgain(stream: Stream, failure: FailedDelivery): Promise<void> {
    const filter = { before: `${failure.lastLogId}~`, oldestFirst: true }
    const entries = listLogs(store.db, filter)
    let after = failure.firstLogId.slice(0, -1)
    for (;;) {
      const current = await claimStream(store.db, stream.id, lease())
      if (stop.signal.aborted || current?.sealedSink !== stream.sealedSink) return undefined
      const sink = openSink(sealer, current)
      const read = await entries.slice({ after: [after], offset: 0, limit: windowSize })
      const { batch, position } = firstBatch(read, { ...current, position: after }, sink)
      if (position === after) return deleteFailure(store.db, failure.id)
      const problem = batch.length > 0 ? await send(stream.id, sink, batch, signer, stop.signal) : undefined
      if (problem && stop.signal.aborted) return undefined
      if (problem) return refuseAgain(store.db, failure.id, problem.reason, clock())
      after = position
    }
  }

  const report = (error: unknown) => {
    if (!isUnavailable(error)) onProblem(error)
  }
  const { run, close } = poll(begin, { everyMs, stop, onProblem })
  return {
    async deliver() {
      await settled()
      await run()
      await settled()
    },
    async close() {
      await close()
      await settled()
    },
  }
}

/**
 * The entries to send next, of those that were read, and the position after them. Entries that the filters leave out
 * are passed.
 */
function firstBatch(
  read: readonly LogRecord[],
  { filters, position }: Pick<Stream, 'filters' | 'position'>,
  { format }: Sink,
): { batch: LogRecord[]; position: string } {
  const batch: LogRecord[] = []
  let length = 0
  let reached = position
  for (const record of read) {
    if (passes(record.type, filters)) {
      length += JSON.stringify(record).length
      if (batch.length > 0 && (format === 'JSONOBJECT' || length > maxBatchLength)) break
      batch.push(record)
    }
    reached = record.logId
  }
  return { batch, position: reached }
}

const categories: ReadonlyMap<string, LogCategory> = new Map(Object.entries(categoryOfLogType))

function passes(type: string, filters: readonly LogCategory[]): boolean {
  return filters.length === 0 || filters.includes(categories.get(type) ?? 'other')
}
