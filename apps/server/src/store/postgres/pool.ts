import { createHash } from 'node:crypto'
import type { PostgresPool, PostgresPoolClient } from 'kysely'
import { DatabaseError, Pool, type PoolClient, types } from 'pg'
import { toParameter } from '../values.ts'

const CONNECTIONS = 10
/** A statement's plan stays with every connection, so statements whose text varies (lists in `in`) must not pile up there. */
const NAMES_KEPT = 300

/** The pool as Kysely wants it: a statement seen before is prepared under a name and not parsed and planned again. */
export class StatementPool implements PostgresPool {
  readonly options: object
  readonly #pool: Pool
  readonly #clients = new WeakMap<PoolClient, PostgresPoolClient>()
  readonly #names = new Map<string, string | undefined>()

  constructor(databaseUrl: string) {
    this.#pool = new Pool({
      connectionString: databaseUrl,
      application_name: 'rolecall',
      max: CONNECTIONS,
      connectionTimeoutMillis: 5_000,
      statement_timeout: 15_000,
      idle_in_transaction_session_timeout: 15_000,
      keepAlive: true,
      types: { getTypeParser },
    })
    this.options = this.#pool.options
    // Without a listener the error of a connection that breaks would end the process. An idle one has left the pool by
    // then; one at work tells its query as well, but the pool takes its own listener off while a connection is lent.
    this.#pool.on('error', () => {})
    this.#pool.on('connect', (client) => client.on('error', () => {}))
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.#pool.connect()
    const known = this.#clients.get(client)
    if (known) return known
    let broken = false
    const run = async (sql: string, parameters: readonly unknown[]): Promise<unknown> => {
      const name = this.#nameOf(sql)
      try {
        return await client.query({ text: sql, values: parameters.map(toParameter), ...(name && { name }) })
      } catch (error) {
        broken ||= isFatal(error)
        throw error
      }
    }
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the query names its row type; its other form, a cursor, is not used.
    const query = run as PostgresPoolClient['query']
    const wrapped: PostgresPoolClient = { query, release: (destroy) => client.release(destroy || broken) }
    this.#clients.set(client, wrapped)
    return wrapped
  }

  end(): Promise<void> {
    return this.#pool.end()
  }

  /** Nothing at first sight, a name from the second on; the name follows from the text, so it never means two things. */
  #nameOf(sql: string): string | undefined {
    if (this.#names.has(sql)) {
      const name = this.#names.get(sql) ?? createHash('sha256').update(sql).digest('base64url')
      this.#names.set(sql, name)
      return name
    }
    if (this.#names.size < NAMES_KEPT) this.#names.set(sql, undefined)
    return undefined
  }
}

/** The server ended the session with this error; the pool would learn it from the socket, perhaps after the next query. */
function isFatal(error: unknown): boolean {
  return error instanceof DatabaseError && error.severity === 'FATAL'
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
