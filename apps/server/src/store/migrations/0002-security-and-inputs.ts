import type { Kysely } from 'kysely'
import { addCanonicalKeys } from './canonical-keys.ts'
import { columnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await addUserImports(db)
  await addCanonicalKeys(db)
}

/** Users are imported from a file that is kept, sealed and in batches, until the job has read it. */
async function addUserImports(db: Kysely<unknown>): Promise<void> {
  const { id, json, time, int } = columnTypes(db)
  const { schema } = db

  await schema.alterTable('passwords').addColumn('scheme', id).execute()
  await schema
    .createIndex('passwords_by_scheme')
    .on('passwords')
    .column('scheme')
    .where('scheme', 'is not', null)
    .execute()

  await schema
    .createTable('user_imports')
    .addColumn('job_id', id, (c) => c.primaryKey())
    .addColumn('slot', int, (c) => c.notNull().unique())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('data', json, (c) => c.notNull())
    .addColumn('holder', id)
    .addColumn('lease_until', time, (c) => c.notNull())
    .execute()
  await schema
    .createTable('user_import_batches')
    .addColumn('job_id', id, (c) => c.notNull().references('user_imports.job_id').onDelete('cascade'))
    .addColumn('seq', int, (c) => c.notNull())
    .addColumn('sealed', 'text', (c) => c.notNull())
    .addPrimaryKeyConstraint('user_import_batches_pk', ['job_id', 'seq'])
    .execute()
  await schema
    .createTable('job_errors')
    .addColumn('job_id', id, (c) => c.notNull().references('jobs.id').onDelete('cascade'))
    .addColumn('seq', int, (c) => c.notNull())
    .addColumn('errors', json, (c) => c.notNull())
    .addPrimaryKeyConstraint('job_errors_pk', ['job_id', 'seq'])
    .execute()
}
