import type { FactorPolicy } from '@rolecall/contract'
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { Position } from '../store/marks.ts'

/** The tenant's settings that the protocol reads, put at hand for one request. */
export interface TenantRules {
  /** Its friendly name. */
  name: string
  sessionSeconds: number
  idleSeconds: number
  defaultResource: string | undefined
  factorPolicy: FactorPolicy
}

export function tenantOf(request: KoaContextWithOIDC): TenantRules {
  return request.state['tenant']
}

/** Sets the position that the tokens of this request carry: no fact that they are issued from is older. */
export function setPosition(request: { state: Record<string, unknown> }, position: Position): void {
  request.state['position'] = position
}

export function positionOf(request: KoaContextWithOIDC): Position | undefined {
  return request.state['position']
}

/** Sets which keys the provider of this request can sign with. A change of keys builds another one for later requests. */
export function setKeys(request: { state: Record<string, unknown> }, kids: ReadonlySet<string>): void {
  request.state['kids'] = kids
}

/** Whether the provider of this request can sign with a key. */
export function hasKey(request: KoaContextWithOIDC, kid: string): boolean {
  const kids: ReadonlySet<string> | undefined = request.state['kids']
  return kids === undefined || kids.has(kid)
}
