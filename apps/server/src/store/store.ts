import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'
import { openPostgres } from './postgres/open.ts'
import { openSqlite } from './sqlite/open.ts'

/** The store itself or an open transaction: the functions of a slice's `store.ts` take it first. */
export type Db = Kysely<Database>

export interface Store {
  readonly kind: 'sqlite' | 'postgres'
  /** Reads and single writes. A write has reached the disk when its promise resolves. */
  readonly db: Db
  /**
   * Runs several statements as one: all of them or, when `work` throws, none. Inside, use `tx` alone (the store's own
   * handle throws a StoreError there) and do nothing slow. A failed statement ends the transaction, even if caught.
   * PostgreSQL may ask for `work` again (deadlock, serialization failure): it must change nothing but rows.
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/**
 * Opens the store, locks it against a second server where one file has room for one only, and brings its tables up to
 * date. Throws a StoreError whose message an operator can act on.
 */
export async function openStore(where: { file: string } | { databaseUrl: string }): Promise<Store> {
  return 'file' in where ? openSqlite(where.file) : openPostgres(where.databaseUrl)
}

export { StoreError } from './store-error.ts'
