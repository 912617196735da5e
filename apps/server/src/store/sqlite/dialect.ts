import { type Dialect, type Driver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { TransactionScope } from '../transaction-scope.ts'
import type { Connection } from './connection.ts'
import { Session } from './session.ts'
import type { Writer } from './writer.ts'

export interface Connections {
  reader: Connection
  writer: Writer
  /** After this time a transaction is undone: while it waits for something slow, every other writer waits too. */
  transactionLimitMs?: number
}

/** Kysely on node:sqlite: reads on this thread, writes on another. */
export function sqliteDialect(connections: Connections, scope: TransactionScope): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new SessionDriver(connections, scope),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

class Adapter extends SqliteAdapter {
  /** Sessions wait for each other where they must, in the writer, and reads wait for nobody. */
  override get supportsMultipleConnections(): boolean {
    return true
  }

  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class SessionDriver implements Driver {
  readonly #connections: Connections
  readonly #scope: TransactionScope

  constructor(connections: Connections, scope: TransactionScope) {
    this.#connections = connections
    this.#scope = scope
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<Session> {
    this.#scope.assertOutside()
    // A server that cannot write any more must look broken to its health check too, which only reads.
    if (this.#connections.writer.failure) throw this.#connections.writer.failure
    return new Session(this.#connections)
  }

  beginTransaction(session: Session): Promise<void> {
    return session.begin()
  }

  commitTransaction(session: Session): Promise<void> {
    return session.commit()
  }

  rollbackTransaction(session: Session): Promise<void> {
    return session.rollback()
  }

  async releaseConnection(): Promise<void> {}

  /** The reader goes first, so that the writer, last to leave, empties the write-ahead log. */
  async destroy(): Promise<void> {
    this.#connections.reader.close()
    await this.#connections.writer.close()
  }
}
