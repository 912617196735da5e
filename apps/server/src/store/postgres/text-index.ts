import { sql } from 'kysely'
import type { Db } from '../store.ts'
import { codeOf } from '../values.ts'

const tables = ['users', 'roles', 'apis', 'applications']

/** insufficient_privilege, feature_not_supported (an extension that is not on the machine), undefined_file, undefined_object. */
const unavailable = new Set<unknown>(['42501', '0A000', '58P01', '42704'])

/**
 * Creates the trigram indexes of `search_text` unless they exist. They need the extension pg_trgm, which an owner of the
 * database can create where it is installed. @returns whether the indexes exist
 */
export async function ensureTextIndexes(db: Db): Promise<boolean> {
  if (await hasIndexes(db)) return true
  try {
    await db.transaction().execute(async (tx) => {
      await sql`set local statement_timeout = 0`.execute(tx)
      // Servers that start together create them once.
      await sql`select id from migration_lock for update`.execute(tx)
      await sql`create extension if not exists pg_trgm`.execute(tx)
      for (const table of tables)
        await sql`create index if not exists ${sql.ref(`${table}_by_search_text`)} on ${sql.table(table)}
          using gin (search_text gin_trgm_ops)`.execute(tx)
    })
    return true
  } catch (error) {
    if (!unavailable.has(codeOf(error))) throw error
    return false
  }
}

async function hasIndexes(db: Db): Promise<boolean> {
  const { rows } = await sql<{ found: boolean }>`select ${sql.join(
    tables.map((table) => sql`to_regclass(${`${table}_by_search_text`}) is not null`),
    sql` and `,
  )} as found`.execute(db)
  return rows[0]?.found === true
}
