import { identityLink, userIdentity, userIdText } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { audited, requested } from '../logs/audited.ts'
import { linkRequestedAccount, unlinkRequestedAccount } from './requested-changes.ts'

/** Accounts at other providers: which of them log in as which user. A log-in of one is in `identities.ts`. */
export function identityRoutes(app: ManagementApp, ctx: Context): void {
  const tags = ['users']
  const params = z.object({ id: userIdText })

  app.post(
    '/users/:id/identities',
    {
      config: { scope: ['update:users'] },
      schema: {
        tags,
        summary: 'Link an account to a user',
        description:
          'The account is the user of another provider. Its log-ins and the roles that its provider gives become those of the user. Everything else of it is deleted.',
        params,
        body: identityLink,
        response: { 201: z.array(userIdentity) },
      },
    },
    async (request, reply) => {
      const identities = await audited(ctx, request, 'Link an account to a user', (tx) =>
        linkRequestedAccount(tx, requested(request, request.params.id)),
      )
      return reply.code(201).send(identities)
    },
  )

  app.delete(
    '/users/:id/identities/:provider/:user_id',
    {
      config: { scope: ['update:users'] },
      schema: {
        tags,
        summary: 'Unlink an account from a user',
        description:
          'The account becomes a user of its own again. The sessions and refresh tokens of the user end.',
        params: params.extend({
          provider: z.string().min(1).max(100),
          user_id: userIdText,
        }),
        response: { 200: z.array(userIdentity) },
      },
    },
    (request) => {
      const { id, provider, user_id: userId } = request.params
      return audited(ctx, request, 'Unlink an account from a user', (tx) =>
        unlinkRequestedAccount(tx, ctx, requested(request, id), { provider, userId }),
      )
    },
  )
}
