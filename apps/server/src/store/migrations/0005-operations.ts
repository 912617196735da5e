import { type Kysely, sql } from 'kysely'

export async function up(db: Kysely<unknown>): Promise<void> {
  await indexMarksOfApis(db)
  await indexHoldersOfPermissions(db)
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
