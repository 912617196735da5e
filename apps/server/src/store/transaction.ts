import { AsyncLocalStorage } from 'node:async_hooks'
import type { Clock } from '../clock.ts'
import { StoreError } from './errors.ts'
import type { Db, Store } from './store.ts'

/** An open transaction: the first argument of every rule that changes something. A route or a job opens it, once. */
export interface Tx {
  readonly db: Db
  /** Epoch milliseconds: the one time of everything that the transaction writes. */
  readonly now: number
}

/**
 * Opens a transaction: all that `work` writes is kept or, when it throws, nothing. The routes of the Management API open
 * theirs with `audited`, which adds the log entry. PostgreSQL may run `work` again, at a new time: it must change
 * nothing but rows.
 */
export function transaction<T>(
  { store, clock }: { store: Pick<Store, 'transaction'>; clock: Clock },
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  return store.transaction((db) => work({ db, now: clock() }))
}

/**
 * Knows whether the current code runs inside a transaction of its store. There the store's own handle would deadlock, or
 * write outside the transaction, so it is refused.
 */
export class TransactionScope {
  readonly #current = new AsyncLocalStorage<{ open: boolean }>()

  async run<T>(work: () => Promise<T>): Promise<T> {
    const scope = { open: true }
    try {
      return await this.#current.run(scope, work)
    } finally {
      scope.open = false
    }
  }

  assertOutside(): void {
    if (this.#current.getStore()?.open) {
      throw new StoreError('Inside a transaction only the handle it was given can be used')
    }
  }
}
