import type { Context } from '../context.ts'
import type { Db } from '../sessions/store.ts'

const everyMs = 5 * 60_000

/** Removes some of what has expired. @returns how many went: 0 when nothing is left */
export type Sweep = (db: Db, now: number) => Promise<number>

/**
 * Removes what has expired, in batches that hold no lock for long. Nothing depends on it: expiry is checked where a thing
 * is used (CVE-2025-64708), this only keeps the store small.
 * @returns ends it, and resolves when nothing is on its way
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
