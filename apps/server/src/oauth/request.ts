import { type ParsedUrlQueryInput, stringify } from 'node:querystring'
import { toResource } from './audience.ts'

export type Params = Record<string, unknown>

/**
 * Auth0's dialect of a request as oidc-provider understands it: `audience` becomes a resource indicator (RFC 8707). A
 * parameter given twice stays twice, and is refused.
 */
export function toProtocolParams(params: Params): Params {
  const { audience, resource, ...others } = params
  const asked = audience ?? resource
  if (asked === undefined || asked === '') return others
  return typeof asked === 'string'
    ? { ...others, resource: toResource(asked) }
    : { ...others, audience: asked }
}

/** Without a scope Auth0 means `openid`; a request for nothing at all would be refused. */
export function toAuthorizationParams(params: Params): Params {
  return toProtocolParams({ ...params, scope: params['scope'] || 'openid' })
}

/** What a request sent, by query or body, as a record; anything else a caller sends there reads as nothing. */
export function asParams(sent: unknown): Params {
  return isRecord(sent) ? sent : {}
}

/** A parameter as text; one that is missing, or given twice, reads as empty. */
export function text(params: Params | undefined, name: string): string {
  const value = params?.[name]
  return typeof value === 'string' ? value : ''
}

/** A space-separated list (RFC 6749 §3.3). */
export function words(list: string): string[] {
  return list.split(' ').filter(Boolean)
}

function isRecord(value: unknown): value is Params {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A parameter given twice is written twice. */
export function toQuery(params: Params): string {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- what is no text, number or list of them is written as nothing.
  return stringify(params as ParsedUrlQueryInput)
}
