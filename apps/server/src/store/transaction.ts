import type { Clock } from '../clock.ts'
import type { Db, Store } from './store.ts'

/** An open transaction, which every rule that changes something takes first. A route or a job opens it, once. */
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
