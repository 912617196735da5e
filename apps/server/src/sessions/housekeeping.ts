import type { Context } from '../context.ts'
import { deleteExpired } from './store.ts'

const everyMs = 5 * 60_000

/**
 * Removes what has expired, in batches that hold no lock for long. Nothing depends on it: expiry is checked where a thing
 * is used (CVE-2025-64708), this only keeps the store small.
 * @returns ends it, and resolves when nothing is on its way
 */
export function startHousekeeping(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  onProblem: (error: unknown) => void,
): () => Promise<void> {
  let stopped = false
  async function clean(): Promise<void> {
    while (!stopped && (await deleteExpired(store.db, clock())) > 0);
  }
  let cleaning = Promise.resolve()
  const timer = setInterval(() => {
    cleaning = cleaning.then(clean).catch(onProblem)
  }, everyMs).unref()
  return async () => {
    stopped = true
    clearInterval(timer)
    await cleaning
  }
}
