import { createHash } from 'node:crypto'
import { sql } from 'kysely'
import { StoreError } from './errors.ts'
import type { Database } from './schema.ts'
import type { Db, Store } from './store.ts'
import { fromJson } from './values.ts'

/**
 * The primary key of each table, parents before children. `changes` is for the caches of running servers, and is not
 * copied.
 */
const keys: Record<keyof Database, readonly string[] | undefined> = {
  settings: ['id'],
  apis: ['id'],
  permissions: ['api_id', 'value'],
  roles: ['id'],
  role_permissions: ['role_id', 'api_id', 'permission'],
  connections: ['id'],
  applications: ['client_id'],
  connection_applications: ['connection_id', 'client_id'],
  users: ['user_id'],
  passwords: ['user_id'],
  user_roles: ['user_id', 'role_id'],
  user_permissions: ['user_id', 'api_id', 'permission'],
  authentication_methods: ['id'],
  recovery_codes: ['method_id', 'code_hash'],
  identities: ['connection_id', 'subject'],
  identity_roles: ['connection_id', 'subject', 'role_id'],
  secret_uses: ['client_id', 'secret_hash'],
  client_grants: ['id'],
  client_grant_permissions: ['grant_id', 'permission'],
  consents: ['id'],
  consent_scopes: ['consent_id', 'scope'],
  signing_keys: ['kid'],
  artifacts: ['kind', 'id_hash'],
  sign_in_attempts: ['key'],
  tickets: ['token_hash'],
  outbox: ['id'],
  jobs: ['id'],
  job_errors: ['job_id', 'seq'],
  user_imports: ['job_id'],
  user_import_batches: ['job_id', 'seq'],
  logs: ['log_id'],
  log_targets: ['target_id', 'log_id'],
  log_streams: ['id'],
  log_stream_failures: ['id'],
  mark_counter: ['id'],
  marks: ['number'],
  audience_subjects: ['audience', 'subject'],
  changes: undefined,
}
const copied = Object.entries(keys).flatMap(([table, key]) => (key === undefined ? [] : [{ table, key }]))

/** Rows of a statement. The widest table has 30 columns, and SQLite allows 32,766 parameters. */
const batchSize = 500
/** SQLite numbers the rows of its text index itself. */
const ownOfSqlite = 'search_id'

type Row = Record<string, unknown>
/** How PostgreSQL stores the columns that SQLite has no type for. */
type ColumnTypes = ReadonlyMap<string, string>

interface CopiedTable {
  table: string
  rows: number
}

/**
 * Copies a store into an empty one of the other kind, in batches, and compares the number and the contents of the rows of
 * each table. No server may use either store.
 * @throws StoreError when the target is not empty, or its rows differ in the end
 */
export async function copyStore(source: Store, target: Store): Promise<CopiedTable[]> {
  await requireEmpty(target.db)
  const types = await columnTypesOf(source.kind === 'postgres' ? source.db : target.db)
  // A migration has made the only row of this table.
  await target.db.deleteFrom('mark_counter').execute()
  const tables: CopiedTable[] = []
  for (const { table, key } of copied) {
    const read = new Digest(types, table)
    for await (const rows of batches(source.db, table, key)) {
      read.add(rows)
      await insert(target, table, rows, types)
    }
    const written = new Digest(types, table)
    for await (const rows of batches(target.db, table, key)) written.add(rows)
    if (!read.equals(written))
      throw new StoreError(
        `${table} differs after the copy: ${read.rows} rows were read, and ${written.rows} are there. Stop all servers, empty the target and start again.`,
      )
    tables.push({ table, rows: read.rows })
  }
  return tables
}

async function requireEmpty(db: Db): Promise<void> {
  for (const { table } of copied) {
    if (table === 'mark_counter') continue
    const { rows } = await sql`select 1 from ${sql.table(table)} limit 1`.execute(db)
    if (rows.length > 0)
      throw new StoreError(`The target is not empty: it has rows in ${table}. Give a new file or database.`)
  }
}

async function* batches(db: Db, table: string, key: readonly string[]): AsyncGenerator<Row[]> {
  const columns = sql.join(key.map((name) => sql.ref(name)))
  let last: Row | undefined
  for (;;) {
    const row = last
    const after =
      row === undefined ? sql`` : sql`where (${columns}) > (${sql.join(key.map((name) => row[name]))})`
    const { rows } = await sql<Row>`
      select * from ${sql.table(table)} ${after} order by ${columns} limit ${sql.lit(batchSize)}`.execute(db)
    last = rows.at(-1)
    if (last === undefined) return
    for (const one of rows) delete one[ownOfSqlite]
    yield rows
  }
}

async function insert(target: Store, table: string, rows: Row[], types: ColumnTypes): Promise<void> {
  const [first = {}] = rows
  const columns = Object.keys(first)
  const convert = (value: unknown, type: string | undefined) =>
    type === 'boolean' && value !== null ? asFlag(value, target.kind) : value
  const values = rows.map(
    (row) =>
      sql`(${sql.join(columns.map((column) => convert(row[column], types.get(`${table}.${column}`))))})`,
  )
  await sql`
    insert into ${sql.table(table)} (${sql.join(columns.map((column) => sql.ref(column)))})
    values ${sql.join(values)}`.execute(target.db)
}

const asFlag = (value: unknown, kind: Store['kind']) => (kind === 'postgres' ? Boolean(value) : Number(value))

async function columnTypesOf(postgres: Db): Promise<ColumnTypes> {
  const { rows } = await sql<{ place: string; type: string }>`
    select table_name || '.' || column_name as place, data_type as type
    from information_schema.columns where table_schema = current_schema()`.execute(postgres)
  return new Map(rows.map(({ place, type }) => [place, type]))
}

/** The number of rows, and a checksum that does not depend on their order. */
class Digest {
  readonly #types: ColumnTypes
  readonly #table: string
  #sum = 0n
  rows = 0

  constructor(types: ColumnTypes, table: string) {
    this.#types = types
    this.#table = table
  }

  add(rows: readonly Row[]): void {
    for (const row of rows) {
      const hash = createHash('sha256')
        .update(JSON.stringify(this.#canonical(row)))
        .digest('hex')
      this.#sum = BigInt.asUintN(256, this.#sum + BigInt(`0x${hash}`))
      this.rows++
    }
  }

  equals(other: Digest): boolean {
    return this.rows === other.rows && this.#sum === other.#sum
  }

  #canonical(row: Row): unknown[] {
    return Object.keys(row)
      .toSorted()
      .map((column) => [column, canonical(row[column], this.#types.get(`${this.#table}.${column}`))])
  }
}

function canonical(value: unknown, type: string | undefined): unknown {
  if (value === null) return null
  if (type === 'boolean') return Boolean(value)
  return type === 'jsonb' ? sorted(fromJson(value)) : value
}

/** jsonb has an order of members of its own. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)])
}
