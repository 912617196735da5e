import { createHash } from 'node:crypto'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { Client, type ClientConfig, DatabaseError, Pool, type PoolClient, types } from 'pg'
import { observed } from '../../telemetry/operations.ts'
import { isUnavailable, StoreUnavailable } from '../errors.ts'
import type { DatabaseLimits } from '../store.ts'
import { codeOf, toParameter } from '../values.ts'
import type { WriteHealth } from '../write-health.ts'

/** A statement that takes longer continues only while the database answers a probe. */
const PROBE_AFTER_MS = 1_500
/** How long a request waits for a probe while the last one has failed. */
const AWAY_WAIT_MS = 1_000
/** Every connection keeps the plans of named statements, so statements whose text varies (lists in `in`) must be limited. */
const NAMES_KEPT = 300

/**
 * Kysely's pool. A repeated statement is prepared under a name, so that it is not parsed and planned again. When the
 * database accepts connections but does not answer (a frozen host, a lost route), every statement fails within
 * PROBE_AFTER_MS and the limit for opening a connection. A slow statement has the limit of the database server, and
 * one that the server does not end (a commit that waits for a lost standby) fails here.
 *
 * After a fail-over the other connections lead to the same lost server as the one that broke. None of those that were
 * opened before is given out again.
 */
export class StatementPool implements PostgresPool {
  readonly options: object
  readonly #pool: Pool
  readonly #clients = new WeakMap<PoolClient, OpenConnection>()
  readonly #names = new Map<string, string | undefined>()
  readonly #databaseUrl: string
  readonly #limits: DatabaseLimits
  readonly #writes: WriteHealth
  #probing: Promise<void> | undefined
  /** The last probe failed. The pool gives out connections only after a successful one. */
  #isAway = false
  /** How often a connection was lost. A connection that was opened before the last time is not given out. */
  #losses = 0
  /** How often a plan was stale. Part of the names, so that no statement finds its old plan. */
  #stalePlans = 0
  readonly #standbys = new WeakSet<object>()

  constructor(databaseUrl: string, limits: DatabaseLimits, writes: WriteHealth) {
    this.#databaseUrl = databaseUrl
    this.#limits = limits
    this.#writes = writes
    const { connections, queueSeconds, querySeconds, pooling } = limits
    const statementMs = Number.isFinite(querySeconds) ? querySeconds * 1_000 : 0
    this.#pool = new Pool({
      connectionString: databaseUrl,
      application_name: 'rolecall',
      max: connections,
      connectionTimeoutMillis: queueSeconds * 1_000,
      // A pooler refuses parameters of a session.
      ...(pooling === 'session' && {
        statement_timeout: statementMs,
        idle_in_transaction_session_timeout: 15_000,
      }),
      keepAlive: true,
      types: { getTypeParser },
      Client: this.#clientClass(),
    })
    this.options = this.#pool.options
    // Without a listener the error of a broken connection ends the process. The pool has removed an idle one by then. A
    // connection in use also rejects its query, but has no listener of the pool.
    this.#pool.on('error', () => this.#losses++)
    this.#pool.on('connect', (client) => client.on('error', () => {}))
  }

  async connect(): Promise<PostgresPoolClient> {
    if (this.#isAway) await this.#untilBack()
    for (;;) {
      const client = await this.#pool.connect()
      const connection = this.#clients.get(client) ?? this.#open(client)
      if (this.#standbys.has(client)) {
        client.release(true)
        throw new StoreUnavailable('The database is a standby: DATABASE_URL must lead to the primary')
      }
      if (connection.losses === this.#losses) return connection.handle
      client.release(true)
    }
  }

  #open(client: PoolClient): OpenConnection {
    let broken = false
    const send = async (sql: string, values: ReturnType<typeof toStorable>[]): Promise<unknown> => {
      const name = this.#nameOf(sql)
      try {
        return await this.#whileAlive(client.query({ text: sql, values, ...(name && { name }) }))
      } catch (error) {
        broken = isLost(error)
        if (broken) this.#losses++
        this.#writes.note(error)
        throw error
      }
    }
    const run = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
      // For example the ROLLBACK after a statement that timed out.
      if (broken) throw new StoreUnavailable('The connection to the database is lost')
      const values = parameters.map(toStorable)
      return observed(sql.startsWith('select ') ? 'store.read' : 'store.write', () =>
        send(sql, values).catch((error: unknown) => {
          if (!isStalePlan(error)) throw error
          this.#names.clear()
          this.#stalePlans++
          // Inside a transaction, which has failed with it, the whole transaction is tried again.
          return send(sql, values).catch(() => Promise.reject(error))
        }),
      )
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query names its row type; its other form, a cursor, is not used.
    const query = run as PostgresPoolClient['query']
    const handle: PostgresPoolClient = { query, release: (destroy) => client.release(destroy || broken) }
    const connection = { handle, losses: this.#losses }
    this.#clients.set(client, connection)
    return connection
  }

  /** Those that wait for a connection. */
  get waiting(): number {
    return this.#pool.waitingCount
  }

  end(): Promise<void> {
    return this.#pool.end()
  }

  /** Settles like `answer`, or rejects when the database stops answering. */
  async #whileAlive<T>(answer: Promise<T>): Promise<T> {
    const settled = settlement(answer)
    // The server's own limit comes first, and leaves the connection usable.
    const last = performance.now() + this.#limits.querySeconds * 1_000 + PROBE_AFTER_MS
    while (!(await settlesWithin(settled, PROBE_AFTER_MS))) {
      if (performance.now() > last)
        throw new StoreUnavailable('The database did not finish a statement in time')
      await this.#probe()
    }
    return answer
  }

  /** The driver's, with a limit for opening, and with the knowledge of which server it is (PostgreSQL 14 and later tell). */
  #clientClass() {
    const connectionTimeoutMillis = this.#limits.connectSeconds * 1_000
    const standbys = this.#standbys
    return class extends Client {
      constructor(config?: ClientConfig) {
        super({ ...config, connectionTimeoutMillis })
        this.connection.on('parameterStatus', (status: { parameterName: string; parameterValue: string }) => {
          if (status.parameterName !== 'in_hot_standby') return
          if (status.parameterValue === 'on') standbys.add(this)
          else standbys.delete(this)
        })
      }
    }
  }

  /** While the database is away, requests are refused soon, and the probe goes on. */
  async #untilBack(): Promise<void> {
    const probing = this.#probe()
    if (!(await settlesWithin(settlement(probing), AWAY_WAIT_MS)))
      throw new StoreUnavailable('The database does not answer')
    await probing
  }

  /** Opens a connection, which the database has to answer. Concurrent calls share one probe. */
  #probe(): Promise<void> {
    this.#probing ??= this.#openAndClose().finally(() => {
      this.#probing = undefined
    })
    return this.#probing
  }

  async #openAndClose(): Promise<void> {
    const client = new Client({
      connectionString: this.#databaseUrl,
      connectionTimeoutMillis: this.#limits.connectSeconds * 1_000,
    })
    client.on('error', () => {})
    try {
      await client.connect()
      this.#isAway = false
    } catch (error) {
      // too_many_connections is an answer.
      this.#isAway = codeOf(error) !== '53300'
      if (this.#isAway) throw new StoreUnavailable('The database does not answer', { cause: error })
    } finally {
      void client.end().catch(() => {})
    }
  }

  /**
   * No name for the first use, then one derived from the text, so that it is unique. A statement with a pattern never has
   * one: the plan of a named statement would not depend on the pattern, which decides the index that limits it most.
   */
  #nameOf(sql: string): string | undefined {
    if (this.#limits.pooling === 'transaction' || sql.includes(' like ')) return undefined
    if (this.#names.has(sql)) {
      const name =
        this.#names.get(sql) ?? createHash('sha256').update(`${this.#stalePlans} ${sql}`).digest('base64url')
      this.#names.set(sql, name)
      return name
    }
    if (this.#names.size < NAMES_KEPT) this.#names.set(sql, undefined)
    return undefined
  }
}

