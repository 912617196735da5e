import { isUnavailable } from './errors.ts'

interface Polling {
  /** Works now. Resolves when that run has ended. */
  run: () => Promise<void>
  /** Aborts `stop`, and resolves when the current run has ended. */
  close: () => Promise<void>
}

/**
 * Runs `work` at intervals, one run at a time. A run that ends because the store is unavailable is not reported: the next
 * one tries again.
 */
export function poll(
  work: () => Promise<void>,
  {
    everyMs,
    stop,
    onProblem,
  }: { everyMs: number; stop: AbortController; onProblem: (error: unknown) => void },
): Polling {
  let running = Promise.resolve()
  const run = () =>
    (running = running.then(work).catch((error: unknown) => {
      if (!isUnavailable(error)) onProblem(error)
    }))
  let timer: NodeJS.Timeout
  const schedule = () => {
    timer = setTimeout(() => void run().finally(() => !stop.signal.aborted && schedule()), everyMs).unref()
  }
  schedule()
  return {
    run,
    async close() {
      stop.abort()
      clearTimeout(timer)
      await running
    },
  }
}
