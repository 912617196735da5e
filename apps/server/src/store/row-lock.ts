import { isPostgres } from './migrations/column-types.ts'
import type { Db } from './store.ts'

/**
 * Holds the rows of a query until the transaction ends, for a rule that reads, decides and writes:
 * `await lockRows(tx, tx.selectFrom('artifacts')…).executeTakeFirst()`. In SQLite a transaction is alone anyway.
 */
export function lockRows<Query extends { forUpdate(): Query }>(tx: Db, query: Query): Query {
  return isPostgres(tx) ? query.forUpdate() : query
}

/** Keeps others from changing or deleting the rows of a query until the transaction ends; several may share them. */
export function shareRows<Query extends { forShare(): Query }>(tx: Db, query: Query): Query {
  return isPostgres(tx) ? query.forShare() : query
}
