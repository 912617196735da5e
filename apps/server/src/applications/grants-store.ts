import type { Selectable } from 'kysely'
import type { Listing } from '../http/paging.ts'
import { chunks } from '../store/chunks.ts'
import { lockRows } from '../store/row-lock.ts'
import type { ClientGrantsTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { fromBool, fromJson, toBool, toJson } from '../store/values.ts'
import type { ClientGrant, SubjectType } from './grants.ts'

/**
 * What an application may ask of an API; undefined when nothing was granted. With `allowAllScopes` the permissions
 * are the API's own, and `scope` is empty.
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
  return row && (await withScopes(db, [row]))[0]
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
    grants.push(...(await withScopes(db, rows)))
  }
  return grants
}

export async function findGrantById(db: Db, id: string): Promise<ClientGrant | undefined> {
  const row = await db.selectFrom('client_grants').selectAll().where('id', '=', id).executeTakeFirst()
  return row && (await withScopes(db, [row]))[0]
}

/** As `findGrantById`, and nobody else changes it until the transaction ends. */
export async function lockGrant(tx: Db, id: string): Promise<ClientGrant | undefined> {
  const row = await lockRows(
    tx,
    tx.selectFrom('client_grants').selectAll().where('id', '=', id),
  ).executeTakeFirst()
  return row && (await withScopes(tx, [row]))[0]
}

export interface GrantFilter {
  clientId?: string | undefined
  apiId?: string | undefined
  subjectType?: string | undefined
}

/** Grants that pass the filter, in the order of their ids; without the server's own, which configuration tools would try to write. */
export function grantListing(db: Db, filter: GrantFilter): Listing<ClientGrant> {
  let chosen = db.selectFrom('client_grants').where('is_system', '=', toBool(false))
  if (filter.clientId !== undefined) chosen = chosen.where('client_id', '=', filter.clientId)
  if (filter.apiId !== undefined) chosen = chosen.where('api_id', '=', filter.apiId)
  if (filter.subjectType !== undefined) chosen = chosen.where('subject_type', '=', filter.subjectType)
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) => query.where('id', '>', String(after?.[0])))
        .orderBy('id')
        .offset(offset)
        .limit(limit)
        .execute()
      return withScopes(db, rows)
    },
    async count() {
      const { total } = await chosen.select((eb) => eb.fn.countAll().as('total')).executeTakeFirstOrThrow()
      return Number(total)
    },
    cursor: ({ id }) => [id],
  }
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

async function withScopes(db: Db, rows: Selectable<ClientGrantsTable>[]): Promise<ClientGrant[]> {
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
