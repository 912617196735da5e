import { StoreError } from '../../apps/server/src/store/errors.ts'

/** Why the system cannot start, in one sentence for the person who started it. */
export class StartProblem extends Error {}

/** Errors of the store whose message is such a sentence. @throws {StartProblem} */
export async function explained<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof StoreError ? new StartProblem(error.message, { cause: error }) : error
  }
}
