import type { Context } from '../context.ts'
import type { Db } from './store.ts'

const everyMs = 5 * 60_000

/** Deletes one batch of expired rows. @returns how many were deleted; 0 when none is left */
export type Sweep = (db: Db, now: number) => Promise<number>

/**
 * Deletes expired rows at intervals, in batches that hold locks briefly. It only keeps the store small: expiry is checked
 * where a row is used (CVE-2025-64708).
 * @returns a function that stops it, and resolves when the current batch has ended
 */
export function startHousekeeping(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  sweeps: readonly Sweep[],
  onProblem: (error: unknown) => void,
): () => Promise<void> {
  const stop = new AbortController()
  async function clean(): Promise<void> {
    for (const sweep of sweeps) while (!stop.signal.aborted && (await sweep(store.db, clock())) > 0);
  }
  let cleaning = Promise.resolve()
  const timer = setInterval(() => {
    cleaning = cleaning.then(clean).catch(onProblem)
  }, everyMs).unref()
  return async () => {
    stop.abort()
    clearInterval(timer)
    await cleaning
  }
}
