import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { Kysely } from 'kysely'
import type { Migration } from 'kysely/migration'
import { defaultDatabaseLimits } from '../../config.ts'
import { migrate } from '../migrate.ts'
import { openStore } from '../open-store.ts'
import { ScopedPostgresDialect } from '../postgres/dialect.ts'
import { StatementPool } from '../postgres/pool.ts'
import type { Database } from '../schema.ts'
import { Connection } from '../sqlite/connection.ts'
import { sqliteDialect } from '../sqlite/dialect.ts'
import { Writer } from '../sqlite/writer.ts'
import type { Db } from '../store.ts'
import { type stores, temporaryDatabase, temporaryFolder } from '../testing.ts'
import { TransactionScope } from '../transaction.ts'
import { WriteHealth } from '../write-health.ts'

/** A store that an earlier version, which knew these migrations, made and filled, opened by this one. */
export async function upgradedStore(
  t: TestContext,
  kind: (typeof stores)[number],
  known: Record<string, Migration>,
  fill: (db: Db) => Promise<void>,
) {
  const where =
    kind.name === 'PostgreSQL'
      ? { databaseUrl: await temporaryDatabase(t, { empty: true }) }
      : { file: join(await temporaryFolder(t), 'rolecall.db') }
  const scope = new TransactionScope()
  const writes = new WriteHealth()
  const old = new Kysely<Database>({
    dialect:
      'databaseUrl' in where
        ? new ScopedPostgresDialect(
            { pool: new StatementPool(where.databaseUrl, defaultDatabaseLimits, writes) },
            scope,
          )
        : sqliteDialect(
            {
              writer: await Writer.open(where.file, writes),
              reader: new Connection(where.file, { readOnly: true, busyTimeoutMs: 1_000 }),
            },
            scope,
          ),
  })
  await migrate(old, 'the store', known)
  await fill(old)
  await old.destroy()
  const store = await openStore(where)
  t.after(() => store.close())
  return { store, db: store.db, ctx: { store, clock: () => 1_000_000 } }
}
