import {
  listOf,
  type UserGrant,
  userGrant,
  userGrantDeleteQuery,
  userGrantListQuery,
} from '@rolecall/contract'
import { z } from 'zod'
import { apiIdentifiers, findApiIds } from '../apis/store.ts'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { paged } from '../http/paging.ts'
import { audited } from '../logs/audited.ts'
import { requireMayActOn } from '../roles/privilege.ts'
import { deleteConsentAndAccess, deleteConsentsOfUser, requireConsent } from './consents.ts'
import { listConsents } from './lists.ts'
import type { Consent } from './store.ts'

/**
 * Consents that users gave on the consent page, `/grants` on the wire. `oauth/interaction/consent.ts` records them; these
 * routes list and delete them.
 */
export function consentRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['grants']
  /** Auth0's audience of a consent without an API. */
  const userinfo = `${ctx.config.issuer}userinfo`

  const show = (consent: Consent, identifiers: Map<string, string>): UserGrant => ({
    id: consent.id,
    clientID: consent.clientId,
    user_id: consent.userId,
    audience: consent.apiId === undefined ? userinfo : (identifiers.get(consent.apiId) ?? ''),
    scope: consent.scope,
  })

  app.get(
    '/grants',
    {
      config: { scope: ['read:grants'] },
      schema: {
        tags,
        summary: 'List what users allowed applications',
        querystring: userGrantListQuery,
        response: { 200: listOf('grants', userGrant) },
      },
    },
    async ({ query }) => {
      const { audience } = query
      const filter = {
        userId: query.user_id,
        clientId: query.client_id,
        // An audience that does not exist has no grants.
        ...(audience !== undefined && {
          apiId: audience === userinfo ? null : ((await findApiIds(db, [audience])).get(audience) ?? ''),
        }),
      }
      const identifiers = await apiIdentifiers(db)
      return paged('grants', query, listConsents(db, filter), (consent) => show(consent, identifiers))
    },
  )

  app.delete(
    '/grants/:id',
    {
      config: { scope: ['delete:grants'] },
      schema: {
        tags,
        summary: 'Take a grant back',
        description: 'The refresh tokens that the application has for the user end too.',
        params: z.object({ id: z.string().min(1).max(128) }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete a grant', async (tx) => {
        const consent = await requireConsent(tx.db, request.params.id)
        await requireMayActOn(tx.db, callerOf(request), consent.userId)
        await deleteConsentAndAccess(tx, consent)
        return {
          result: undefined,
          on: { user: consent.userId, client: consent.clientId },
          before: show(consent, await apiIdentifiers(tx.db)),
        }
      })
      return reply.code(204).send()
    },
  )

  app.delete(
    '/grants',
    {
      config: { scope: ['delete:grants'] },
      schema: {
        tags,
        summary: 'Take all grants of a user back',
        querystring: userGrantDeleteQuery,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { user_id: userId } = request.query
      await audited(ctx, request, 'Delete the grants of a user', async (tx) => {
        await requireMayActOn(tx.db, callerOf(request), userId)
        await deleteConsentsOfUser(tx, userId)
        return { result: undefined, on: { user: userId } }
      })
      return reply.code(204).send()
    },
  )
}
