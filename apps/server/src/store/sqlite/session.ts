import { type CompiledQuery, type DatabaseConnection, type QueryResult, SelectQueryNode } from 'kysely'
import { observed } from '../../telemetry/operations.ts'
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
  /** Why the transaction can run no further statement. PostgreSQL has this rule, so code that breaks it fails here too. */
  failure?: Error
  /** Its turn has ended: it was rolled back because it took too long. */
  ended?: boolean
}

/** Kysely's connection for one query or transaction. */
export class Session implements DatabaseConnection {
  readonly #connections: Connections
  #transaction: Transaction | undefined

  constructor(connections: Connections) {
    this.#connections = connections
  }

  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const name = SelectQueryNode.is(query.query) ? 'store.read' : 'store.write'
    const { rows, changes, lastInsertRowid } = await observed(name, () => this.#run(query))
    return {
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query names its row type, as in every driver.
      rows: rows as R[],
      ...(changes !== undefined && { numAffectedRows: BigInt(changes) }),
      ...(lastInsertRowid !== undefined && { insertId: BigInt(lastInsertRowid) }),
    }
  }

  // oxlint-disable-next-line require-yield -- Kysely requires it. This store pages by key.
  async *streamQuery<R>(): AsyncIterableIterator<QueryResult<R>> {
    throw new StoreError('This store does not stream; page by key instead')
  }

  async begin(): Promise<void> {
    const { writer, transactionLimitMs: limitMs } = this.#connections
    const group = await writer.enter()
    const limit = limitMs === undefined ? undefined : setTimeout(() => void this.#giveUp(limitMs), limitMs)
    this.#transaction = { group, limit }
    // Without a transaction, every later statement fails with the reason.
    writer.send('savepoint member').catch(() => {})
  }

  async commit(): Promise<void> {
    const { writer } = this.#connections
    clearTimeout(this.#transaction?.limit)
    await this.#inTransaction(() => writer.send('release member'))
    await writer.leave(this.#end().group)
  }

  /** Rolls back this transaction alone. Waits for the COMMIT of its group, because it may have read their rows. */
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

  /** If this fails, the whole group is rolled back. Its COMMIT then fails for every member. */
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
