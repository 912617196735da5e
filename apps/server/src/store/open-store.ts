import { randomBytes } from 'node:crypto'
import { sql } from 'kysely'
import { defaultDatabaseLimits } from '../config.ts'
import { observed } from '../telemetry/operations.ts'
import { hasChanges } from './changes.ts'
import { writeMarks } from './marks.ts'
import { openSqlite } from './sqlite/open.ts'
import type { DatabaseLimits, Db, OpenedStore, Store } from './store.ts'
import { toJson } from './values.ts'

/**
 * Opens the store, locks it against a second server where one file has room for one only, and brings its tables up to
 * date. Throws a StoreError whose message an operator can act on.
 */
export async function openStore(
  where: { file: string } | { databaseUrl: string; limits?: DatabaseLimits | undefined },
): Promise<Store> {
  if ('file' in where) return withListeners(await openSqlite(where.file))
  // Loads the driver only where PostgreSQL is used.
  const { openPostgres } = await import('./postgres/open.ts')
  return withListeners(await openPostgres(where.databaseUrl, where.limits ?? defaultDatabaseLimits))
}

function withListeners({ writes, ...store }: OpenedStore): Store {
  const listeners = new Set<() => void>()
  const markListeners = new Set<() => void>()
  return {
    ...store,
    async transaction(work) {
      let handle: Db | undefined
      let hasMarks = false
      const result = await observed('store.transaction', () =>
        store.transaction(async (tx) => {
          handle = tx
          const answer = await work(tx)
          hasMarks = await writeMarks(tx)
          return answer
        }),
      )
      if (handle && hasChanges(handle)) for (const listener of listeners) listener()
      if (hasMarks) for (const listener of markListeners) listener()
      return result
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onMarks(listener) {
      markListeners.add(listener)
      return () => markListeners.delete(listener)
    },
    async check() {
      await sql`select 1`.execute(store.db)
      await writes.check(() => probeWrite(store.db))
    },
  }
}

/** Too large for the free space of existing pages. */
const probeBytes = 24_576

async function probeWrite(db: Db): Promise<void> {
  const id = 'write-probe'
  const row = { id, data: toJson(randomBytes(probeBytes).toString('base64')), updated_at: 0 }
  await db
    .insertInto('settings')
    .values(row)
    .onConflict((conflict) => conflict.column('id').doUpdateSet(row))
    .execute()
  await db.deleteFrom('settings').where('id', '=', id).execute()
}
