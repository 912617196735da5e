import { type Kysely, sql } from 'kysely'
import { addCanonicalKeys } from './canonical-keys.ts'
import { columnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await addUserImports(db)
  await addCanonicalKeys(db)
  await createConsents(db)
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

/** What users allow applications to request, by API; a scope that is a permission of the API goes with the permission. */
async function createConsents(db: Kysely<unknown>): Promise<void> {
  const { id, time } = columnTypes(db)
  const { schema } = db

  await schema
    .createTable('consents')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('user_id', id, (c) => c.notNull().references('users.user_id').onDelete('cascade'))
    .addColumn('client_id', id, (c) => c.notNull().references('applications.client_id').onDelete('cascade'))
    .addColumn('api_id', id, (c) => c.references('apis.id').onDelete('cascade'))
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .execute()
  await schema
    .createIndex('consents_once_by_api')
    .unique()
    .on('consents')
    .columns(['user_id', 'client_id', 'api_id'])
    .where(sql.ref('api_id'), 'is not', null)
    .execute()
  await schema
    .createIndex('consents_once_without_api')
    .unique()
    .on('consents')
    .columns(['user_id', 'client_id'])
    .where(sql.ref('api_id'), 'is', null)
    .execute()
  await schema.createIndex('consents_by_user').on('consents').columns(['user_id', 'id']).execute()
  await schema.createIndex('consents_by_client').on('consents').columns(['client_id', 'id']).execute()
  await schema.createIndex('consents_by_api').on('consents').columns(['api_id', 'id']).execute()

  await schema
    .createTable('consent_scopes')
    .addColumn('consent_id', id, (c) => c.notNull().references('consents.id').onDelete('cascade'))
    .addColumn('scope', id, (c) => c.notNull())
    .addColumn('api_id', id)
    .addPrimaryKeyConstraint('consent_scopes_pk', ['consent_id', 'scope'])
    .addForeignKeyConstraint(
      'consent_scopes_permission',
      ['api_id', 'scope'],
      'permissions',
      ['api_id', 'value'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await schema
    .createIndex('consent_scopes_by_permission')
    .on('consent_scopes')
    .columns(['api_id', 'scope'])
    .execute()
}
