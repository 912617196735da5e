import { clientCredential, clientCredentialCreate, clientCredentialUpdate } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import { requireApplication } from './applications.ts'
import { addCredential, removeCredential, requireCredential, updateCredential } from './credentials.ts'
import { requireMayActOnApplication } from './privilege.ts'
import { credentialToWire } from './wire.ts'

/** Public keys of applications that authenticate with signed assertions (private_key_jwt). */
export function credentialRoutes(app: ManagementApp, ctx: Context): void {
  const { db } = ctx.store
  const tags = ['clients']
  const idParams = z.object({ id: z.string().min(1).max(128) })
  const oneParams = idParams.extend({ credential: z.string().min(1).max(128) })

  app.get(
    '/clients/:id/credentials',
    {
      config: { scope: ['read:client_credentials'] },
      schema: {
        tags,
        summary: "List an application's keys",
        params: idParams,
        response: { 200: z.array(clientCredential) },
      },
    },
    async (request) => (await requireApplication(db, request.params.id)).credentials.map(credentialToWire),
  )

  app.get(
    '/clients/:id/credentials/:credential',
    {
      config: { scope: ['read:client_credentials'] },
      schema: { tags, summary: 'Get a key', params: oneParams, response: { 200: clientCredential } },
    },
    async ({ params }) =>
      credentialToWire(requireCredential(await requireApplication(db, params.id), params.credential)),
  )

  app.post(
    '/clients/:id/credentials',
    {
      config: { scope: ['create:client_credentials'] },
      schema: {
        tags,
        summary: 'Add a public key',
        params: idParams,
        body: clientCredentialCreate,
        response: { 201: clientCredential },
      },
    },
    async (request, reply) => {
      const added = await audited(ctx, request, 'Create a client credential', async (tx) => {
        await requireMayActOnApplication(tx.db, callerOf(request), request.params.id)
        const result = credentialToWire(await addCredential(tx, request.params.id, request.body))
        return { result, on: { client: request.params.id }, after: result }
      })
      return reply.code(201).send(added)
    },
  )

  app.patch(
    '/clients/:id/credentials/:credential',
    {
      config: { scope: ['update:client_credentials'] },
      schema: {
        tags,
        summary: 'Change when a key ends',
        params: oneParams,
        body: clientCredentialUpdate,
        response: { 200: clientCredential },
      },
    },
    async (request) => {
      const { id, credential } = request.params
      const { expires_at } = request.body
      return audited(ctx, request, 'Update a client credential', async (tx) => {
        await requireMayActOnApplication(tx.db, callerOf(request), id)
        const expiresAt = expires_at === null ? null : Date.parse(expires_at)
        const result = credentialToWire(await updateCredential(tx, id, credential, expiresAt))
        return { result, on: { client: id }, after: result }
      })
    },
  )

  app.delete(
    '/clients/:id/credentials/:credential',
    {
      config: { scope: ['delete:client_credentials'] },
      schema: { tags, summary: 'Remove a key', params: oneParams, response: { 204: z.undefined() } },
    },
    async (request, reply) => {
      await audited(ctx, request, 'Delete a client credential', async (tx) => {
        const { id, credential } = request.params
        await requireMayActOnApplication(tx.db, callerOf(request), id)
        const before = credentialToWire(await removeCredential(tx, id, credential))
        return { result: undefined, on: { client: id }, before }
      })
      return reply.code(204).send()
    },
  )
}
