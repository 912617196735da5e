import type { FactorPolicy } from '@rolecall/contract'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { errors, Provider } from 'oidc-provider'
import type { Application } from '../../applications/store.ts'
import { readFacts } from '../../authorization/entitlement.ts'
import { isProvider, type Provider as LogInProvider, providerOf } from '../../connections/provider.ts'
import {
  type Connection,
  connectionOf,
  connectionsOf,
  findConnection,
  findConnectionById,
  isEnabled,
} from '../../connections/store.ts'
import type { Context } from '../../context.ts'
import type { Cache } from '../../store/cache.ts'
import type { Db } from '../../store/store.ts'
import { cachedLogInSettings } from '../../tenant/settings.ts'
import type { Protocol } from '../protocol.ts'
import { asParams, text } from '../request.ts'

/** The step at which an authorization request waits for a person, bound to their browser by a cookie. */
export type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

export type ProviderButton = Pick<LogInProvider, 'connectionId' | 'name' | 'displayName'>

/** What every page of an interaction needs to know. */
export interface Scene {
  interaction: Interaction
  application: Application
  /** The database of the application's users; undefined where no password is asked for. */
  connection: Connection | undefined
  /** The other providers that the person can log in with. `displayName` is for people. */
  providers: readonly ProviderButton[]
  /** Whether the request names one of them (`connection`). */
  isProviderRequested: boolean
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
    ...(await cache.get(`connection:${clientId}:${name}`, () => connectionsFor(ctx, clientId, name))),
    tenantName: settings.friendly_name,
    factorPolicy,
  }
}

type Connections = Pick<Scene, 'connection' | 'providers' | 'isProviderRequested'>

/** The connection that the request names; otherwise the application's first database, and all its providers. */
async function connectionsFor(ctx: Context, clientId: string, name: string): Promise<Connections> {
  const { db } = ctx.store
  const buttonOf = (connection: Connection): ProviderButton & Pick<LogInProvider, 'showAsButton'> => {
    const { connectionId, name: called, displayName, showAsButton } = providerOf(ctx, connection)
    return { connectionId, name: called, displayName, showAsButton }
  }
  if (name === '') {
    const providers = (await connectionsOf(db, clientId, 'providers')).map(buttonOf)
    return {
      connection: await connectionOf(db, clientId),
      providers: providers.filter(({ showAsButton }) => showAsButton),
      isProviderRequested: false,
    }
  }
  const named = await findConnection(db, name)
  const enabled = named && (await isEnabled(db, named.id, clientId)) ? named : undefined
  return enabled && isProvider(enabled)
    ? { connection: undefined, providers: [buttonOf(enabled)], isProviderRequested: true }
    : { connection: enabled, providers: [], isProviderRequested: false }
}

/** The provider of a connection, read now and not from a cache. @returns undefined when the application does not accept it */
export async function enabledProvider(
  ctx: Pick<Context, 'sealer'>,
  db: Db,
  { application }: Pick<Scene, 'application'>,
  connectionId: string,
): Promise<LogInProvider | undefined> {
  const connection = await findConnectionById(db, connectionId)
  const enabled = connection && (await isEnabled(db, connectionId, application.clientId))
  return enabled ? providerOf(ctx, connection) : undefined
}
