import { createLocalJWKSet, type JSONWebKeySet, jwtVerify } from 'jose'
import type { AccountClaims } from 'oidc-provider'
import type { Context } from '../context.ts'
import { findUser } from '../users/store.ts'
import { claimsOf, claimsOfScope } from './account.ts'
import { text, words } from './request.ts'

/** Whether a bearer token has the form of a JWT; opaque ones are oidc-provider's. */
export function isJwt(token: string | undefined): token is string {
  return token?.split('.').length === 3
}

/**
 * The claims a user's access token for an API gives at the userinfo endpoint (OpenID Connect Core §5.3).
 * @returns undefined for a token that is not good here: forged, expired, without `openid`, or of a user who is gone
 */
export async function userinfoOf(
  ctx: Context,
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
  if (!user || user.blocked) return undefined

  const names = scopes.flatMap((scope) => claimsOfScope[scope] ?? [])
  const all = claimsOf(user)
  const given = Object.fromEntries(
    names.filter((name) => all[name] !== undefined).map((name) => [name, all[name]]),
  )
  return {
    claims: { ...given, sub: user.userId },
    clientId: text(payload, 'azp') || text(payload, 'client_id'),
  }
}
