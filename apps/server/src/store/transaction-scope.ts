import { AsyncLocalStorage } from 'node:async_hooks'
import { StoreError } from './errors.ts'

/**
 * Knows whether the running code is inside a transaction of its store. There, asking the store's own handle for a
 * connection would wait for the very transaction that is waiting (or silently work outside of it), so it is refused.
 */
export class TransactionScope {
  readonly #current = new AsyncLocalStorage<{ open: boolean }>()

  async run<T>(work: () => Promise<T>): Promise<T> {
    const transaction = { open: true }
    try {
      return await this.#current.run(transaction, work)
    } finally {
      transaction.open = false
    }
  }

  assertOutside(): void {
    if (this.#current.getStore()?.open) {
      throw new StoreError('Inside a transaction only the handle it was given can be used')
    }
  }
}
