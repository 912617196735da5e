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

export function toQuery(params: Params): string {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(params)) {
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one))
  }
  return query.toString()
}
