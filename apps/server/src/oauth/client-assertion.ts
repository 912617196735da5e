import { errors, type KoaContextWithOIDC } from 'oidc-provider'
import type { Context } from '../context.ts'

/** An assertion is made for one request. */
const maxLifetimeSeconds = 5 * 60
const clockToleranceSeconds = 15

/**
 * The rules of RFC 7523 §3 that oidc-provider leaves to its host: an assertion is for this server alone, was not issued
 * in the future, and ends soon, so that its `jti` does not have to be remembered for years.
 */
export function createAssertionCheck(ctx: Context) {
  return async (request: KoaContextWithOIDC, claims: Record<string, unknown>): Promise<void> => {
    const now = Math.floor(ctx.clock() / 1000)
    const { issuer } = request.oidc.provider
    const accepted = new Set([issuer, request.oidc.urlFor('token'), request.oidc.urlFor(request.oidc.route)])
    if (![claims['aud']].flat().every((audience) => accepted.has(String(audience))))
      throw new errors.InvalidClientAuth('the assertion must be for this server alone')
    const issuedAt = claims['iat']
    if (issuedAt !== undefined && Number(issuedAt) > now + clockToleranceSeconds)
      throw new errors.InvalidClientAuth('the assertion was issued in the future')
    if (!(Number(claims['exp']) <= now + maxLifetimeSeconds + clockToleranceSeconds))
      throw new errors.InvalidClientAuth('the assertion must end within five minutes')
  }
}
