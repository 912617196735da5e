import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'
import type { WriteHealth } from './write-health.ts'

/** The store itself or an open transaction: the functions of a slice's `store.ts` take it first. */
export type Db = Kysely<Database>

/** What a server waits for and keeps open at most. For a database server alone: the file store has no connections. */
export interface DatabaseLimits {
  connections: number
  /** For opening a connection. */
  connectSeconds: number
  /** For getting a connection, while all are in use or a new one is opened. */
  queueSeconds: number
  /** For a statement, in the database and, a little later, on this side of the connection. */
  querySeconds: number
  /**
   * What a connection stays the same for. `transaction`: a pooler such as PgBouncer may give each transaction another
   * session of the database, so that statements have no names, and limits of a session are left to the role.
   */
  pooling: 'session' | 'transaction'
}

export interface Store {
  readonly kind: 'sqlite' | 'postgres'
  /** Reads and single writes. A write has reached the disk when its promise resolves. */
  readonly db: Db
  /**
   * Runs several statements as one: all of them or, when `work` throws, none. Inside, use `tx` alone (the store's own
   * handle throws a StoreError there) and do nothing slow. A failed statement ends the transaction, even if caught.
   * PostgreSQL may require `work` to run again (deadlock, serialization failure): it must change nothing but rows.
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /**
   * Calls back when a transaction of this process that recorded a change has been committed, before its promise
   * resolves: a cache that is read after the write has the new value. Returns the function that ends it.
   */
  onChange(listener: () => void): () => void
  /** As `onChange`, for a transaction that wrote marks (`marks.ts`). */
  onMarks(listener: () => void): () => void
  /** Rejects while the store does not answer, and after a failed write until a write succeeds again. */
  check(): Promise<void>
  /** What is free on the disk of the store. Absent for a database server, whose disk is elsewhere. */
  freeBytes?: () => Promise<number>
  /** How much waits to be written (SQLite), or waits for a connection (PostgreSQL). */
  waiting(): number
  close(): Promise<void>
}

/** A store as a database opens it; changes and checks are the same for all of them. */
export type OpenedStore = Omit<Store, 'onChange' | 'onMarks' | 'check'> & { writes: WriteHealth }
