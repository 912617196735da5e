import { type Kysely, sql } from 'kysely'
import { columnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await indexMarksOfApis(db)
  await indexHoldersOfPermissions(db)
  await createLogStreams(db)
  await indexLogs(db)
  await indexUsedTokens(db)
  await keysByAlgorithm(db)
  await createPreviousSecrets(db)
}

/** Introspection looks for marks of an API that are newer than a token. Those of a subject have an index already. */
async function indexMarksOfApis({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createIndex('marks_by_audience')
    .on('marks')
    .columns(['audience', 'number'])
    .where(sql.ref('subject'), 'is', null)
    .where(sql.ref('application'), 'is', null)
    .execute()
}

/** A preview reads the holders of a permission in the order of their ids. */
async function indexHoldersOfPermissions({ schema }: Kysely<unknown>): Promise<void> {
  await schema
    .createIndex('user_permissions_by_permission_and_user')
    .on('user_permissions')
    .columns(['api_id', 'permission', 'user_id'])
    .execute()
  await schema.dropIndex('user_permissions_by_permission').execute()
}

/** Streams of the tenant log to webhooks, and the deliveries that were refused. */
async function createLogStreams(db: Kysely<unknown>): Promise<void> {
  const { id, json, time, int } = columnTypes(db)
  const { schema } = db

  await schema
    .createTable('log_streams')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('data', json, (c) => c.notNull())
    .addColumn('sink', 'text', (c) => c.notNull())
    .addColumn('position', id, (c) => c.notNull())
    .addColumn('delivered_at', time)
    .addColumn('attempts', int, (c) => c.notNull())
    .addColumn('failing_since', time)
    .addColumn('retry_at', time)
    .addColumn('error', 'text')
    .addColumn('holder', id)
    .addColumn('lease_until', time, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .execute()

  await schema
    .createTable('log_stream_failures')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('stream_id', id, (c) => c.notNull().references('log_streams.id').onDelete('cascade'))
    .addColumn('first_log_id', id, (c) => c.notNull())
    .addColumn('last_log_id', id, (c) => c.notNull())
    .addColumn('entries', int, (c) => c.notNull())
    .addColumn('error', 'text', (c) => c.notNull())
    .addColumn('failed_at', time, (c) => c.notNull())
    .addColumn('requested_at', time)
    .execute()
  await schema
    .createIndex('log_stream_failures_by_stream')
    .on('log_stream_failures')
    .columns(['stream_id', 'failed_at'])
    .execute()
}

/**
 * Ids of entries begin with the time, so the primary key answers what the index by date did. Most entries are of one user
 * or of one application: an index of the others alone is smaller. Old entries are deleted by their ids.
 */
async function indexLogs(db: Kysely<unknown>): Promise<void> {
  const { schema } = db
  for (const index of ['logs_by_date', 'logs_by_user', 'logs_by_client'])
    await schema.dropIndex(index).execute()
  for (const owner of ['user', 'client'])
    await schema
      .createIndex(`logs_by_${owner}`)
      .on('logs')
      .columns([`${owner}_id`, 'log_id'])
      .where(sql.ref(`${owner}_id`), 'is not', null)
      .execute()
  await schema.createIndex('log_targets_by_log').on('log_targets').column('log_id').execute()
}

/** For the deletion of refresh tokens that were rotated long ago. */
async function indexUsedTokens(db: Kysely<unknown>): Promise<void> {
  await db.schema
    .createIndex('artifacts_by_consumed_at')
    .on('artifacts')
    .columns(['kind', 'consumed_at'])
    .where(sql.ref('consumed_at'), 'is not', null)
    .execute()
}

/** Each algorithm has a key that signs and one that will. */
async function keysByAlgorithm(db: Kysely<unknown>): Promise<void> {
  await db.schema.dropIndex('signing_keys_one_of_each').execute()
  await db.schema
    .createIndex('signing_keys_one_of_each')
    .unique()
    .on('signing_keys')
    .columns(['alg', 'state'])
    .where(sql.ref('state'), 'in', sql`('current', 'next')`)
    .execute()
}

/** A rotated secret of an application that is accepted for a while, and when each secret was last used. */
async function createPreviousSecrets(db: Kysely<unknown>): Promise<void> {
  const { id, json, time } = columnTypes(db)
  await db.schema.alterTable('applications').addColumn('secret_created_at', time).execute()
  await db.schema.alterTable('applications').addColumn('previous_secret', json).execute()
  await db.schema
    .createTable('secret_uses')
    .addColumn('client_id', id, (c) => c.notNull().references('applications.client_id').onDelete('cascade'))
    .addColumn('secret_hash', 'text', (c) => c.notNull())
    .addColumn('used_at', time, (c) => c.notNull())
    .addPrimaryKeyConstraint('secret_uses_pk', ['client_id', 'secret_hash'])
    .execute()
}
