import { type CompiledQuery, type DatabaseConnection, type QueryResult, SelectQueryNode } from 'kysely'
import { StoreError, StoreUnavailable } from '../errors.ts'
import { toParameter } from '../values.ts'
import type { Connection, Outcome } from './connection.ts'
import type { Group, Writer } from './writer.ts'

export interface Connections {
  reader: Connection
  writer: Writer
  /** A transaction that takes longer is rolled back, because all other writers wait for it. */
  transactionLimitMs?: number
}

interface Transaction {
  readonly group: Group
  readonly limit: NodeJS.Timeout | undefined
  /** Why nothing more can be done in it. PostgreSQL has this rule; keeping it here shows code that would break there. */
  failure?: Error
  /** Its turn is over: undone because it took too long. */
  ended?: boolean
}

/** What Kysely holds while it runs a query or a transaction. */
export class Session implements DatabaseConnection {
  readonly #connections: Connections
  #transaction: Transaction | undefined

  constructor(connections: Connections) {
    this.#connections = connections
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const { rows, changes, lastInsertRowid } = await this.#run(query)
    return {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query names its row type, as in every driver.
      rows: rows as R[],
      ...(changes !== undefined && { numAffectedRows: BigInt(changes) }),
      ...(lastInsertRowid !== undefined && { insertId: BigInt(lastInsertRowid) }),
    }
  }

  // oxlint-disable-next-line require-yield -- Kysely asks for it; this store answers pages, found by key.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new StoreError('This store does not stream; page by key instead')
  }

  async begin(): Promise<void> {
    const { writer, transactionLimitMs: limitMs } = this.#connections
    const group = await writer.enter()
    const limit = limitMs === undefined ? undefined : setTimeout(() => void this.#giveUp(limitMs), limitMs)
    this.#transaction = { group, limit }
    // When there is no transaction, every statement that follows says why.
    writer.send('savepoint member').catch(() => {})
  }

  async commit(): Promise<void> {
    const { writer } = this.#connections
    clearTimeout(this.#transaction?.limit)
    await this.#inTransaction(() => writer.send('release member'))
    await writer.leave(this.#end().group)
  }

  /** Leaves no trace of this transaction and none on the others of its group. Waits for them, having seen their rows. */
  async rollback(): Promise<void> {
    if (!this.#transaction) return
    const { group, ended } = this.#end()
    if (ended) return
    await this.#undo()
    await this.#connections.writer.leave(group).catch(() => {})
  }

  async #run({ sql, parameters, query }: CompiledQuery): Promise<Outcome> {
    const { reader, writer } = this.#connections
    const values = parameters.map(toParameter)
    if (this.#transaction) return this.#inTransaction(() => writer.send(sql, values))
    return SelectQueryNode.is(query) ? reader.run(sql, values) : writer.single(sql, values)
  }

  async #inTransaction<T>(work: () => Promise<T>): Promise<T> {
    const transaction = this.#transaction
    if (!transaction) throw new StoreError('The transaction is over')
    if (transaction.failure) throw transaction.failure
    try {
      return await work()
    } catch (error) {
      transaction.failure ??= new StoreError('An earlier statement of this transaction failed', {
        cause: error,
      })
      throw error
    }
  }

  #end(): Transaction {
    const transaction = this.#transaction
    if (!transaction) throw new StoreError('The transaction is over')
    clearTimeout(transaction.limit)
    this.#transaction = undefined
    return transaction
  }

  /** If even that fails, the whole group goes: its COMMIT finds no transaction and tells every member. */
  async #undo(): Promise<void> {
    const { writer } = this.#connections
    try {
      await Promise.all([writer.send('rollback to member'), writer.send('release member')])
    } catch {
      await writer.send('rollback').catch(() => {})
    }
  }

  async #giveUp(limitMs: number): Promise<void> {
    const transaction = this.#transaction
    if (!transaction) return
    transaction.failure = new StoreUnavailable(`A transaction took longer than ${limitMs} ms and was undone`)
    transaction.ended = true
    await this.#undo()
    this.#connections.writer.leave(transaction.group).catch(() => {})
  }
}
