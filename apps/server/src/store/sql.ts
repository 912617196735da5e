import { type ExpressionWrapper, type RawBuilder, type SelectQueryBuilder, type SqlBool, sql } from 'kysely'
import { isPostgres } from './migrations/column-types.ts'
import type { Database } from './schema.ts'
import type { Db } from './store.ts'

/** With ten columns, so many rows still need fewer parameters than either database allows. */
const rowsPerStatement = 1_000

/** Cuts a long list into parts that fit one statement each. */
export function* chunks<T>(items: readonly T[]): Generator<T[]> {
  for (let start = 0; start < items.length; start += rowsPerStatement)
    yield items.slice(start, start + rowsPerStatement)
}

/** Counts the rows of a query that selects nothing yet. */
export async function countRows<DB, Tables extends keyof DB>(
  query: SelectQueryBuilder<DB, Tables, object>,
): Promise<number> {
  const { total } = await query
    .select((eb) => eb.fn.countAll().as('total'))
    .$castTo<{ total: number | string }>()
    .executeTakeFirstOrThrow()
  // PostgreSQL returns the count as text.
  return Number(total)
}

/**
 * Locks the rows of a query until the transaction ends, for a rule that reads, decides and writes:
 * `await lockRows(tx, tx.selectFrom('artifacts')…).executeTakeFirst()`. SQLite runs one writing transaction at a time and
 * needs no lock.
 */
export function lockRows<Query extends { forUpdate(): Query }>(tx: Db, query: Query): Query {
  return isPostgres(tx) ? query.forUpdate() : query
}

/** Prevents changes and deletions of the rows of a query until the transaction ends. Several transactions may share them. */
export function shareRows<Query extends { forShare(): Query }>(tx: Db, query: Query): Query {
  return isPostgres(tx) ? query.forShare() : query
}

/**
 * Makes a transaction read one state of the store, as its first statement, and wait for others that do so with the same
 * table. PostgreSQL runs the transaction again when another one changed a row that it writes. It takes the state of a
 * transaction after LOCK, and before it with any other statement. SQLite runs one writing transaction at a time.
 */
export async function readOneState(tx: Db, table: keyof Database): Promise<void> {
  if (!isPostgres(tx)) return
  await sql`set transaction isolation level repeatable read`.execute(tx)
  await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(tx)
}

type Column = ExpressionWrapper<never, never, unknown> | RawBuilder<unknown>

/** Escapes a text for a LIKE pattern. */
export function literal(text: string): string {
  return text.replaceAll(/[\\%_]/g, String.raw`\$&`)
}

/** Compares a normalised column with a LIKE pattern whose literal parts are escaped by `literal`. */
export function matches(column: Column, pattern: string): RawBuilder<SqlBool> {
  return sql<SqlBool>`${column} like ${pattern} escape '\\'`
}

/**
 * The first text, in the byte order of the id columns, after all texts that begin with `prefix`; undefined when there is
 * none. The databases answer the range `prefix` ≤ text < end from an index, but not LIKE with a parameter.
 */
export function endOfPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix).map((character) => character.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop())
    if (last < 0x10ffff) return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1)
  return undefined
}
