import type { Listing } from '../http/paging.ts'
import { textCondition } from '../search/text-search.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { toBool } from '../store/values.ts'
import { type Application, type ClientGrant, fromRow, grantsFromRows } from './store.ts'

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
