import type { Context } from '../context.ts'
import { isUnavailable } from '../store/errors.ts'
import { writeLogs } from './log.ts'
import type { LogEntry } from './store.ts'
import { TokenSummary } from './token-summary.ts'

const flushAfterMs = 100
const flushAtEntries = 200
const retryAfterMs = 1_000
/** Entries that waited longer for the store get an id of now, because log streams have passed the one of their time. */
const maxDelayMs = 5_000
/** Entries that wait while the store is unavailable. Beyond it the oldest are dropped. */
const maxWaiting = 10_000
const msPerMinute = 60_000

/**
 * Collects entries and writes them in batches: one commit for many token requests. A crash loses the entries of the last
 * 100 ms. Changes of the tenant are logged in their own transactions instead. While the store is unavailable, entries wait
 * up to a limit. A separate entry records how many were dropped.
 *
 * With the setting `LOG_MACHINE_TOKENS=minute`, the tokens that an application gets for itself in a minute are one entry.
 * A crash loses the counts of the current minute.
 */
export interface LogBuffer {
  add(entry: Omit<LogEntry, 'date'>): void
  /** Resolves when each entry added before is stored or has failed. */
  flush(): Promise<void>
  /** Entries that are not stored yet. */
  waiting(): number
  /** How many entries were dropped since the start. */
  dropped(): number
}

export function createLogBuffer(
  ctx: Pick<Context, 'store' | 'clock' | 'config'>,
  onProblem: (message: string, error?: unknown) => void,
): LogBuffer {
  const waiting: LogEntry[] = []
  let lost = 0
  let dropped = 0
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()
  const summary = ctx.config.machineTokenLogs === 'minute' ? new TokenSummary() : undefined
  let minute: NodeJS.Timeout | undefined

  async function write(): Promise<void> {
    while (waiting.length > 0) {
      const entries = waiting.splice(0, flushAtEntries)
      const reported = lost
      try {
        await writeLogs(ctx.store.db, [...entries, ...lossEntry(reported)], ctx.clock() - maxDelayMs)
        lost -= reported
      } catch (error) {
        if (!isUnavailable(error)) {
          onProblem(`${entries.length} log entries could not be stored`, error)
          continue
        }
        onProblem(`${entries.length + waiting.length} log entries wait for the store`, error)
        waiting.unshift(...entries)
        dropOldest()
        flushIn(retryAfterMs)
        return
      }
    }
  }

  function dropOldest(): void {
    const excess = waiting.length - maxWaiting
    if (excess <= 0) return
    waiting.splice(0, excess)
    lost += excess
    dropped += excess
  }

  function lossEntry(count: number): LogEntry[] {
    const description = `${count} log entries were lost while the store was not available`
    return count > 0 ? [{ type: 'w', description, date: ctx.clock() }] : []
  }

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    writing = writing.then(write)
    return writing
  }

  function flushIn(milliseconds: number): void {
    timer ??= setTimeout(() => void flush(), milliseconds).unref()
  }

  function enqueue(entry: LogEntry): void {
    waiting.push(entry)
    dropOldest()
    if (waiting.length === flushAtEntries) void flush()
    else flushIn(flushAfterMs)
  }

  function endMinute(): void {
    clearTimeout(minute)
    minute = undefined
    for (const entry of summary?.take() ?? []) enqueue(entry)
  }

  return {
    add(given) {
      const entry = { ...given, date: ctx.clock() }
      if (!summary?.add(entry)) return enqueue(entry)
      if (summary.isFull) return endMinute()
      minute ??= setTimeout(endMinute, msPerMinute - (entry.date % msPerMinute)).unref()
    },
    async flush() {
      endMinute()
      await flush()
      if (waiting.length > 0) onProblem(`${waiting.length} log entries are not stored yet`)
    },
    waiting: () => waiting.length,
    dropped: () => dropped,
  }
}
