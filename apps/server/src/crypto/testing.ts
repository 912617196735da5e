import { createHook } from 'node:async_hooks'

/**
 * Counts the argon2 hashes that the thread pool finishes while some work runs. A hash on the event loop is not counted,
 * so the count also shows that none blocks it.
 */
export async function countHashes(work: () => Promise<unknown>): Promise<number> {
  const requests = new Set<number>()
  let finished = 0
  const hook = createHook({
    init(id, type) {
      if (type === 'ARGON2REQUEST') requests.add(id)
    },
    // Only what comes back from the thread pool enters the event loop again.
    before(id) {
      if (requests.has(id)) finished++
    },
  }).enable()
  try {
    await work()
  } finally {
    hook.disable()
  }
  return finished
}
