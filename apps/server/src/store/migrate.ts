import { sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { StoreError } from './errors.ts'
import { isPostgres } from './migrations/column-types.ts'
import { migrations } from './migrations/index.ts'
import type { Db } from './store.ts'
import { codeOf } from './values.ts'

/**
 * Migrates the tables to this version in one transaction. Throws a StoreError when a newer version has migrated the store.
 * `place` names the store in messages.
 */
export async function migrate(
  db: Db,
  place: string,
  known: Record<string, Migration> = migrations,
): Promise<void> {
  const names = Object.keys(known)
  const done = await executedMigrations(db)
  const newer = done.filter((name) => !names.includes(name))
  if (newer.length > 0) {
    throw new StoreError(
      `${place} was written by a newer version of Rolecall (it has ${newer.join(', ')}); start that version, or restore a backup this one made.`,
    )
  }
  if (done.length === names.length) return
  if (isPostgres(db)) await createLock(db)
  await db.transaction().execute(async (tx) => {
    await lockStart(tx)
    const migrator = new Migrator({ db: tx, provider: { getMigrations: async () => known } })
    const { error } = await migrator.migrateToLatest()
    if (error !== undefined) throw new Error(`${place} could not be migrated`, { cause: error })
  })
}

async function executedMigrations(db: Db): Promise<string[]> {
  try {
    const { rows } = await sql<{ name: string }>`select name from kysely_migration`.execute(db)
    return rows.map(({ name }) => name)
  } catch (error) {
    if (isMissingTable(error)) return []
    throw error
  }
}

/** SQLSTATE 42P01. SQLite has a message and no code. */
function isMissingTable(error: unknown): boolean {
  return codeOf(error) === '42P01' || (error instanceof Error && error.message.startsWith('no such table'))
}

/** unique_violation in the catalogue, duplicate_table, duplicate_object (its row type). */
const LOST_RACE = new Set<unknown>(['23505', '42P07', '42710'])

/**
 * When several nodes start together, one migrates and the others wait for its row lock. Two concurrent "create table if
 * not exists" can conflict in PostgreSQL. The table then exists.
 */
async function createLock(db: Db): Promise<void> {
  const create = sql`create table if not exists migration_lock (id integer primary key)`
  try {
    await create.execute(db)
  } catch (error) {
    if (!LOST_RACE.has(codeOf(error))) throw error
  }
  await sql`insert into migration_lock (id) values (1) on conflict do nothing`.execute(db)
}

/** Nodes that start together do one after the other what they do in a transaction that begins with this. SQLite has one node. */
export async function lockStart(tx: Db): Promise<void> {
  if (!isPostgres(tx)) return
  await sql`set local statement_timeout = 0`.execute(tx)
  await sql`select id from migration_lock for update`.execute(tx)
}
