import type { Listing } from '../http/paging.ts'
import { countRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import type { Consent } from './store.ts'
import { consentsFromRows } from './store.ts'

export interface ConsentFilter {
  userId?: string | undefined
  clientId?: string | undefined
  /** null: consents for no API. */
  apiId?: string | null | undefined
}

/** Consents that pass the filter, in the order of their ids. */
export function listConsents(db: Db, { userId, clientId, apiId }: ConsentFilter): Listing<Consent> {
  const chosen = db
    .selectFrom('consents')
    .$if(userId !== undefined, (query) => query.where('user_id', '=', userId ?? ''))
    .$if(clientId !== undefined, (query) => query.where('client_id', '=', clientId ?? ''))
    .$if(apiId !== undefined, (query) => query.where('api_id', apiId === null ? 'is' : '=', apiId ?? null))
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) => query.where('id', '>', String(after?.[0])))
        .orderBy('id')
        .offset(offset)
        .limit(limit)
        .execute()
      return consentsFromRows(db, rows)
    },
    count: () => countRows(chosen),
    cursor: ({ id }) => [id],
  }
}
