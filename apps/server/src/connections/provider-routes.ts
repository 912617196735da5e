import { providerCheck, providerState } from '@rolecall/contract'
import { z } from 'zod'
import type { Context } from '../context.ts'
import { notSupported } from '../http/api-error.ts'
import type { ManagementApp } from '../http/management-app.ts'
import { requireConnection } from './connections.ts'
import { callbackPathOf, isProvider, type Provider, providerOf } from './provider.ts'
import { checkProvider } from './provider-check.ts'

/** What the settings of a connection to another provider do not show, and a test of them. */
export function providerRoutes(app: ManagementApp, ctx: Context): void {
  const { store, config } = ctx
  const tags = ['rolecall']
  const params = z.object({ id: z.string().min(1).max(128) })

  /** @throws ApiError 404, 400 for a database */
  async function requireProvider(id: string): Promise<Provider> {
    const connection = await requireConnection(store.db, id)
    if (!isProvider(connection)) throw notSupported(`The connection ${connection.name} is a database`)
    return providerOf(ctx, connection)
  }

  app.get(
    '/rolecall/connections/:id/provider',
    {
      config: { scope: ['read:connections'] },
      schema: {
        tags,
        summary: 'Show what to register at a provider, and whether its secret is stored',
        params,
        response: { 200: providerState },
      },
    },
    async ({ params: { id } }) => {
      const { clientSecret, name } = await requireProvider(id)
      return {
        has_client_secret: clientSecret !== undefined,
        callback_url: new URL(callbackPathOf(name), config.issuer).href,
        jwks_uri: new URL('/.well-known/jwks.json', config.issuer).href,
      }
    },
  )

  app.post(
    '/rolecall/connections/:id/provider/check',
    {
      config: { scope: ['update:connections'], readsOnly: true },
      schema: {
        tags,
        summary: "Read a provider's metadata",
        description:
          'Compares the metadata of the provider with the settings of the connection. Nothing is sent to it but this request. For the strategy `oidc`.',
        params,
        response: { 200: providerCheck },
      },
    },
    async ({ params: { id } }) => {
      const provider = await requireProvider(id)
      if (provider.strategy !== 'oidc')
        throw notSupported('GitHub has no metadata: log in with the connection to try it')
      return checkProvider(config.localHosts, provider)
    },
  )
}
