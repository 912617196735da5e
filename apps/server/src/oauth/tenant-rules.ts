import type { KoaContextWithOIDC } from 'oidc-provider'

/** The tenant's settings that the protocol reads, put at hand for one request. */
export interface TenantRules {
  /** Its friendly name. */
  name: string
  sessionSeconds: number
  idleSeconds: number
  defaultResource: string | undefined
}

export function tenantOf(request: KoaContextWithOIDC): TenantRules {
  return request.state['tenant']
}
