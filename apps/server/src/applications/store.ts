import type { Client } from '@rolecall/contract'
import type { JWK } from 'jose'
import type { Selectable } from 'kysely'
import type { ApplicationsTable, ClientGrantsTable } from '../store/schema.ts'
import { searchText } from '../store/search-text.ts'
import { chunks, lockRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool, fromJson, toBool, toJson } from '../store/values.ts'

/** The hashes of an application's secrets. */
export interface Secrets {
  /** SHA-256 of the secret; absent for public applications. */
  secretHash?: string
  /** Absent for a secret of an earlier version. */
  secretCreatedAt?: number
  /** The secret before the last rotation, if it is accepted for a while. */
  previousSecret?: PreviousSecret
}

interface PreviousSecret {
  hash: string
  createdAt?: number
  endsAt: number
}

/** A client of OAuth 2 (RFC 6749 §2): it requests tokens. */
export interface Application extends Secrets {
  clientId: string
  name: string
  appType?: string
  /** The `All Applications` object of the tenant. Users cannot log in to it. */
  isGlobal: boolean
  /** Created by the server. It cannot be edited or deleted. */
  isSystem: boolean
  /** The object on the wire, without secrets. */
  data: Client
  credentials: ClientCredential[]
  createdAt: number
  updatedAt: number
}

/** A public key that an application signs its assertions with (private_key_jwt, RFC 7523 §2.2). */
export interface ClientCredential {
  id: string
  name?: string
  kid: string
  alg: 'RS256' | 'RS384' | 'PS256'
  publicJwk: JWK
  /** SHA-256 of the key (RFC 7638). */
  thumbprint: string
  createdAt: number
  updatedAt: number
  /** Epoch milliseconds; absent: it does not expire. */
  expiresAt?: number
}

/** `client`: tokens for the application itself. `user`: tokens on behalf of users. */
export type SubjectType = 'client' | 'user'

/** The scopes that an application can request from an API. */
export interface ClientGrant {
  id: string
  clientId: string
  apiId: string
  subjectType: SubjectType
  isSystem: boolean
  /** Permissions of the API, in the order of the request. */
  scope: string[]
  /** All permissions of the API, also later ones; `scope` is empty then. */
  allowAllScopes: boolean
  /** `organization_usage` and other members of Auth0's tools. */
  extra: Record<string, unknown>
  createdAt: number
  updatedAt: number
}

