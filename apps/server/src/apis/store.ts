import { signingAlgs, tokenDialects } from '@rolecall/contract'
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { ApisTable } from '../store/schema.ts'
import { searchText } from '../store/search-text.ts'
import { chunks, lockRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool, fromJson, toBool, toJson } from '../store/values.ts'

export type SigningAlg = (typeof signingAlgs)[number]

/** Which claims an access token carries; `…_authz` adds `permissions`, `rfc9068…` follows RFC 9068. */
export type TokenDialect = 'access_token' | 'access_token_authz' | 'rfc9068_profile' | 'rfc9068_profile_authz'

export interface Permission {
  value: string
  description: string
}

/** An API that tokens are issued for, a "resource server" on the wire. */
export interface Api {
  id: string
  /** The audience: `aud` of its tokens. Never changes. */
  identifier: string
  name: string
  isSystem: boolean
  signingAlg: SigningAlg
  /** Sealed; present with HS256. `openSigningSecret` reads it. */
  signingSecret?: string
  /** Seconds. */
  tokenLifetime: number
  /** Seconds. */
  tokenLifetimeForWeb: number
  allowOfflineAccess: boolean
  /** Whether a user's permissions limit the scopes of a token; absent until it is set. */
  enforcePolicies?: boolean
  tokenDialect?: TokenDialect
  skipConsent: boolean
  /** In the order in which they were declared. */
  permissions: Permission[]
  /** Members that are stored and returned, and that no rule reads. */
  extra: Record<string, unknown>
}

const signingAlg = z.enum(signingAlgs)
const tokenDialect = z.enum(tokenDialects)

export function findApi(db: Db, id: string): Promise<Api | undefined> {
  return findBy(db, 'id', id)
}

export function findApiByIdentifier(db: Db, identifier: string): Promise<Api | undefined> {
  return findBy(db, 'identifier', identifier)
}

async function findBy(db: Db, column: 'id' | 'identifier', value: string): Promise<Api | undefined> {
  const row = await db.selectFrom('apis').selectAll().where(column, '=', value).executeTakeFirst()
  return row && fromRow(row, await permissionsOf(db, row.id))
}

/** The Management API, the only API that the server creates. */
export async function findSystemApi(db: Db): Promise<Api | undefined> {
  const row = await db.selectFrom('apis').selectAll().where('is_system', '=', toBool(true)).executeTakeFirst()
  return row && fromRow(row, await permissionsOf(db, row.id))
}

/** Changes the audience of a system API. Identifiers of other APIs never change. */
export async function renameApi(db: Db, api: Api, identifier: string, at: number): Promise<void> {
  const search_text = searchTextOf({ ...api, identifier })
  const renamed = { identifier, search_text, updated_at: at }
  await db.updateTable('apis').set(renamed).where('id', '=', api.id).execute()
}

function permissionsOf(db: Db, apiId: string): Promise<Permission[]> {
  return db
    .selectFrom('permissions')
    .select(['value', 'description'])
    .where('api_id', '=', apiId)
    .orderBy('position')
    .execute()
}

/** The permissions with these names, of all APIs. */
export function findPermissionsNamed(
  db: Db,
  values: readonly string[],
): Promise<{ identifier: string; value: string }[]> {
  return db
    .selectFrom('permissions')
    .innerJoin('apis', 'apis.id', 'permissions.api_id')
    .select(['apis.identifier', 'permissions.value'])
    .where('permissions.value', 'in', values)
    .orderBy('apis.identifier')
    .orderBy('permissions.value')
    .execute()
}

export async function insertApi(db: Db, api: Api, at: number): Promise<void> {
  await db
    .insertInto('apis')
    .values({ ...toRow(api), created_at: at, updated_at: at })
    .execute()
}

export async function updateApiRow(db: Db, api: Api, at: number): Promise<void> {
  await db
    .updateTable('apis')
    .set({ ...toRow(api), updated_at: at })
    .where('id', '=', api.id)
    .execute()
}

export async function deleteApiRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('apis').where('id', '=', id).execute()
}

/** Writes the whole list. Foreign keys remove a deleted permission from roles, users and grants. */
export async function replacePermissions(
  db: Db,
  apiId: string,
  permissions: readonly Permission[],
): Promise<void> {
  const wanted = new Set(permissions.map(({ value }) => value))
  const gone = (await permissionsOf(db, apiId)).filter(({ value }) => !wanted.has(value))
  for (const some of chunks(gone.map(({ value }) => value)))
    await db.deleteFrom('permissions').where('api_id', '=', apiId).where('value', 'in', some).execute()
  const rows = permissions.map((permission, position) => ({ api_id: apiId, ...permission, position }))
  for (const some of chunks(rows))
    await db
      .insertInto('permissions')
      .values(some)
      .onConflict((c) =>
        c.columns(['api_id', 'value']).doUpdateSet((eb) => ({
          description: eb.ref('excluded.description'),
          position: eb.ref('excluded.position'),
        })),
      )
      .execute()
}

