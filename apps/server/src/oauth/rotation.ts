import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import { factsOf } from './client-metadata.ts'
import { text } from './request.ts'

type ResourceServerInfo = (request: KoaContextWithOIDC, resource: string) => Promise<ResourceServer>

/**
 * oidc-provider consumes a refresh token before it finds out whether the API can be had. A refused request must change
 * nothing, so the API is decided on before the rotation, and the decision is used again after it.
 */
export function decideBeforeRotation(getResourceServerInfo: ResourceServerInfo) {
  const decided = new WeakMap<KoaContextWithOIDC, ResourceServer>()
  return {
    rotateRefreshToken: async (request: KoaContextWithOIDC): Promise<boolean> => {
      if (!factsOf(request.oidc.client).refresh_token.rotating) return false
      const resource = resourceOf(request)
      if (resource !== undefined) decided.set(request, await getResourceServerInfo(request, resource))
      return true
    },
    getResourceServerInfo: async (request: KoaContextWithOIDC, resource: string): Promise<ResourceServer> =>
      decided.get(request) ?? getResourceServerInfo(request, resource),
  }
}

/** The API that a refresh requests, or else the one its token was granted for (RFC 8707 §2.2). */
function resourceOf({ oidc }: KoaContextWithOIDC): string | undefined {
  const { RefreshToken: token } = oidc.entities
  const requested = text(oidc.params, 'resource')
  if (requested && !token?.resourceIndicators.has(requested)) throw new errors.InvalidTarget()
  if (requested) return requested
  return typeof token?.resource === 'string' ? token.resource : undefined
}
