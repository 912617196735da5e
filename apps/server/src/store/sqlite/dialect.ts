import { type Dialect, type Driver, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely'
import type { TransactionScope } from '../transaction.ts'
import { type Connections, Session } from './session.ts'

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
  /** Writes are serialized by the writer thread. Reads run concurrently. */
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
    // Reads fail too once the writer has failed, so that the health check, which only reads, reports it.
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

  /** The connection that closes last truncates the write-ahead log, and only the writer can. */
  async destroy(): Promise<void> {
    this.#connections.reader.close()
    await this.#connections.writer.close()
  }
}
