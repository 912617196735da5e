import type { Context } from '../context.ts'
import { type LogEntry, writeLogs } from './log.ts'

const flushAfterMs = 100
const flushAtEntries = 200

/**
 * Keeps entries that no caller waits for, and writes them together: one commit for many token requests. A crash loses at
 * most the last tenth of a second of them; what changes the tenant is written in the change's own transaction instead.
 */
export interface LogBuffer {
  add(entry: Omit<LogEntry, 'date'>): void
  /** Resolves once everything added before is stored. */
  flush(): Promise<void>
}

export function createLogBuffer(ctx: Context, onError: (error: unknown) => void): LogBuffer {
  let waiting: LogEntry[] = []
  let timer: NodeJS.Timeout | undefined
  let writing: Promise<void> = Promise.resolve()

  function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const entries = waiting
    waiting = []
    if (entries.length > 0) {
      writing = writing.then(() => writeLogs(ctx.store.db, entries)).catch(onError)
    }
    return writing
  }

  return {
    add(entry) {
      waiting.push({ ...entry, date: ctx.clock() })
      if (waiting.length >= flushAtEntries) void flush()
      else timer ??= setTimeout(() => void flush(), flushAfterMs).unref()
    },
    flush,
  }
}