/** A connection of the pool, as Kysely uses it. */
interface OpenConnection {
  handle: PostgresPoolClient
  /** The count of lost connections when it was opened. */
  losses: number
}

/** Resolves with true when the promise is fulfilled or rejected. */
function settlement(promise: Promise<unknown>): Promise<true> {
  return promise.then(
    () => true,
    () => true,
  )
}

async function settlesWithin(settled: Promise<true>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  // An answer that arrived while this thread was busy is read before the immediate runs.
  const timer = setTimeout(() => setImmediate(() => late.resolve(false)), milliseconds)
  try {
    return await Promise.race([settled, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/**
 * Whether the connection leads to no primary any more: the server ended the session (57P01 and others), is a standby
 * (25006), or does not answer. The pool detects a closed socket, possibly after the next query.
 */
function isLost(error: unknown): boolean {
  if (error instanceof DatabaseError) return error.severity === 'FATAL' || error.code === '25006'
  return isUnavailable(error)
}

/**
 * A migration by a newer version has changed the columns of a table (feature_not_supported, from RevalidateCachedQuery of
 * PostgreSQL). The statement was not executed.
 */
export function isStalePlan(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === '0A000' && error.routine === 'RevalidateCachedQuery'
}

/** PostgreSQL stores no NUL in text. It becomes U+FFFD, as lone surrogates do in both drivers, so a lookup finds nothing. */
function toStorable(parameter: unknown): ReturnType<typeof toParameter> {
  const value = toParameter(parameter)
  return typeof value === 'string' ? value.replaceAll('\0', '\ufffd') : value
}

/** Rows as node:sqlite gives them: whole numbers are numbers, JSON stays text for `fromJson`. By the types' OIDs in pg_type. */
const parsers = new Map<number, (text: string) => unknown>([
  [20 /* int8 */, toNumber],
  [1700 /* numeric, as sums are */, toNumber],
  [114 /* json */, String],
  [3802 /* jsonb */, String],
])

const getTypeParser: typeof types.getTypeParser = (type: Parameters<typeof types.getTypeParser>[0]) =>
  parsers.get(type) ?? types.getTypeParser(type)

function toNumber(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    throw new RangeError(`${text} is too large a number`)
  return value
}
