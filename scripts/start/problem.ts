import { StoreError } from '../../apps/server/src/store/errors.ts'

/** Why the system cannot start, in one sentence for the user. */
export class StartProblem extends Error {}

/** Maps an error of the store, whose message is such a sentence. @throws {StartProblem} */
export async function mapStoreError<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    throw error instanceof StoreError ? new StartProblem(error.message, { cause: error }) : error
  }
}
