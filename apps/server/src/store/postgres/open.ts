import { Kysely } from 'kysely'
import { StoreError } from '../errors.ts'
import { migrate } from '../migrate.ts'
import type { Database } from '../schema.ts'
import type { DatabaseLimits, Db, OpenedStore } from '../store.ts'
import { TransactionScope } from '../transaction.ts'
import { codeOf } from '../values.ts'
import { WriteHealth } from '../write-health.ts'
import { RowLockingAdapter, ScopedPostgresDialect } from './dialect.ts'
import { isStalePlan, StatementPool } from './pool.ts'
import { ensureTextIndexes } from './text-index.ts'

const ATTEMPTS = 5
/** serialization_failure and deadlock_detected: PostgreSQL rolled the transaction back, and it has to be repeated. */
const TRY_AGAIN = new Set<unknown>(['40001', '40P01'])

export async function openPostgres(databaseUrl: string, limits: DatabaseLimits): Promise<OpenedStore> {
  const place = withoutPassword(databaseUrl)
  const scope = new TransactionScope()
  const writes = new WriteHealth()
  const open = (pool: StatementPool) =>
    new Kysely<Database>({ dialect: new ScopedPostgresDialect({ pool }, scope) })
  const hasTextIndex = await prepare(
    // A migration, and the wait for one that another node runs, take as long as they take.
    open(new StatementPool(databaseUrl, { ...limits, querySeconds: Infinity }, writes)),
    place,
  )
  const pool = new StatementPool(databaseUrl, limits, writes)
  const db = open(pool)
  const { adapter } = db.getExecutor()
  if (adapter instanceof RowLockingAdapter) adapter.hasTextIndex = hasTextIndex
  return {
    kind: 'postgres',
    db,
    writes,
    waiting: () => pool.waiting,
    transaction: (work) => transact(db, (tx) => scope.run(() => work(tx))),
    close: () => db.destroy(),
  }
}

/** Brings the tables up to date, and closes the handle. @returns whether there are text indexes */
async function prepare(db: Db, place: string): Promise<boolean> {
  try {
    await migrate(db, place)
    return await ensureTextIndexes(db)
  } catch (error) {
    throw explain(place, error)
  } finally {
    await db.destroy()
  }
}

async function transact<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work)
    } catch (error) {
      const isRepeatable = TRY_AGAIN.has(codeOf(error)) || isStalePlan(error)
      if (attempt === ATTEMPTS || !isRepeatable) throw error
    }
  }
}

function explain(place: string, error: unknown): unknown {
  if (error instanceof StoreError) return error
  const reason = (error instanceof Error && error.message) || codeOf(error)
  return new StoreError(
    `The database ${place} cannot be used (${String(reason)}); check that it runs and that DATABASE_URL names it rightly.`,
    { cause: error },
  )
}

/** Host and database, for messages: a connection string holds a password. */
function withoutPassword(databaseUrl: string): string {
  if (!URL.canParse(databaseUrl))
    throw new StoreError('DATABASE_URL is no URL; write postgres://user:password@host/database.')
  const { host, pathname, searchParams } = new URL(databaseUrl)
  return `${host || (searchParams.get('host') ?? 'localhost')}${pathname}`
}
