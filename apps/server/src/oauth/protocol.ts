import type { FastifyReply, FastifyRequest } from 'fastify'
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { SecretUses } from '../applications/secret-uses.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import type { Cache } from '../store/cache.ts'
import { currentPosition } from '../store/marks.ts'
import { cachedLogInSettings } from '../tenant/settings.ts'
import { toResource } from './audience.ts'
import { listen } from './events.ts'
import { answerFailures, type ReportError } from './failures.ts'
import { pages } from './protocol-pages.ts'
import { asProtocolRequest } from './protocol-request.ts'
import { createProvider } from './provider.ts'
import type { Params } from './request.ts'
import { setKeys, setPosition, type TenantRules } from './tenant-rules.ts'

/** The protocol engine as the routes of this folder use it. */
export interface Protocol {
  /** oidc-provider with the keys that sign now. */
  provider(): Provider
  /** Answers a request by oidc-provider; `url` and `body` are what it shall see. */
  handOver(request: FastifyRequest, reply: FastifyReply, url: string, body?: Params): Promise<void>
  /** A Koa context, as oidc-provider's sessions need one outside its own routes. */
  koaContext(request: FastifyRequest, reply: FastifyReply): KoaContextWithOIDC
}

export function createProtocol(
  ctx: Context,
  keys: KeyRing,
  cache: Cache,
  logs: LogBuffer,
  uses: SecretUses,
  onServerError: ReportError,
): Protocol {
  const issuer = new URL(ctx.config.issuer)
  let provider = build()
  let handle = provider.callback()
  keys.onChange(() => {
    provider = build()
    handle = provider.callback()
  })

  function build(): Provider {
    const built = createProvider(ctx, keys, cache, pages, uses)
    const kids = new Set(keys.all().flatMap(({ kid }) => kid ?? []))
    built.use(answerFailures(onServerError))
    // Before anything else is read: the token carries this position, and what it is issued from must not be older.
    built.use(async (request, next) => {
      if (request.path === '/oauth/token') {
        setKeys(request, kids)
        const position = await currentPosition(ctx.store.db)
        cache.reach(position)
        setPosition(request, position)
      }
      await next()
    })
    built.use(async (request, next) => {
      const { settings: tenant, factorPolicy } = await cachedLogInSettings(ctx.store.db, cache)
      request.state['tenant'] = {
        name: tenant.friendly_name,
        sessionSeconds: Math.round(tenant.session_lifetime * 3600),
        idleSeconds: Math.round(tenant.idle_session_lifetime * 3600),
        defaultResource: tenant.default_audience ? toResource(tenant.default_audience) : undefined,
        factorPolicy,
      } satisfies TenantRules
      await next()
    })
    listen(built, logs, onServerError)
    return built
  }

  return {
    provider: () => provider,
    async handOver(request, reply, url, body) {
      // What this throws is answered by the error handler, which a hijacked reply does not reach.
      const message = asProtocolRequest(request, issuer, url, body)
      reply.hijack()
      await handle(message, reply.raw)
    },
    koaContext: (request, reply) =>
      // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- sessions need cookies and `secure` of it alone.
      provider.createContext(asProtocolRequest(request, issuer), reply.raw) as KoaContextWithOIDC,
  }
}