export async function findApplication(db: Db, clientId: string): Promise<Application | undefined> {
  const row = await db
    .selectFrom('applications')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** As `findApplication`, and locks the row until the transaction ends. */
export async function lockApplication(tx: Db, clientId: string): Promise<Application | undefined> {
  const query = tx.selectFrom('applications').selectAll().where('client_id', '=', clientId)
  const row = await lockRows(tx, query).executeTakeFirst()
  return row && fromRow(row)
}

export async function insertApplication(db: Db, application: Application): Promise<void> {
  await db.insertInto('applications').values(toRow(application)).execute()
}

/** Writes all members of an application that exists. */
export async function saveApplication(tx: Db, application: Application): Promise<void> {
  const { client_id, created_at: _, ...row } = toRow(application)
  await tx.updateTable('applications').set(row).where('client_id', '=', client_id).execute()
}

export async function deleteApplicationRow(tx: Db, clientId: string): Promise<void> {
  await tx.deleteFrom('applications').where('client_id', '=', clientId).execute()
}

/** Of these ids, in no order; an application that does not exist is left out. */
export async function applicationsWithIds(db: Db, clientIds: readonly string[]): Promise<Application[]> {
  const found: Application[] = []
  for (const some of chunks(clientIds)) {
    const rows = await db.selectFrom('applications').selectAll().where('client_id', 'in', some).execute()
    found.push(...rows.map(fromRow))
  }
  return found
}

/** All applications, in no order. For caches and checks at start, not for requests. */
export async function allApplications(db: Db): Promise<Application[]> {
  return (await db.selectFrom('applications').selectAll().execute()).map(fromRow)
}

/** One of the applications that the server makes itself. */
export async function findSystemApplication(db: Db, name: string): Promise<Application | undefined> {
  return (await listSystemApplications(db)).find((one) => one.name === name)
}

/** The applications that the server created. */
export async function listSystemApplications(db: Db): Promise<Application[]> {
  const rows = await db.selectFrom('applications').selectAll().where('is_system', '=', toBool(true)).execute()
  return rows.map(fromRow)
}

export function fromRow(row: Selectable<ApplicationsTable>): Application {
  const previousSecret = fromJson<PreviousSecret | null>(row.previous_secret)
  return {
    clientId: row.client_id,
    name: row.name,
    ...(row.app_type !== null && { appType: row.app_type }),
    isGlobal: fromBool(row.is_global),
    isSystem: fromBool(row.is_system),
    ...(row.secret_hash !== null && { secretHash: row.secret_hash }),
    ...(row.secret_created_at !== null && { secretCreatedAt: row.secret_created_at }),
    ...(previousSecret !== null && { previousSecret }),
    data: fromJson<Application['data']>(row.data),
    credentials: fromJson<ClientCredential[]>(row.credentials),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow(application: Application) {
  return {
    client_id: application.clientId,
    name: application.name,
    is_global: toBool(application.isGlobal),
    is_system: toBool(application.isSystem),
    is_first_party: toBool(application.data.is_first_party ?? true),
    app_type: application.appType ?? null,
    secret_hash: application.secretHash ?? null,
    secret_created_at: application.secretCreatedAt ?? null,
    previous_secret: application.previousSecret ? toJson(application.previousSecret) : null,
    data: toJson(application.data),
    credentials: toJson(application.credentials),
    created_at: application.createdAt,
    updated_at: application.updatedAt,
    search_text: searchText(application.name, application.clientId),
  }
}

/**
 * The grant of an application on an API; undefined without one. With `allowAllScopes` it has all permissions of the API,
 * and `scope` is empty.
 */
export async function findClientGrant(
  db: Db,
  clientId: string,
  apiId: string,
  subjectType: SubjectType = 'client',
): Promise<{ scope: string[]; allowAllScopes: boolean } | undefined> {
  const row = await db
    .selectFrom('client_grants')
    .selectAll()
    .where('client_id', '=', clientId)
    .where('api_id', '=', apiId)
    .where('subject_type', '=', subjectType)
    .executeTakeFirst()
  return row && (await grantsFromRows(db, [row]))[0]
}

/** The grants of these applications on an API, of either subject type. */
export async function findGrantsOn(
  db: Db,
  apiId: string,
  clientIds: readonly string[],
): Promise<ClientGrant[]> {
  const grants: ClientGrant[] = []
  for (const some of chunks(clientIds)) {
    const rows = await db
      .selectFrom('client_grants')
      .selectAll()
      .where('api_id', '=', apiId)
      .where('client_id', 'in', some)
      .orderBy('id')
      .execute()
    grants.push(...(await grantsFromRows(db, rows)))
  }
  return grants
}

export async function findGrantById(db: Db, id: string): Promise<ClientGrant | undefined> {
  const row = await db.selectFrom('client_grants').selectAll().where('id', '=', id).executeTakeFirst()
  return row && (await grantsFromRows(db, [row]))[0]
}

/** As `findGrantById`, and locks the row until the transaction ends. */
export async function lockGrant(tx: Db, id: string): Promise<ClientGrant | undefined> {
  const row = await lockRows(
    tx,
    tx.selectFrom('client_grants').selectAll().where('id', '=', id),
  ).executeTakeFirst()
  return row && (await grantsFromRows(tx, [row]))[0]
}

export async function insertGrant(tx: Db, grant: ClientGrant): Promise<void> {
  await tx
    .insertInto('client_grants')
    .values({
      id: grant.id,
      client_id: grant.clientId,
      api_id: grant.apiId,
      subject_type: grant.subjectType,
      is_system: toBool(grant.isSystem),
      allow_all_scopes: toBool(grant.allowAllScopes),
      extra: toJson(grant.extra),
      created_at: grant.createdAt,
      updated_at: grant.updatedAt,
    })
    .execute()
  await insertScopes(tx, grant)
}

/** Writes scopes, `allowAllScopes` and `extra` of a grant that exists. */
export async function saveGrant(tx: Db, grant: ClientGrant): Promise<void> {
  await tx
    .updateTable('client_grants')
    .set({
      allow_all_scopes: toBool(grant.allowAllScopes),
      extra: toJson(grant.extra),
      updated_at: grant.updatedAt,
    })
    .where('id', '=', grant.id)
    .execute()
  await tx.deleteFrom('client_grant_permissions').where('grant_id', '=', grant.id).execute()
  await insertScopes(tx, grant)
}

export async function deleteGrant(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('client_grants').where('id', '=', id).execute()
}

async function insertScopes(tx: Db, grant: ClientGrant): Promise<void> {
  const rows = grant.scope.map((permission, position) => ({
    grant_id: grant.id,
    api_id: grant.apiId,
    permission,
    position,
  }))
  for (const some of chunks(rows)) await tx.insertInto('client_grant_permissions').values(some).execute()
}

export async function grantsFromRows(db: Db, rows: Selectable<ClientGrantsTable>[]): Promise<ClientGrant[]> {
  if (rows.length === 0) return []
  const scopes = await db
    .selectFrom('client_grant_permissions')
    .select(['grant_id', 'permission'])
    .where(
      'grant_id',
      'in',
      rows.map((row) => row.id),
    )
    .orderBy('grant_id')
    .orderBy('position')
    .execute()
  const byGrant = Map.groupBy(scopes, (scope) => scope.grant_id)
  return rows.map((row) => ({
    id: row.id,
    clientId: row.client_id,
    apiId: row.api_id,
    subjectType: row.subject_type === 'user' ? 'user' : 'client',
    isSystem: fromBool(row.is_system),
    scope: byGrant.get(row.id)?.map((scope) => scope.permission) ?? [],
    allowAllScopes: fromBool(row.allow_all_scopes),
    extra: fromJson<Record<string, unknown>>(row.extra),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }))
}

/** Counts the applications with a grant for a permission of an API, or for any permission. */
export async function countGranted(
  db: Db,
  { apiId, permission }: { apiId: string; permission?: string | undefined },
): Promise<number> {
  const grants = db
    .selectFrom('client_grants')
    .where('client_grants.api_id', '=', apiId)
    .where((eb) => {
      let named = eb
        .selectFrom('client_grant_permissions as granted')
        .select('granted.grant_id')
        .whereRef('granted.grant_id', '=', 'client_grants.id')
      if (permission !== undefined) named = named.where('granted.permission', '=', permission)
      return eb.or([eb('client_grants.allow_all_scopes', '=', toBool(true)), eb.exists(named)])
    })
  const row = await grants
    .select(({ fn }) => fn.count('client_grants.client_id').distinct().as('count'))
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

/** Stores a use of a secret, unless a later one of another server is stored. */
export async function saveSecretUse(
  db: Db,
  { clientId, secretHash, usedAt }: { clientId: string; secretHash: string; usedAt: number },
): Promise<void> {
  await db
    .insertInto('secret_uses')
    .values({ client_id: clientId, secret_hash: secretHash, used_at: usedAt })
    .onConflict((conflict) =>
      conflict
        .columns(['client_id', 'secret_hash'])
        .doUpdateSet({ used_at: usedAt })
        .where('secret_uses.used_at', '<', usedAt),
    )
    .execute()
}

/** When the secrets of an application were last used, by their hashes. */
export async function secretUses(db: Db, clientId: string): Promise<Map<string, number>> {
  const rows = await db
    .selectFrom('secret_uses')
    .select(['secret_hash', 'used_at'])
    .where('client_id', '=', clientId)
    .execute()
  return new Map(rows.map(({ secret_hash, used_at }) => [secret_hash, used_at]))
}

/** Deletes the uses of secrets that are not among these. */
export async function deleteSecretUses(db: Db, clientId: string, kept: readonly string[]): Promise<void> {
  await db
    .deleteFrom('secret_uses')
    .where('client_id', '=', clientId)
    .$if(kept.length > 0, (query) => query.where('secret_hash', 'not in', kept))
    .execute()
}
