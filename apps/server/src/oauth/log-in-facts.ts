import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { LogIn } from '../authorization/claims.ts'
import type { Context } from '../context.ts'
import { isSecondFactorRequired, multiFactor } from '../factors/policy.ts'
import type { User } from '../users/user.ts'
import { tenantOf } from './tenant-rules.ts'

/** auth0-spa-js compares it to tell a step-up from a log-in. */
export const mfaDescription = 'Multifactor authentication required'

/** Auth0's answer of the token endpoint where the log-in behind a token is not enough any more. */
export const mfaRequired = () => new errors.CustomOIDCProviderError('mfa_required', mfaDescription)

/** What the token of a user is issued from, with the facts of the log-in. */
export function authorizationOf({ oidc }: KoaContextWithOIDC): LogIn | undefined {
  const { AuthorizationCode, RefreshToken, DeviceCode } = oidc.entities
  return AuthorizationCode ?? RefreshToken ?? DeviceCode
}

export function acrOf(token: unknown): string | undefined {
  return typeof token === 'object' && token !== null && 'acr' in token && typeof token.acr === 'string'
    ? token.acr
    : undefined
}

/** Whether the policy requires more of a user than the log-in that a token is issued from. */
export async function lacksRequiredFactor(
  ctx: Pick<Context, 'store'>,
  request: KoaContextWithOIDC,
  user: User,
  acr: string | undefined,
): Promise<boolean> {
  if (acr === multiFactor) return false
  return isSecondFactorRequired(ctx.store.db, tenantOf(request).factorPolicy, user)
}
