import type { FastifyRequest } from 'fastify'
import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { AccountClaims } from 'oidc-provider'
import type { Context } from '../context.ts'
import type { Cache } from '../store/cache.ts'
import { findUser } from '../users/store.ts'
import { acceptsUser, claimsOf, claimsOfScope } from './account.ts'
import { asParams, text, words } from './request.ts'

/**
 * Reads the access token of a request to the userinfo endpoint, once for all kinds of token: from the `Authorization`
 * header or the body of a form (RFC 6750 §2). One in the query is never used, because addresses are logged.
 * @returns no token where none was sent that may be used; `count` is of all that were sent
 */
export function bearerToken({ headers, raw, method, query, body }: FastifyRequest): {
  token: string | undefined
  count: number
} {
  const isForm = /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')
  const inForm = method === 'POST' && isForm ? tokensIn(body) : []
  // Of a repeated header, `headers` keeps the first alone.
  const inHeader = raw.rawHeaders.filter(
    (name, index) => index % 2 === 0 && name.toLowerCase() === 'authorization',
  )
  return {
    token: inForm[0] ?? /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1],
    count: inHeader.length + inForm.length + tokensIn(query).length,
  }
}

function tokensIn(params: unknown): string[] {
  return [asParams(params)['access_token']]
    .flat()
    .filter((value): value is string => typeof value === 'string' && value !== '')
}

/** Whether a bearer token has the form of a JWT; opaque ones are oidc-provider's. */
export function isJwt(token: string): boolean {
  return token.split('.').length === 3
}

/**
 * The claims a user's access token for an API gives at the userinfo endpoint (OpenID Connect Core §5.3).
 * @returns undefined for a token that is not good here: forged, expired, without `openid`, of a user who is gone, or
 * whom the application does not accept any more
 */
export async function userinfoOf(
  ctx: Context,
  cache: Cache,
  jwks: JSONWebKeySet,
  token: string,
): Promise<{ claims: AccountClaims; clientId: string } | undefined> {
  const { issuer } = ctx.config
  const verified = await jwtVerify(token, createLocalJWKSet(jwks), {
    issuer,
    audience: `${issuer}userinfo`,
    algorithms: ['RS256'],
    requiredClaims: ['sub', 'exp'],
    currentDate: new Date(ctx.clock()),
  }).catch(() => undefined)
  const payload = verified?.payload
  const scopes = words(text(payload, 'scope'))
  const user =
    payload?.sub && scopes.includes('openid') ? await findUser(ctx.store.db, payload.sub) : undefined
  const clientId = text(payload, 'azp') || text(payload, 'client_id')
  if (!user || user.blocked || !(await acceptsUser(ctx, cache, clientId, user))) return undefined

  const names = scopes.flatMap((scope) => claimsOfScope[scope] ?? [])
  const all = claimsOf(user)
  const given = Object.fromEntries(
    names.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]),
  )
  return {
    claims: { ...given, sub: user.userId },
    clientId,
  }
}
