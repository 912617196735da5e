/** More work waits than can be done soon: the caller answers 429 or 503 with a Retry-After. */
export class BusyError extends Error {
  readonly retryAfterSeconds = 2

  constructor() {
    super('too much work is waiting')
  }
}

/**
 * Runs at most `concurrency` tasks at once, lets `places` more wait in order, and refuses the rest at once.
 * @throws {BusyError} from the returned function, when every place is taken
 */
export function createWorkQueue({ concurrency, places }: { concurrency: number; places: number }) {
  const waiting: Array<() => void> = []
  let running = 0

  return async function run<T>(task: () => Promise<T>): Promise<T> {
    if (running < concurrency) running++
    else if (waiting.length >= places) throw new BusyError()
    else await new Promise<void>((start) => waiting.push(start))
    try {
      return await task()
    } finally {
      // The slot is handed over rather than freed, so that nobody overtakes those who wait.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}
