import { keyAlgs } from '@rolecall/contract'
import { createGuard, GuardError, headerValues, type Subject } from '@rolecall/guard'
import { requestView } from '@rolecall/guard/fastify'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { AccountClaims } from 'oidc-provider'
import { acceptsUser, readFacts } from '../authorization/entitlement.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { sharedProofMemory } from '../sessions/used-proofs.ts'
import type { Cache } from '../store/cache.ts'
import { findUser } from '../users/store.ts'
import { claimsOf, claimsOfScope } from './account.ts'
import type { Cors } from './cors.ts'
import type { Protocol } from './protocol.ts'
import { asParams, text } from './request.ts'

/**
 * The userinfo endpoint (OpenID Connect Core §5.3). A token in JWT form is verified by the product's own guard; an opaque one
 * is oidc-provider's.
 */
export function userinfoRoute(
  app: FastifyInstance,
  ctx: Context,
  keys: KeyRing,
  protocol: Protocol,
  cache: Cache,
  cors: Cors,
): void {
  const { issuer } = ctx.config
  const guard = createGuard({
    issuer,
    audience: `${issuer}userinfo`,
    keys: () => keys.publicJwks(),
    algorithms: [...keyAlgs],
    now: ctx.clock,
    clockToleranceSeconds: 0,
    realm: issuer,
    dpop: { publicUrl: issuer, isFirstUse: sharedProofMemory(ctx) },
  })
  keys.onChange(() => void guard.refreshKeys())

  app.route({
    method: ['GET', 'POST'],
    url: '/userinfo',
    handler: async (request, reply) => {
      request.raw.headers.accept = 'application/json'
      const { credentials, count } = credentialsOf(request)
      const refuse = (status: number, error: string, description: string, challenge?: string) => {
        const bearer = `Bearer realm="${issuer}", error="${error}", error_description="${description}"`
        return reply
          .code(status)
          .header('www-authenticate', challenge ?? bearer)
          .send({ error, error_description: description })
      }

      reply.header('cache-control', 'no-store')
      if (count > 1) return refuse(400, 'invalid_request', 'more than one access token was sent')
      // Without a credential the challenge names no error (RFC 6750 §3.1).
      if (credentials === undefined)
        return refuse(401, 'invalid_token', 'no access token was sent', `Bearer realm="${issuer}"`)
      if (!isJwt(credentials)) {
        request.raw.headers.authorization = credentials
        return protocol.handOver(request, reply, '/userinfo', request.method === 'POST' ? {} : undefined)
      }
      try {
        const view = () => requestView(request)
        const subject = await guard.authorize(credentials, { kind: 'authenticated' }, view)
        const answer = subject && (await userinfoOf(ctx, cache, subject))
        if (answer === undefined) return await refuse(401, 'invalid_token', 'invalid token provided')
        await cors.narrow(request, reply, answer.clientId)
        return await reply.send(answer.claims)
      } catch (error) {
        if (!(error instanceof GuardError)) throw error
        const { status, headers } = guard.refusal(error)
        return refuse(status, error.code, error.reason, headers['www-authenticate'])
      }
    },
  })
}

/**
 * The credentials of a request to the userinfo endpoint, for all kinds of token: from the `Authorization` header or the body
 * of a form (RFC 6750 §2). A token in the query is never used, because addresses are logged.
 * @returns the scheme and the token, where they may be used; `count` is of all that were sent
 */
function credentialsOf({ headers, raw, method, query, body }: FastifyRequest): {
  credentials: string | undefined
  count: number
} {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')
  const inForm = method === 'POST' && isForm ? tokensIn(body) : []
  // Of a repeated header, `headers` keeps the first alone.
  const inHeader = [headerValues(raw.rawHeaders, 'authorization') ?? []].flat()
  const [, scheme = '', token] = /^(Bearer|DPoP) +(\S+)$/i.exec(headers.authorization ?? '') ?? []
  return {
    credentials: inForm[0] ? `Bearer ${inForm[0]}` : token && `${scheme} ${token}`,
    count: inHeader.length + inForm.length + tokensIn(query).length,
  }
}

function tokensIn(params: unknown): string[] {
  return [asParams(params)['access_token']]
    .flat()
    .filter((value): value is string => typeof value === 'string' && value !== '')
}

/** Whether the token has the form of a JWT. */
function isJwt(credentials: string): boolean {
  return credentials.split('.').length === 3
}

/**
 * The claims a user's access token for an API gives at the userinfo endpoint (OpenID Connect Core §5.3).
 * @returns undefined for a token that is not good here: without `openid`, of a deleted user, or of one that the application
 * does not accept any more
 */
async function userinfoOf(
  ctx: Context,
  cache: Cache,
  { sub, scope: scopes, claims }: Subject,
): Promise<{ claims: AccountClaims; clientId: string } | undefined> {
  const user = scopes.includes('openid') ? await findUser(ctx.store.db, sub) : undefined
  const clientId = text(claims, 'azp') || text(claims, 'client_id')
  if (!user || user.blocked || !(await acceptsUser(readFacts(ctx.store.db, cache), clientId, user)))
    return undefined

  const names = scopes.flatMap((scope) => claimsOfScope[scope] ?? [])
  const all = claimsOf(user, ctx.config.issuer)
  const given = Object.fromEntries(
    names.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]),
  )
  return { claims: { ...given, sub: user.userId }, clientId }
}
