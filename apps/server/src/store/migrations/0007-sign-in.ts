import type { Kysely } from 'kysely'
import { columnTypes, isPostgres } from './column-types.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  await addFactorsToUsers(db)
  await createAuthenticationMethods(db)
  await createIdentities(db)
  await addDirectToUserRoles(db)
}

/** On the row that a log-in reads anyway, so that a user without second factors costs no further statement. */
async function addFactorsToUsers(db: Kysely<unknown>): Promise<void> {
  const { flag, time } = columnTypes(db)
  const no = isPostgres(db) ? false : 0
  await db.schema
    .alterTable('users')
    .addColumn('second_factor', flag, (c) => c.notNull().defaultTo(no))
    .execute()
  await db.schema.alterTable('users').addColumn('factors_changed_at', time).execute()
}

/** Second factors, passkeys and recovery codes. */
async function createAuthenticationMethods(db: Kysely<unknown>): Promise<void> {
  const { id, json, time } = columnTypes(db)
  const { schema } = db

  await schema
    .createTable('authentication_methods')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('user_id', id, (c) => c.notNull().references('users.user_id').onDelete('cascade'))
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('secret', 'text')
    .addColumn('last_step', time)
    .addColumn('credential_id', 'text')
    .addColumn('public_key', 'text')
    .addColumn('sign_count', time)
    .addColumn('transports', json)
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('last_used_at', time)
    .execute()
  await schema
    .createIndex('authentication_methods_by_user')
    .on('authentication_methods')
    .column('user_id')
    .execute()
  await schema
    .createIndex('authentication_methods_by_credential')
    .unique()
    .on('authentication_methods')
    .column('credential_id')
    .where('credential_id', 'is not', null)
    .execute()

  await schema
    .createTable('recovery_codes')
    .addColumn('method_id', id, (c) =>
      c.notNull().references('authentication_methods.id').onDelete('cascade'),
    )
    .addColumn('code_hash', 'text', (c) => c.notNull())
    .addColumn('used_at', time)
    .addPrimaryKeyConstraint('recovery_codes_pk', ['method_id', 'code_hash'])
    .execute()
}

/** Accounts at other providers that users log in with, and the roles that a provider's claims give them. */
async function createIdentities(db: Kysely<unknown>): Promise<void> {
  const { id, json, time } = columnTypes(db)
  const { schema } = db

  await schema
    .createTable('identities')
    .addColumn('connection_id', id, (c) => c.notNull().references('connections.id').onDelete('cascade'))
    .addColumn('subject', id, (c) => c.notNull())
    .addColumn('user_id', id, (c) => c.notNull().references('users.user_id').onDelete('cascade'))
    .addColumn('profile', json, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('last_login', time)
    .addPrimaryKeyConstraint('identities_pk', ['connection_id', 'subject'])
    .execute()
  await schema.createIndex('identities_by_user').on('identities').column('user_id').execute()

  await schema
    .createTable('identity_roles')
    .addColumn('connection_id', id, (c) => c.notNull())
    .addColumn('subject', id, (c) => c.notNull())
    .addColumn('user_id', id, (c) => c.notNull().references('users.user_id').onDelete('cascade'))
    .addColumn('role_id', id, (c) => c.notNull().references('roles.id').onDelete('cascade'))
    .addPrimaryKeyConstraint('identity_roles_pk', ['connection_id', 'subject', 'role_id'])
    .addForeignKeyConstraint(
      'identity_roles_identity',
      ['connection_id', 'subject'],
      'identities',
      ['connection_id', 'subject'],
      // Not a cascade: what deletes an identity first takes the roles that only it gives (`roles/provider-roles.ts`).
      (constraint) => constraint.onDelete('no action'),
    )
    .execute()
  await schema
    .createIndex('identity_roles_by_user')
    .on('identity_roles')
    .columns(['user_id', 'role_id'])
    .execute()
  await schema.createIndex('identity_roles_by_role').on('identity_roles').column('role_id').execute()
}

/** A row of `user_roles` that is not direct is there for the rows of `identity_roles` alone. */
async function addDirectToUserRoles(db: Kysely<unknown>): Promise<void> {
  const { flag } = columnTypes(db)
  const yes = isPostgres(db) ? true : 1
  await db.schema
    .alterTable('user_roles')
    .addColumn('direct', flag, (c) => c.notNull().defaultTo(yes))
    .execute()
}