function toRow(api: Api) {
  return {
    id: api.id,
    identifier: api.identifier,
    name: api.name,
    is_system: toBool(api.isSystem),
    signing_alg: api.signingAlg,
    signing_secret: api.signingSecret ?? null,
    token_lifetime: api.tokenLifetime,
    token_lifetime_for_web: api.tokenLifetimeForWeb,
    allow_offline_access: toBool(api.allowOfflineAccess),
    enforce_policies: api.enforcePolicies === undefined ? null : toBool(api.enforcePolicies),
    token_dialect: api.tokenDialect ?? null,
    skip_consent: toBool(api.skipConsent),
    extra: toJson(api.extra),
    search_text: searchTextOf(api),
  }
}

const searchTextOf = ({ name, identifier, id }: Pick<Api, 'name' | 'identifier' | 'id'>) =>
  searchText(name, identifier, id)

export function fromRow(row: Selectable<ApisTable>, permissions: Permission[]): Api {
  return {
    id: row.id,
    identifier: row.identifier,
    name: row.name,
    isSystem: fromBool(row.is_system),
    signingAlg: signingAlg.parse(row.signing_alg),
    ...(row.signing_secret !== null && { signingSecret: row.signing_secret }),
    tokenLifetime: row.token_lifetime,
    tokenLifetimeForWeb: row.token_lifetime_for_web,
    allowOfflineAccess: fromBool(row.allow_offline_access),
    ...(row.enforce_policies !== null && { enforcePolicies: fromBool(row.enforce_policies) }),
    ...(row.token_dialect !== null && { tokenDialect: tokenDialect.parse(row.token_dialect) }),
    skipConsent: fromBool(row.skip_consent),
    permissions,
    extra: fromJson(row.extra),
  }
}

/** Identifiers by id, of every API. */
export async function apiIdentifiers(db: Db): Promise<Map<string, string>> {
  const rows = await db.selectFrom('apis').select(['id', 'identifier']).execute()
  return new Map(rows.map(({ id, identifier }) => [id, identifier]))
}

/** Of these ids; the id of a deleted API is left out. */
export async function apiIdentifiersOf(
  db: Db,
  ids: readonly string[],
): Promise<{ id: string; identifier: string }[]> {
  const found: { id: string; identifier: string }[] = []
  for (const some of chunks(ids))
    found.push(
      ...(await db.selectFrom('apis').select(['id', 'identifier']).where('id', 'in', some).execute()),
    )
  return found
}

/** Ids by identifier; an identifier that no API has is left out. */
export async function findApiIds(db: Db, identifiers: readonly string[]): Promise<Map<string, string>> {
  const ids = new Map<string, string>()
  for (const some of chunks(identifiers)) {
    const rows = await db
      .selectFrom('apis')
      .select(['id', 'identifier'])
      .where('identifier', 'in', some)
      .execute()
    for (const row of rows) ids.set(row.identifier, row.id)
  }
  return ids
}

/** Those of `values` that the API declares. */
export async function declaredPermissions(
  db: Db,
  apiId: string,
  values: readonly string[],
): Promise<Set<string>> {
  const declared = new Set<string>()
  for (const some of chunks(values)) {
    const rows = await db
      .selectFrom('permissions')
      .select('value')
      .where('api_id', '=', apiId)
      .where('value', 'in', some)
      .execute()
    for (const row of rows) declared.add(row.value)
  }
  return declared
}

/** The id of the Management API; undefined before the first start. */
export async function systemApiId(db: Db): Promise<string | undefined> {
  const row = await db
    .selectFrom('apis')
    .select('id')
    .where('is_system', '=', toBool(true))
    .executeTakeFirst()
  return row?.id
}

/** Locks the row of an API until the transaction ends. */
export async function lockApi(tx: Db, id: string): Promise<void> {
  await lockRows(tx, tx.selectFrom('apis').select('id').where('id', '=', id)).execute()
}

/** Holds the row of the Management API until the transaction ends. */
export async function lockSystemApi(db: Db): Promise<void> {
  await lockRows(db, db.selectFrom('apis').select('id').where('is_system', '=', toBool(true))).execute()
}
