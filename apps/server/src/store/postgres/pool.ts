import { createHash } from 'node:crypto'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { Client, DatabaseError, Pool, type PoolClient, types } from 'pg'
import { observed } from '../../telemetry/operations.ts'
import { StoreUnavailable } from '../errors.ts'
import { codeOf, toParameter } from '../values.ts'
import type { WriteHealth } from '../write-health.ts'

const CONNECTIONS = 10
/** For opening a connection, and for waiting in the queue for one. */
const CONNECT_TIMEOUT_MS = 2_000
/** A statement that takes longer continues only while the database answers a probe. */
const PROBE_AFTER_MS = 1_500
const PROBE_TIMEOUT_MS = 1_000
/** Every connection keeps the plans of named statements, so statements whose text varies (lists in `in`) must be limited. */
const NAMES_KEPT = 300

/**
 * Kysely's pool. A repeated statement is prepared under a name, so that it is not parsed and planned again. When the
 * database accepts connections but does not answer (a frozen host, a lost route), every statement fails within
 * PROBE_AFTER_MS + PROBE_TIMEOUT_MS. A slow statement has the limit of the database server.
 */
export class StatementPool implements PostgresPool {
  readonly options: object
  readonly #pool: Pool
  readonly #clients = new WeakMap<PoolClient, PostgresPoolClient>()
  readonly #names = new Map<string, string | undefined>()
  readonly #databaseUrl: string
  readonly #writes: WriteHealth
  #probing: Promise<void> | undefined
  /** The last probe failed. The pool gives out connections only after a successful one. */
  #isAway = false

  constructor(databaseUrl: string, writes: WriteHealth) {
    this.#databaseUrl = databaseUrl
    this.#writes = writes
    this.#pool = new Pool({
      connectionString: databaseUrl,
      application_name: 'rolecall',
      max: CONNECTIONS,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 15_000,
      keepAlive: true,
      types: { getTypeParser },
    })
    this.options = this.#pool.options
    // Without a listener the error of a broken connection ends the process. The pool has removed an idle one by then. A
    // connection in use also rejects its query, but has no listener of the pool.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => client.on('error', () => {}))
  }

  async connect(): Promise<PostgresPoolClient> {
    if (this.#isAway) await this.#probe()
    const client = await this.#pool.connect()
    const known = this.#clients.get(client)
    if (known) return known
    let broken = false
    const run = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
      // For example the ROLLBACK after a statement that timed out.
      if (broken) throw new StoreUnavailable('The connection to the database is lost')
      const name = this.#nameOf(sql)
      try {
        return await observed(sql.startsWith('select ') ? 'store.read' : 'store.write', () =>
          this.#whileAlive(
            client.query({ text: sql, values: parameters.map(toStorable), ...(name && { name }) }),
          ),
        )
      } catch (error) {
        broken = isFatal(error) || error instanceof StoreUnavailable
        this.#writes.note(error)
        throw error
      }
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query names its row type; its other form, a cursor, is not used.
    const query = run as PostgresPoolClient['query']
    const wrapped: PostgresPoolClient = { query, release: (destroy) => client.release(destroy || broken) }
    this.#clients.set(client, wrapped)
    return wrapped
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
    const settled = answer.then(
      () => true,
      () => true,
    )
    while (!(await settlesWithin(settled, PROBE_AFTER_MS))) await this.#probe()
    return answer
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
      connectionTimeoutMillis: PROBE_TIMEOUT_MS,
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
    if (sql.includes(' like ')) return undefined
    if (this.#names.has(sql)) {
      const name = this.#names.get(sql) ?? createHash('sha256').update(sql).digest('base64url')
      this.#names.set(sql, name)
      return name
    }
    if (this.#names.size < NAMES_KEPT) this.#names.set(sql, undefined)
    return undefined
  }
}

async function settlesWithin(settled: Promise<boolean>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<false>()
  const timer = setTimeout(() => late.resolve(false), milliseconds)
  try {
    return await Promise.race([settled, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

/** Whether the server ended the session. The pool detects it from the socket, possibly after the next query. */
function isFatal(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === 'FATAL'
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
