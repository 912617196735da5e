import { randomBytes } from 'node:crypto'
import type { Kysely } from 'kysely'
import { columnTypes } from './column-types.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await createMarks(db)
  await createLogTargets(db)
}

/** Which entries of the log are about an object. Entries of earlier versions have no rows. */
async function createLogTargets(db: Kysely<unknown>): Promise<void> {
  const { id } = columnTypes(db)
  await db.schema
    .createTable('log_targets')
    .addColumn('target_id', id, (c) => c.notNull())
    .addColumn('log_id', id, (c) => c.notNull())
    .addPrimaryKeyConstraint('log_targets_pk', ['target_id', 'log_id'])
    .execute()
}

/** Marks of what may have been lost or gained, for APIs that enforce a change before their tokens expire. */
async function createMarks(db: Kysely<unknown>): Promise<void> {
  const { id, json, time, int } = columnTypes(db)
  const { schema } = db

  await schema
    .createTable('mark_counter')
    .addColumn('id', int, (c) => c.primaryKey())
    .addColumn('epoch', id, (c) => c.notNull())
    .addColumn('number', time, (c) => c.notNull())
    .execute()
  const counter = { id: 1, epoch: randomBytes(9).toString('base64url'), number: 0 }
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- a migration does not use the types of the newest schema.
  await (db as Kysely<{ mark_counter: typeof counter }>).insertInto('mark_counter').values(counter).execute()

  await schema
    .createTable('marks')
    .addColumn('number', time, (c) => c.primaryKey())
    .addColumn('at', time, (c) => c.notNull())
    .addColumn('effect', id, (c) => c.notNull())
    .addColumn('reason', id, (c) => c.notNull())
    .addColumn('subject', id)
    .addColumn('application', id)
    .addColumn('audience', id)
    .addColumn('permissions', json)
    .execute()
  await schema
    .createIndex('marks_by_subject')
    .on('marks')
    .columns(['subject', 'number'])
    .where('subject', 'is not', null)
    .execute()
  await schema
    .createIndex('marks_by_application')
    .on('marks')
    .columns(['application', 'number'])
    .where('application', 'is not', null)
    .execute()
  await schema.createIndex('marks_by_time').on('marks').columns(['at', 'number']).execute()

  await schema
    .createTable('audience_subjects')
    .addColumn('audience', id, (c) => c.notNull())
    .addColumn('subject', id, (c) => c.notNull())
    .addColumn('issued_at', time, (c) => c.notNull())
    .addPrimaryKeyConstraint('audience_subjects_pk', ['audience', 'subject'])
    .execute()
  await schema.createIndex('audience_subjects_by_time').on('audience_subjects').column('issued_at').execute()
}
