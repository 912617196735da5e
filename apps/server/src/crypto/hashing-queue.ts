import { availableParallelism } from 'node:os'
import { observed } from '../telemetry/operations.ts'

/** The queue is full. The caller answers 429 or 503 with `Retry-After`. */
export class BusyError extends Error {
  readonly retryAfterSeconds = 2

  constructor() {
    super('too much work is waiting')
  }
}

/**
 * Runs at most `concurrency` tasks at once. `places` more wait in order.
 * @throws {BusyError} from the returned function, when no place is free
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
      // The slot passes to the first waiting task, so that a new task cannot overtake it.
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
}

/** Longer passwords are refused before they are hashed. None is truncated (ASVS 6.2.8, 6.2.9). */
export const passwordByteLimit = 1024

export const isTooLong = (password: string) => Buffer.byteLength(password) > passwordByteLimit

/**
 * Hashing runs on libuv's pool of four threads, which also signs tokens and reads files. One thread stays free for those.
 * 40 waiting hashes per running one take about a second.
 */
const concurrency = Math.min(availableParallelism(), 3)
const queue = createWorkQueue({ concurrency, places: 40 * concurrency })

export const hashingQueue = <T>(task: () => Promise<T>): Promise<T> =>
  observed('password.hash', () => queue(task))
