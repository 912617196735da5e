import { signingKey, signingKeyChange } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { notFound } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { audited } from '../logs/audited.ts'
import type { KeyRing } from './key-ring.ts'
import { signingKeyToWire } from './wire.ts'

/** The keys that sign tokens: lists their certificates, rotates them, revokes a previous one. */
export function signingKeyRoutes(app: ManagementApp, ctx: Context, keys: KeyRing): void {
  const tags = ['keys']
  const idParams = z.object({ kid: z.string().min(1).max(128) })

  app.get(
    '/keys/signing',
    {
      config: { scope: ['read:signing_keys'] },
      schema: { tags, summary: 'List signing keys', response: { 200: z.array(signingKey) } },
    },
    async () => keys.list().map(signingKeyToWire),
  )

  app.get(
    '/keys/signing/:kid',
    {
      config: { scope: ['read:signing_keys'] },
      schema: { tags, summary: 'Get a signing key', params: idParams, response: { 200: signingKey } },
    },
    async ({ params }) => {
      const key = keys.list().find(({ kid }) => kid === params.kid)
      if (!key) throw notFound('The signing key does not exist', 'inexistent_signing_key')
      return signingKeyToWire(key)
    },
  )

  app.post(
    '/keys/signing/rotate',
    {
      config: { scope: ['create:signing_keys update:signing_keys'] },
      schema: {
        tags,
        summary: 'Sign with the next key from now on',
        description: 'The key that signed until now still verifies. Answers with the key that signs.',
        response: { 201: signingKeyChange },
      },
    },
    async (request, reply) => {
      // The ring has its own transaction: the key pair is made before it, off the event loop.
      const { kid, certificate: cert } = await keys.rotate()
      const rotated = await audited(ctx, request, 'Rotate the signing key', async () => ({
        result: { cert, kid },
        on: {},
        after: { kid },
      }))
      return reply.code(201).send(rotated)
    },
  )

  app.put(
    '/keys/signing/:kid/revoke',
    {
      config: { scope: ['update:signing_keys'] },
      schema: {
        tags,
        summary: 'End a previous key',
        description: 'Tokens that it signed are refused as soon as their verifiers fetch the keys again.',
        params: idParams,
        response: { 200: signingKeyChange },
      },
    },
    async (request) => {
      const { kid, certificate: cert } = await keys.revoke(request.params.kid)
      return audited(ctx, request, 'Revoke a signing key', async () => ({
        result: { cert, kid },
        on: {},
        after: { kid, revoked: true },
      }))
    },
  )
}
