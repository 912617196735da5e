import type { ConnectionOptions } from '@rolecall/contract'
import type { Selectable } from 'kysely'
import type { ConnectionsTable } from '../store/schema.ts'
import { lockRows, shareRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

/** A database of users with passwords, or another provider that users log in at. Applications are enabled on it. */
export interface Connection {
  id: string
  name: string
  strategy: string
  /** Without credentials and without `role_mapping`. */
  options: ConnectionOptions
  /** The roles that claims of the provider give. */
  roleMapping?: RoleMapping
  /** `realms`, `metadata`, `display_name` and other members of Auth0's tools. */
  extra: Record<string, unknown>
  /** Credentials at another server, sealed: of the option `lazy_migration` (`lazy-migration.ts`), or of a provider (`provider.ts`). */
  migrationSecrets?: string
  createdAt: number
  updatedAt: number
}

/** With the ids of the roles, so that a renamed role stays mapped. Roles that were deleted may be in it. */
export interface RoleMapping {
  claim: string
  roles: { value: string; roleId: string }[]
}

/** Whether its users log in with passkeys, unless that is switched off. Only databases have users of their own. */
export function allowsPasskeys({ strategy, options }: Pick<Connection, 'strategy' | 'options'>): boolean {
  return strategy === 'auth0' && options.authentication_methods?.passkey?.enabled !== false
}

/** By its name, which is unique. */
export async function findConnection(db: Db, name: string): Promise<Connection | undefined> {
  const row = await db.selectFrom('connections').selectAll().where('name', '=', name).executeTakeFirst()
  return row && fromRow(row)
}

/** As `findConnection`, for what needs users with passwords: undefined for another provider. */
export async function findDatabase(db: Db, name: string): Promise<Connection | undefined> {
  const connection = await findConnection(db, name)
  return connection?.strategy === 'auth0' ? connection : undefined
}

export async function findConnectionById(db: Db, id: string): Promise<Connection | undefined> {
  const row = await db.selectFrom('connections').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** By its id; locks the row until the transaction ends. */
export async function lockConnection(tx: Db, id: string): Promise<Connection | undefined> {
  const row = await lockRows(
    tx,
    tx.selectFrom('connections').selectAll().where('id', '=', id),
  ).executeTakeFirst()
  return row && fromRow(row)
}

/** By its id; no other transaction changes it until this one ends. */
export async function shareConnection(tx: Db, id: string): Promise<Connection | undefined> {
  const row = await shareRows(
    tx,
    tx.selectFrom('connections').selectAll().where('id', '=', id),
  ).executeTakeFirst()
  return row && fromRow(row)
}

/** The oldest connection that the application is enabled on. */
export async function connectionOf(db: Db, clientId: string): Promise<Connection | undefined> {
  const row = await db
    .selectFrom('connections')
    .innerJoin('connection_applications as link', 'link.connection_id', 'connections.id')
    .selectAll('connections')
    .where('link.client_id', '=', clientId)
    .where('connections.strategy', '=', 'auth0')
    .orderBy('connections.created_at')
    .orderBy('connections.id')
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Whether there is a connection to another provider. */
export async function hasProviders(db: Db): Promise<boolean> {
  const row = await db
    .selectFrom('connections')
    .select('id')
    .where('strategy', '!=', 'auth0')
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

/** The databases, or the other providers, that the application is enabled on, oldest first. */
export async function connectionsOf(
  db: Db,
  clientId: string,
  kind: 'databases' | 'providers',
): Promise<Connection[]> {
  const rows = await db
    .selectFrom('connections')
    .innerJoin('connection_applications as link', 'link.connection_id', 'connections.id')
    .selectAll('connections')
    .where('link.client_id', '=', clientId)
    .where('connections.strategy', kind === 'databases' ? '=' : '!=', 'auth0')
    .orderBy('connections.created_at')
    .orderBy('connections.id')
    .execute()
  return rows.map(fromRow)
}

export async function isEnabled(db: Db, connectionId: string, clientId: string): Promise<boolean> {
  const link = await db
    .selectFrom('connection_applications')
    .select('client_id')
    .where('connection_id', '=', connectionId)
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return link !== undefined
}

/** Names of the connections that the application is enabled on. */
export async function connectionNamesOf(db: Db, clientId: string): Promise<Set<string>> {
  const rows = await db
    .selectFrom('connections')
    .innerJoin('connection_applications as link', 'link.connection_id', 'connections.id')
    .select('connections.name')
    .where('link.client_id', '=', clientId)
    .execute()
  return new Set(rows.map(({ name }) => name))
}

/** Enabling an application twice succeeds. */
export async function enableApplication(db: Db, connectionId: string, clientId: string): Promise<void> {
  await db
    .insertInto('connection_applications')
    .values({ connection_id: connectionId, client_id: clientId })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

/**
 * Enables an application on all databases. Not on other providers: anyone with an account there could log in, and get the
 * roles that the provider gives, so an administrator enables them one by one.
 */
export async function enableEverywhere(db: Db, clientId: string): Promise<void> {
  await db
    .insertInto('connection_applications')
    .columns(['connection_id', 'client_id'])
    .expression((eb) =>
      eb
        .selectFrom('connections')
        .select(['id', eb.val(clientId).as('client_id')])
        .where('strategy', '=', 'auth0'),
    )
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function disableApplication(db: Db, connectionId: string, clientId: string): Promise<void> {
  await db
    .deleteFrom('connection_applications')
    .where('connection_id', '=', connectionId)
    .where('client_id', '=', clientId)
    .execute()
}

/** Client ids of the applications enabled on a connection, sorted. */
export async function enabledApplications(db: Db, connectionId: string): Promise<string[]> {
  const links = await db
    .selectFrom('connection_applications')
    .select('client_id')
    .where('connection_id', '=', connectionId)
    .orderBy('client_id')
    .execute()
  return links.map((link) => link.client_id)
}

export async function insertConnection(db: Db, connection: Connection): Promise<void> {
  await db.insertInto('connections').values(toRow(connection)).execute()
}

export async function saveConnection(db: Db, connection: Connection): Promise<void> {
  const { id, created_at: _, ...row } = toRow(connection)
  await db.updateTable('connections').set(row).where('id', '=', id).execute()
}

export async function deleteConnectionRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('connections').where('id', '=', id).execute()
}

/** Client ids of the enabled applications, by the id of the connection. */
export async function enabledApplicationsByConnection(db: Db): Promise<Map<string, string[]>> {
  const links = await db.selectFrom('connection_applications').selectAll().orderBy('client_id').execute()
  const byConnection = Map.groupBy(links, (link) => link.connection_id)
  return new Map([...byConnection].map(([id, some]) => [id, some.map((link) => link.client_id)]))
}

/** The column `options`. */
type StoredOptions = ConnectionOptions & { roleMapping?: RoleMapping }

export function fromRow(row: Selectable<ConnectionsTable>): Connection {
  const { roleMapping, ...options } = fromJson<StoredOptions>(row.options)
  return {
    id: row.id,
    name: row.name,
    strategy: row.strategy,
    options,
    ...(roleMapping && { roleMapping }),
    extra: fromJson<Record<string, unknown>>(row.extra),
    ...(row.migration_secrets !== null && { migrationSecrets: row.migration_secrets }),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow(connection: Connection) {
  return {
    id: connection.id,
    name: connection.name,
    strategy: connection.strategy,
    options: toJson({ ...connection.options, roleMapping: connection.roleMapping }),
    extra: toJson(connection.extra),
    migration_secrets: connection.migrationSecrets ?? null,
    created_at: connection.createdAt,
    updated_at: connection.updatedAt,
  }
}
