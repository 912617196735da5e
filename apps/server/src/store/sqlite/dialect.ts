import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type Driver,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'
import type { TransactionScope } from '../transaction-scope.ts'
import { Connection } from './connection.ts'

/** Kysely on node:sqlite. */
export function sqliteDialect(file: string, scope: TransactionScope): Dialect {
  return {
    createAdapter: () => new Adapter(),
    createDriver: () => new SqliteDriver(file, scope),
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => new SqliteQueryCompiler(),
  }
}

class Adapter extends SqliteAdapter {
  override get supportsMultipleConnections(): boolean {
    return true
  }

  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

class SqliteDriver implements Driver {
  readonly #scope: TransactionScope
  readonly #connection: Connection
  readonly #session: SqliteSession
  readonly #endTurn = new Map<DatabaseConnection, () => void>()
  #turn = Promise.resolve()

  constructor(file: string, scope: TransactionScope) {
    this.#scope = scope
    this.#connection = new Connection(file, { busyTimeoutMs: 5_000 })
    this.#session = new SqliteSession(this.#connection)
  }

  async init(): Promise<void> {}

  async acquireConnection(): Promise<DatabaseConnection> {
    this.#scope.assertOutside()
    const turn = this.#turn
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#turn = promise
    this.#endTurn.set(await turn.then(() => this.#session), resolve)
    return this.#session
  }

  async beginTransaction(): Promise<void> {
    this.#connection.run('begin immediate', [])
  }

  async commitTransaction(): Promise<void> {
    this.#connection.run('commit', [])
  }

  async rollbackTransaction(): Promise<void> {
    this.#connection.run('rollback', [])
  }

  async releaseConnection(session: DatabaseConnection): Promise<void> {
    this.#endTurn.get(session)?.()
  }

  async destroy(): Promise<void> {
    this.#connection.close()
  }
}

class SqliteSession implements DatabaseConnection {
  readonly #connection: Connection

  constructor(connection: Connection) {
    this.#connection = connection
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes, lastInsertRowid } = this.#connection.run(query.sql, query.parameters)
    return {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query names its row type, as in every driver.
      rows: rows as R[],
      ...(changes !== undefined && { numAffectedRows: BigInt(changes) }),
      ...(lastInsertRowid !== undefined && { insertId: BigInt(lastInsertRowid) }),
    }
  }

  // oxlint-disable-next-line require-yield -- Kysely's interface; rows are few here, so nothing streams.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new Error('This store does not stream; page by key instead')
  }
}
