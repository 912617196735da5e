import { applicationSecret, clientWithSecret, secretRotation } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { requireApplication } from './applications.ts'
import { requireMayActOnApplication } from './privilege.ts'
import { endPreviousSecret, listSecrets, rotateSecret } from './secrets.ts'
import { applicationToWire } from './wire.ts'

/** The secrets of applications. The response that makes one is the only one that contains it. */
export function secretRoutes(app: ManagementApp, ctx: Context): void {
  const params = z.object({ id: z.string().min(1).max(128) })

  app.post(
    '/clients/:id/rotate-secret',
    {
      config: { scope: ['update:client_keys'] },
      schema: {
        tags: ['clients'],
        summary: 'Make a new secret',
        description:
          'The old secret stops working at once, unless `previous_secret_lifetime` says for how long it is accepted. There ' +
          'are two secrets at most: one that an earlier rotation has kept ends.',
        params,
        body: secretRotation,
        response: { 200: clientWithSecret },
      },
    },
    (request) =>
      audited(ctx, request, 'Rotate a client secret', async (tx) => {
        await requireMayActOnApplication(tx.db, callerOf(request), request.params.id)
        const seconds = request.body?.previous_secret_lifetime ?? 0
        const { application, clientSecret } = await rotateSecret(tx, request.params.id, seconds)
        return {
          result: { ...applicationToWire(application), client_secret: clientSecret },
          on: { client: application.clientId },
          ...(seconds > 0 && { after: { previous_secret_lifetime: seconds } }),
        }
      }),
  )

  app.get(
    '/rolecall/clients/:id/secrets',
    {
      config: { scope: ['read:clients', 'read:client_keys'] },
      schema: {
        tags: ['rolecall'],
        summary: 'List when the secrets of an application were made and used, without their values',
        params,
        response: { 200: z.array(applicationSecret) },
      },
    },
    async ({ params: { id } }) =>
      listSecrets(ctx.store.db, await requireApplication(ctx.store.db, id), ctx.clock()),
  )

  app.delete(
    '/rolecall/clients/:id/secrets/previous',
    {
      config: { scope: ['update:client_keys'] },
      schema: {
        tags: ['rolecall'],
        summary: 'End the previous secret of an application',
        params,
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      await audited(ctx, request, 'End a client secret', async (tx) => {
        await requireMayActOnApplication(tx.db, callerOf(request), request.params.id)
        const { clientId } = await endPreviousSecret(tx, request.params.id)
        return { result: undefined, on: { client: clientId } }
      })
      return reply.code(204).send()
    },
  )
}
