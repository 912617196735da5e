import { isPublicClient } from '@rolecall/contract'
import { sql } from 'kysely'
import type { PermissionKey } from '../apis/permission-refs.ts'
import type { Listing } from '../http/paging.ts'
import { textCondition } from '../search/text-search.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool, toBool } from '../store/values.ts'
import { type Application, type ClientGrant, fromRow, grantsFromRows, type SubjectType } from './store.ts'

export interface ApplicationFilter {
  isGlobal?: boolean | undefined
  isSystem?: boolean | undefined
  isFirstParty?: boolean | undefined
  appTypes?: string[] | undefined
  /** Parts of the name or the client id. */
  text?: string | undefined
}

/** Applications that pass the filter, in the order of their names. */
export function listApplications(db: Db, filter: ApplicationFilter): Listing<Application> {
  let chosen = db.selectFrom('applications')
  if (filter.isGlobal !== undefined) chosen = chosen.where('is_global', '=', toBool(filter.isGlobal))
  if (filter.isSystem !== undefined) chosen = chosen.where('is_system', '=', toBool(filter.isSystem))
  if (filter.isFirstParty !== undefined)
    chosen = chosen.where('is_first_party', '=', toBool(filter.isFirstParty))
  const found = textCondition(db, 'applications', filter.text ?? '')
  if (found) chosen = chosen.where(found)
  if (filter.appTypes) chosen = chosen.where('app_type', 'in', filter.appTypes)
  return {
    async slice({ after, offset, limit }) {
      const [name = '', clientId = ''] = after?.map(String) ?? []
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) =>
          query.where((eb) =>
            eb.or([eb('name', '>', name), eb.and([eb('name', '=', name), eb('client_id', '>', clientId)])]),
          ),
        )
        .orderBy('name')
        .orderBy('client_id')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    count: () => countRows(chosen),
    cursor: ({ name, clientId }) => [name, clientId],
    cursorTypes: ['string', 'string'],
  }
}

/**
 * Applications that could keep a secret, or get tokens for themselves, and whose requests for tokens need no
 * authentication, in the order of their names.
 */
export async function listUnauthenticatedApplications(db: Db, limit: number): Promise<Application[]> {
  const runsOnServer = sql<boolean>`coalesce(app_type, '') not in ('spa', 'native')`
  const getsOwnTokens = sql<boolean>`${sql.ref('data')} ->> 'grant_types' like '%"client_credentials"%'`
  const rows = await db
    .selectFrom('applications')
    .selectAll()
    .where('is_system', '=', toBool(false))
    .where('is_global', '=', toBool(false))
    .where(sql<string>`${sql.ref('data')} ->> 'token_endpoint_auth_method'`, '=', 'none')
    .where((eb) => eb.or([runsOnServer, getsOwnTokens]))
    .orderBy('name')
    .orderBy('client_id')
    .limit(limit)
    .execute()
  return rows.map(fromRow).filter(({ data }) => isPublicClient(data))
}

export interface GrantFilter {
  clientId?: string | undefined
  apiId?: string | undefined
  subjectType?: string | undefined
}

/** Grants that pass the filter, in the order of their ids. System grants are left out: configuration tools would try to write them. */
export function listGrants(db: Db, filter: GrantFilter): Listing<ClientGrant> {
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
      return grantsFromRows(db, rows)
    },
    count: () => countRows(chosen),
    cursor: ({ id }) => [id],
  }
}

/** An application whose grant contains a permission. */
export interface GrantedApplication {
  grantId: string
  clientId: string
  name: string
  subjectType: SubjectType
  allowAllScopes: boolean
}

/** The client grants that contain a permission, of either subject type, system grants included, by id. */
export function listGranted(db: Db, { apiId, permission }: PermissionKey): Listing<GrantedApplication> {
  const chosen = db
    .selectFrom('client_grants')
    .where('client_grants.api_id', '=', apiId)
    .where((eb) =>
      eb.or([
        eb('client_grants.allow_all_scopes', '=', toBool(true)),
        eb.exists(
          eb
            .selectFrom('client_grant_permissions as granted')
            .select('granted.grant_id')
            .whereRef('granted.grant_id', '=', 'client_grants.id')
            .where('granted.permission', '=', permission),
        ),
      ]),
    )
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .innerJoin('applications', 'applications.client_id', 'client_grants.client_id')
        .select([
          'client_grants.id',
          'client_grants.subject_type',
          'client_grants.allow_all_scopes',
          'applications.client_id',
          'applications.name',
        ])
        .$if(after !== undefined, (query) => query.where('client_grants.id', '>', String(after?.[0])))
        .orderBy('client_grants.id')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map((row) => ({
        grantId: row.id,
        clientId: row.client_id,
        name: row.name,
        subjectType: row.subject_type === 'user' ? 'user' : 'client',
        allowAllScopes: fromBool(row.allow_all_scopes),
      }))
    },
    count: () => countRows(chosen),
    cursor: ({ grantId }) => [grantId],
  }
}
