import { listOf, pageQuery, userIdText } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { type Listing, paged } from '../http/paging.ts'
import { requireUser } from './users.ts'

/** What a user of Auth0 can have and no user has here: an empty list, and 404 for an unknown user. */
export function unusedUserRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['users']
  const params = z.object({ id: userIdText })
  for (const [path, scope, name, what] of lists)
    app.get(
      `/users/:id/${path}`,
      {
        config: { scope: [scope] },
        schema: {
          tags,
          summary: `List the ${what} of a user: none`,
          params,
          querystring: pageQuery,
          response: { 200: listOf(name, z.never()) },
        },
      },
      async ({ params: { id }, query }) => {
        await requireUser(ctx.store.db, id)
        return paged(name, query, nothing, (item) => item)
      },
    )
}

const lists = [['organizations', 'read:organizations', 'organizations', 'organizations']] as const

const nothing: Listing<never> = { slice: async () => [], count: async () => 0, cursor: () => [] }
