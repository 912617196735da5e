import type { FactorPolicy } from '@rolecall/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { errors, Provider } from 'oidc-provider'
import type { Application } from '../../applications/store.ts'
import { readFacts } from '../../authorization/entitlement.ts'
import { type Connection, connectionOf, findConnection, isEnabled } from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import type { Cache } from '../../store/cache.ts'
import type { Db } from '../../store/store.ts'
import { cachedLogInSettings } from '../../tenant/settings.ts'
import type { Protocol } from '../protocol.ts'
import { asParams, text } from '../request.ts'

/** The step at which an authorization request waits for a person, bound to their browser by a cookie. */
export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** What every page of an interaction needs to know. */
export interface Scene {
  interaction: Interaction
  application: Application
  /** The connection of the application's users; undefined when no user can log in to it. */
  connection: Connection | undefined
  tenantName: string
  factorPolicy: FactorPolicy
}

/** @returns undefined when the request has expired, or was begun in another browser */
export async function openScene(
  ctx: Context,
  cache: Cache,
  protocol: Protocol,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Scene | undefined> {
  const koa = protocol.koaContext(request, reply)
  const interaction = await protocol
    .provider()
    .interactionDetails(koa.req, koa.res)
    .catch((error: errors.OIDCProviderError) => {
      if (error.error === 'invalid_request') return undefined
      throw error
    })
  const uid = text(asParams(request.params), 'uid')
  if (!interaction || interaction.uid !== uid) return undefined
  const { db } = ctx.store
  const application = await readFacts(db, cache).application(text(interaction.params, 'client_id'))
  if (!application) return undefined
  const { clientId } = application
  const name = text(interaction.params, 'connection')
  const { settings, factorPolicy } = await cachedLogInSettings(db, cache)
  return {
    interaction,
    application,
    connection: await cache.get(`connection:${clientId}:${name}`, () =>
      requestedConnection(db, clientId, name),
    ),
    tenantName: settings.friendly_name,
    factorPolicy,
  }
}

/** The connection that the request names, otherwise the application's first. */
async function requestedConnection(db: Db, clientId: string, name: string): Promise<Connection | undefined> {
  if (name === '') return connectionOf(db, clientId)
  const connection = await findConnection(db, name)
  return connection && (await isEnabled(db, connection.id, clientId)) ? connection : undefined
}
