import { type Kysely, sql } from 'kysely'
import { type Migration, Migrator } from 'kysely/migration'
import { migrations } from './migrations/index.ts'
import { StoreError } from './store-error.ts'

/**
 * Brings the tables to this version's shape, in one transaction. Throws a StoreError when a newer version was here
 * before, whose rows this one could not keep intact.
 */
export async function migrate(
  db: Kysely<unknown>,
  place: string,
  known: Record<string, Migration> = migrations,
): Promise<void> {
  await db.transaction().execute(async (tx) => {
    const unknown = (await executedMigrations(tx)).filter((name) => !Object.hasOwn(known, name))
    if (unknown.length > 0) {
      throw new StoreError(
        `${place} was written by a newer version of Rolecall (it has ${unknown.join(', ')}); start that version, or restore a backup made by this one.`,
      )
    }
    const migrator = new Migrator({ db: tx, provider: { getMigrations: async () => known } })
    const { error } = await migrator.migrateToLatest()
    if (error) throw error
  })
}

async function executedMigrations(db: Kysely<unknown>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true })
  if (!tables.some(({ name }) => name === 'kysely_migration')) return []
  const { rows } = await sql<{ name: string }>`select name from kysely_migration order by name`.execute(db)
  return rows.map(({ name }) => name)
}
