import type { Kysely } from 'kysely'
import type { Database } from './schema.ts'
import type { WriteHealth } from './write-health.ts'

/** The store itself or an open transaction: the functions of a slice's `store.ts` take it first. */
export type Db = Kysely<Database>

export interface Store {
  readonly kind: 'sqlite' | 'postgres'
  /** Reads and single writes. A write has reached the disk when its promise resolves. */
  readonly db: Db
  /**
   * Runs several statements as one: all of them or, when `work` throws, none. Inside, use `tx` alone (the store's own
   * handle throws a StoreError there) and do nothing slow. A failed statement ends the transaction, even if caught.
   * PostgreSQL may require `work` to run again (deadlock, serialization failure): it must change nothing but rows.
   */
  transaction<T>(work: (tx: Db) => Promise<T>): Promise<T>
  /**
   * Calls back when a transaction of this process that recorded a change has been committed, before its promise
   * resolves: a cache that is read after the write has the new value. Returns the function that ends it.
   */
  onChange(listener: () => void): () => void
  /** Rejects while the store does not answer, and after a failed write until a write succeeds again. */
  check(): Promise<void>
  close(): Promise<void>
}

/** A store as a database opens it; changes and checks are the same for all of them. */
export type OpenedStore = Omit<Store, 'onChange' | 'check'> & { writes: WriteHealth }

/**
 * Opens the store, locks it against a second server where one file has room for one only, and brings its tables up to
 * date. Throws a StoreError whose message an operator can act on.
 */
export async function openStore(where: { file: string } | { databaseUrl: string }): Promise<Store> {
  if ('file' in where) return withListeners(await openSqlite(where.file))
  // Its driver is loaded where it is used, and weighs nothing where it is not.
  const { openPostgres } = await import('./postgres/open.ts')
  return withListeners(await openPostgres(where.databaseUrl))
}

function withListeners({ writes, ...store }: OpenedStore): Store {
  const listeners = new Set<() => void>()
  return {
    ...store,
    async transaction(work) {
      let handle: Db | undefined
      const result = await store.transaction((tx) => {
        handle = tx
        return work(tx)
      })
      if (handle && hasChanges(handle)) for (const listener of listeners) listener()
      return result
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async check() {
      await sql`select 1`.execute(store.db)
      await writes.check(() => probeWrite(store.db))
    },
  }
}

/** Large enough to need space that no page has left over. */
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

export { StoreError, StoreInUseError } from './errors.ts'
