import { fieldsQuery, listOf, user, userIdText, userListQuery, usersByEmailQuery } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { invalidQuery } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { type Listing, paged, pickFields } from '../http/paging.ts'
import type { Db } from '../store/store.ts'
import { type LinkedAccounts, linkedAccountsOf } from './linked-accounts.ts'
import { findUsersByEmail, listUsers } from './lists.ts'
import type { User } from './user.ts'
import { requireUser } from './users.ts'
import { mapSyntaxErrors, userFilterFromWire, userToWire } from './wire.ts'

/** The users of a list, each with the accounts of all users of its page. */
function withAccounts<Item extends User>(db: Db, list: Listing<Item>): Listing<[Item, LinkedAccounts]> {
  return {
    async slice(range) {
      const users = await list.slice(range)
      const accounts = await linkedAccountsOf(db, users)
      return users.map((one) => [one, accounts])
    },
    count: () => list.count(),
    cursor: ([one]) => list.cursor(one),
    ...(list.cursorTypes && { cursorTypes: list.cursorTypes }),
  }
}

/** Auth0's limit for numbered pages of a search. `from` costs the same at any depth. */
const maxSearchOffset = 1_000

/**
 * Reading users: lists, searches and single users. What a user may do is in `access-routes.ts`, sessions in
 * `session-routes.ts`. Users are created, changed and deleted in `accounts/user-routes.ts`, because that changes their
 * accounts too.
 */
export function userRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const presenter = async (users: readonly User[]) => {
    const accounts = await linkedAccountsOf(db, users)
    return (one: User) => userToWire(one, ctx.config.issuer, accounts)
  }
  const tags = ['users']
  const params = z.object({ id: userIdText })

  app.get(
    '/users',
    {
      config: { scope: ['read:users'] },
      schema: {
        tags,
        summary: 'List or search users',
        description:
          'The search takes `field:value`, quotes, `*`, ranges, `_exists_:field`, AND, OR, NOT and parentheses. One by the ' +
          'beginning of an address or a name is answered from an index, in the order of that index. `search` finds any part of ' +
          'a name, an address, a user name or an id, and `total` counts at most 1,000 of these users.',
        querystring: userListQuery,
        response: { 200: listOf('users', user.partial()) },
      },
    },
    async ({ query }) => {
      const { page = 0, per_page = 50, q = '' } = query
      if (q !== '' && page * per_page > maxSearchOffset)
        throw invalidQuery(
          `'Pages of a search end at ${maxSearchOffset} users: go on with from and take' on property page`,
        )
      const list = mapSyntaxErrors(() => listUsers(db, userFilterFromWire(query)))
      return paged(
        'users',
        query,
        withAccounts(db, list),
        ([one, accounts]) => pickFields(userToWire(one, ctx.config.issuer, accounts), query),
        true,
      )
    },
  )

  app.get(
    '/users-by-email',
    {
      config: { scope: ['read:users'] },
      schema: {
        tags,
        summary: 'Find users by their address, in any spelling',
        querystring: usersByEmailQuery,
        response: { 200: z.array(user.partial()) },
      },
    },
    async ({ query }) => {
      const found = await findUsersByEmail(db, query.email)
      const toWire = await presenter(found)
      return found.map((one) => pickFields(toWire(one), query))
    },
  )

  app.get(
    '/users/:id',
    {
      config: { scope: ['read:users'] },
      schema: {
        tags,
        summary: 'Get a user',
        params,
        querystring: fieldsQuery,
        response: { 200: user.partial() },
      },
    },
    async ({ params: { id }, query }) => {
      const found = await requireUser(db, id)
      return pickFields((await presenter([found]))(found), query)
    },
  )
}
