import {
  claimsAnswer,
  claimsRequest,
  explainRequest,
  explanation,
  holdersQuery,
  listOf,
  permissionClient,
  permissionUser,
} from '@rolecall/contract'
import { listGranted } from '../applications/lists.ts'
import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import type { ManagementApp, Scopes } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { listHolders } from '../roles/holders.ts'
import { listRolesOfUser } from '../roles/lists.ts'
import { decide, requireAsked, requirePermission, rolesGiving } from './explain.ts'
import { readToken } from './given-token.ts'
import { findLastChange } from './last-change.ts'
import { predictClaims } from './predicted-claims.ts'
import { explanationToWire, grantedToWire, holderToWire } from './wire.ts'

const tags = ['authorization']
/** Everything that an answer may show. */
const readsAll: Scopes = [
  'read:users read:roles read:resource_servers read:clients read:client_grants read:logs',
]
const readsClaims: Scopes = ['read:users read:roles read:resource_servers read:clients read:client_grants']
const maxRolesOfUser = 1_000

/** Why a user or an application may do something, who may do it, and what their tokens say. These routes change nothing. */
export function explainRoutes(app: ManagementApp, ctx: Context, keys: KeyRing): void {
  const { db } = ctx.store

  app.post(
    '/authorization/explain',
    {
      config: { scope: readsAll, readsOnly: true },
      schema: {
        tags,
        summary: 'Explain why a user or an application has a permission or not',
        description:
          'With `token`, an access token is compared with what is true now. It is neither stored nor logged.',
        body: explainRequest,
        response: { 200: explanation },
      },
    },
    async ({ body }) => {
      const asked = await requireAsked(db, { userId: body.user_id, clientId: body.client_id })
      const { user, application } = asked
      const api = await requirePermission(db, body.api, body.permission)
      const decision = await decide(db, asked, api, body.permission)
      const giving = await rolesGiving(db, api.id, body.permission)
      const held = user
        ? await listRolesOfUser(db, user.userId).slice({ offset: 0, limit: maxRolesOfUser })
        : []
      const lastChange = await findLastChange(db, {
        userId: user?.userId,
        clientId: application?.clientId,
        connectionId: application && user && (await findConnection(db, user.connection))?.id,
        api,
        permission: body.permission,
        giving: giving.roles.map(({ role }) => role.id),
        held: held.map(({ id }) => id),
      })
      const token =
        body.token === undefined ? undefined : await readToken(ctx, keys, api, body.permission, body.token)
      return explanationToWire({
        asked,
        api,
        permission: body.permission,
        decision,
        giving,
        lastChange,
        token,
      })
    },
  )

  app.get(
    '/authorization/users',
    {
      config: { scope: ['read:users read:roles read:resource_servers'] },
      schema: {
        tags,
        summary: 'List the users who hold a permission, and through what',
        description:
          'Where the API does not enforce RBAC, any user may request any scope, and the list limits nothing.',
        querystring: holdersQuery,
        response: { 200: listOf('users', permissionUser) },
      },
    },
    async ({ query }) => {
      const { id: apiId } = await requirePermission(db, query.api, query.permission)
      return paged('users', query, listHolders(db, { apiId, permission: query.permission }), holderToWire)
    },
  )

  app.get(
    '/authorization/clients',
    {
      config: { scope: ['read:clients read:client_grants read:resource_servers'] },
      schema: {
        tags,
        summary: 'List the applications whose client grants contain a permission',
        querystring: holdersQuery,
        response: { 200: listOf('clients', permissionClient) },
      },
    },
    async ({ query }) => {
      const { id: apiId } = await requirePermission(db, query.api, query.permission)
      return paged('clients', query, listGranted(db, { apiId, permission: query.permission }), grantedToWire)
    },
  )

  app.post(
    '/authorization/claims',
    {
      config: { scope: readsClaims, readsOnly: true },
      schema: {
        tags,
        summary: 'Show the claims of an access token that would be issued now',
        body: claimsRequest,
        response: { 200: claimsAnswer },
      },
    },
    ({ body }) => predictClaims(ctx, body),
  )
}
