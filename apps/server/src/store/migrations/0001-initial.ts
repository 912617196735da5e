import { type Kysely, sql } from 'kysely'
import { columnTypes, isPostgres } from './column-types.ts'

export async function up(db: Kysely<unknown>): Promise<void> {
  const { id, json, flag, time, int } = columnTypes(db)
  const { schema } = db

  await schema
    .createTable('settings')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('data', json, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .execute()

  await schema
    .createTable('apis')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('identifier', id, (c) => c.notNull().unique())
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('is_system', flag, (c) => c.notNull())
    .addColumn('signing_alg', 'text', (c) => c.notNull())
    .addColumn('signing_secret', 'text')
    .addColumn('token_lifetime', int, (c) => c.notNull())
    .addColumn('token_lifetime_for_web', int, (c) => c.notNull())
    .addColumn('allow_offline_access', flag, (c) => c.notNull())
    .addColumn('enforce_policies', flag)
    .addColumn('token_dialect', 'text')
    .addColumn('skip_consent', flag, (c) => c.notNull())
    .addColumn('extra', json, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .execute()

  await schema
    .createTable('permissions')
    .addColumn('api_id', id, (c) => c.notNull().references('apis.id').onDelete('cascade'))
    .addColumn('value', id, (c) => c.notNull())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('position', int, (c) => c.notNull())
    .addPrimaryKeyConstraint('permissions_pk', ['api_id', 'value'])
    .execute()

  await schema
    .createTable('roles')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', id, (c) => c.notNull())
    .addColumn('name_key', id, (c) => c.notNull().unique())
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('is_system', flag, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .execute()

  await schema
    .createTable('role_permissions')
    .addColumn('role_id', id, (c) => c.notNull().references('roles.id').onDelete('cascade'))
    .addColumn('api_id', id, (c) => c.notNull())
    .addColumn('permission', id, (c) => c.notNull())
    .addPrimaryKeyConstraint('role_permissions_pk', ['role_id', 'api_id', 'permission'])
    .addForeignKeyConstraint(
      'role_permissions_permission',
      ['api_id', 'permission'],
      'permissions',
      ['api_id', 'value'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await schema
    .createIndex('role_permissions_by_permission')
    .on('role_permissions')
    .columns(['api_id', 'permission'])
    .execute()

  await schema
    .createTable('connections')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('name', id, (c) => c.notNull().unique())
    .addColumn('strategy', 'text', (c) => c.notNull())
    .addColumn('options', json, (c) => c.notNull())
    .addColumn('extra', json, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .execute()

  await schema
    .createTable('applications')
    .addColumn('client_id', id, (c) => c.primaryKey())
    .addColumn('name', id, (c) => c.notNull())
    .addColumn('is_global', flag, (c) => c.notNull())
    .addColumn('is_system', flag, (c) => c.notNull())
    .addColumn('is_first_party', flag, (c) => c.notNull())
    .addColumn('app_type', 'text')
    .addColumn('secret_hash', 'text')
    .addColumn('data', json, (c) => c.notNull())
    .addColumn('credentials', json, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .execute()

  await schema.createIndex('applications_by_name').on('applications').columns(['name', 'client_id']).execute()

  await schema
    .createTable('connection_applications')
    .addColumn('connection_id', id, (c) => c.notNull().references('connections.id').onDelete('cascade'))
    .addColumn('client_id', id, (c) => c.notNull().references('applications.client_id').onDelete('cascade'))
    .addPrimaryKeyConstraint('connection_applications_pk', ['connection_id', 'client_id'])
    .execute()

  await schema
    .createTable('users')
    .addColumn('user_id', id, (c) => c.primaryKey())
    .addColumn('connection', id, (c) => c.notNull())
    .addColumn('email', 'text', (c) => c.notNull())
    .addColumn('email_key', id, (c) => c.notNull())
    .addColumn('email_verified', flag, (c) => c.notNull())
    .addColumn('username', 'text')
    .addColumn('name', 'text', (c) => c.notNull())
    .addColumn('name_key', id, (c) => c.notNull())
    .addColumn('nickname', 'text', (c) => c.notNull())
    .addColumn('nickname_key', id, (c) => c.notNull())
    .addColumn('picture', 'text', (c) => c.notNull())
    .addColumn('given_name', 'text')
    .addColumn('given_name_key', id)
    .addColumn('family_name', 'text')
    .addColumn('family_name_key', id)
    .addColumn('phone_number', 'text')
    .addColumn('blocked', flag, (c) => c.notNull())
    .addColumn('user_metadata', json, (c) => c.notNull())
    .addColumn('app_metadata', json, (c) => c.notNull())
    .addColumn('last_login', time)
    .addColumn('last_ip', 'text')
    .addColumn('last_password_reset', time)
    .addColumn('logins_count', int, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .addUniqueConstraint('users_email', ['email_key', 'connection'])
    .execute()
  await schema.createIndex('users_by_name').on('users').columns(['name_key', 'user_id']).execute()
  await schema.createIndex('users_by_last_login').on('users').columns(['last_login']).execute()
  await schema.createIndex('users_by_age').on('users').columns(['created_at', 'user_id']).execute()

  await schema
    .createTable('passwords')
    .addColumn('user_id', id, (c) => c.primaryKey().references('users.user_id').onDelete('cascade'))
    .addColumn('hash', 'text', (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .execute()

  await schema
    .createTable('user_roles')
    .addColumn('user_id', id, (c) => c.notNull().references('users.user_id').onDelete('cascade'))
    .addColumn('role_id', id, (c) => c.notNull().references('roles.id').onDelete('cascade'))
    .addColumn('assigned_at', time, (c) => c.notNull())
    .addPrimaryKeyConstraint('user_roles_pk', ['user_id', 'role_id'])
    .execute()
  await schema.createIndex('user_roles_by_role').on('user_roles').columns(['role_id', 'user_id']).execute()

  await schema
    .createTable('user_permissions')
    .addColumn('user_id', id, (c) => c.notNull().references('users.user_id').onDelete('cascade'))
    .addColumn('api_id', id, (c) => c.notNull())
    .addColumn('permission', id, (c) => c.notNull())
    .addColumn('assigned_at', time, (c) => c.notNull())
    .addPrimaryKeyConstraint('user_permissions_pk', ['user_id', 'api_id', 'permission'])
    .addForeignKeyConstraint(
      'user_permissions_permission',
      ['api_id', 'permission'],
      'permissions',
      ['api_id', 'value'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await schema
    .createIndex('user_permissions_by_permission')
    .on('user_permissions')
    .columns(['api_id', 'permission'])
    .execute()

  await schema
    .createTable('client_grants')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('client_id', id, (c) => c.notNull().references('applications.client_id').onDelete('cascade'))
    .addColumn('api_id', id, (c) => c.notNull().references('apis.id').onDelete('cascade'))
    .addColumn('subject_type', 'text', (c) => c.notNull())
    .addColumn('is_system', flag, (c) => c.notNull())
    .addColumn('allow_all_scopes', flag, (c) => c.notNull())
    .addColumn('extra', json, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('updated_at', time, (c) => c.notNull())
    .addUniqueConstraint('client_grants_once', ['client_id', 'api_id', 'subject_type'])
    .execute()
  await schema.createIndex('client_grants_by_api').on('client_grants').columns(['api_id']).execute()

  await schema
    .createTable('client_grant_permissions')
    .addColumn('grant_id', id, (c) => c.notNull().references('client_grants.id').onDelete('cascade'))
    .addColumn('api_id', id, (c) => c.notNull())
    .addColumn('permission', id, (c) => c.notNull())
    .addColumn('position', int, (c) => c.notNull())
    .addPrimaryKeyConstraint('client_grant_permissions_pk', ['grant_id', 'permission'])
    .addForeignKeyConstraint(
      'client_grant_permissions_permission',
      ['api_id', 'permission'],
      'permissions',
      ['api_id', 'value'],
      (c) => c.onDelete('cascade'),
    )
    .execute()
  await schema
    .createIndex('client_grant_permissions_by_permission')
    .on('client_grant_permissions')
    .columns(['api_id', 'permission'])
    .execute()

  await schema
    .createTable('signing_keys')
    .addColumn('kid', id, (c) => c.primaryKey())
    .addColumn('state', 'text', (c) => c.notNull())
    .addColumn('alg', 'text', (c) => c.notNull())
    .addColumn('sealed_jwk', 'text', (c) => c.notNull())
    .addColumn('public_jwk', json, (c) => c.notNull())
    .addColumn('certificate', 'text', (c) => c.notNull())
    .addColumn('pkcs7', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('current_since', time)
    .addColumn('current_until', time)
    .addColumn('revoked_at', time)
    .execute()
  // Two servers that start, or rotate, at once: one wins, and the other reads what it made.
  await schema
    .createIndex('signing_keys_one_of_each')
    .unique()
    .on('signing_keys')
    .columns(['state'])
    .where(sql.ref('state'), 'in', sql`('current', 'next')`)
    .execute()

  await schema
    .createTable('artifacts')
    .addColumn('kind', id, (c) => c.notNull())
    .addColumn('id_hash', id, (c) => c.notNull())
    .addColumn('payload', 'text', (c) => c.notNull())
    .addColumn('grant_id', id)
    .addColumn('uid', id)
    .addColumn('user_code', id)
    .addColumn('user_id', id)
    .addColumn('client_id', id)
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('expires_at', time)
    .addColumn('consumed_at', time)
    .addPrimaryKeyConstraint('artifacts_pk', ['kind', 'id_hash'])
    .execute()
  for (const column of ['grant_id', 'uid', 'user_code', 'user_id', 'client_id', 'expires_at'] as const) {
    await schema
      .createIndex(`artifacts_by_${column}`)
      .on('artifacts')
      .columns([column])
      .where(sql.ref(column), 'is not', null)
      .execute()
  }

  await schema
    .createTable('sign_in_attempts')
    .addColumn('key', id, (c) => c.primaryKey())
    .addColumn('failures', int, (c) => c.notNull())
    .addColumn('first_at', time, (c) => c.notNull())
    .addColumn('last_at', time, (c) => c.notNull())
    .addColumn('blocked_until', time)
    .execute()

  await schema
    .createTable('tickets')
    .addColumn('token_hash', id, (c) => c.primaryKey())
    .addColumn('purpose', 'text', (c) => c.notNull())
    .addColumn('user_id', id, (c) => c.references('users.user_id').onDelete('cascade'))
    .addColumn('data', json, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('expires_at', time, (c) => c.notNull())
    .addColumn('used_at', time)
    .execute()
  await schema.createIndex('tickets_by_user').on('tickets').columns(['user_id']).execute()

  await schema
    .createTable('outbox')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('recipient', 'text', (c) => c.notNull())
    .addColumn('subject', 'text', (c) => c.notNull())
    .addColumn('text', 'text', (c) => c.notNull())
    .addColumn('html', 'text', (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('sent_at', time)
    .addColumn('attempts', int, (c) => c.notNull())
    .addColumn('retry_at', time)
    .addColumn('error', 'text')
    .execute()
  await schema.createIndex('outbox_by_age').on('outbox').columns(['created_at', 'id']).execute()
  await schema
    .createIndex('outbox_due')
    .on('outbox')
    .columns(['retry_at'])
    .where(sql.ref('retry_at'), 'is not', null)
    .execute()

  await schema
    .createTable('jobs')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('status', 'text', (c) => c.notNull())
    .addColumn('data', json, (c) => c.notNull())
    .addColumn('created_at', time, (c) => c.notNull())
    .addColumn('finished_at', time)
    .execute()

  await schema
    .createTable('logs')
    .addColumn('log_id', id, (c) => c.primaryKey())
    .addColumn('date', time, (c) => c.notNull())
    .addColumn('type', 'text', (c) => c.notNull())
    .addColumn('client_id', id)
    .addColumn('user_id', id)
    .addColumn('user_name', id)
    .addColumn('ip', id)
    .addColumn('description', 'text', (c) => c.notNull())
    .addColumn('data', json, (c) => c.notNull())
    .execute()
  await schema.createIndex('logs_by_user').on('logs').columns(['user_id', 'log_id']).execute()
  await schema.createIndex('logs_by_client').on('logs').columns(['client_id', 'log_id']).execute()
  await schema.createIndex('logs_by_type').on('logs').columns(['type', 'log_id']).execute()
  await schema.createIndex('logs_by_date').on('logs').columns(['date']).execute()

  const seq = isPostgres(db)
    ? sql`bigint generated by default as identity primary key`
    : sql`integer primary key autoincrement`
  await sql`create table changes (seq ${seq}, topic text not null, key text not null, at bigint not null)`.execute(
    db,
  )
}
