import { type ParsedUrlQueryInput, stringify } from 'node:querystring'
import { toResource } from './audience.ts'

export type Params = Record<string, unknown>

/** The parameters of client authentication (RFC 6749 §2.3.1, RFC 7523 §2.2). */
export const clientParams = ['client_id', 'client_secret', 'client_assertion', 'client_assertion_type']

/** A request that is refused before oidc-provider sees it (RFC 6749 §5.2). */
export class InvalidRequest extends Error {
  override name = 'InvalidRequest'
  readonly statusCode = 400
}

/**
 * The parameters of a body, of those that an endpoint knows. Others are ignored (RFC 6749 §3.2), whatever they hold.
 * @throws {InvalidRequest} for a parameter that is given twice, is no text, or is in the query, which would be logged
 */
export function readBody(body: unknown, query: unknown, known: ReadonlySet<string>): Params {
  for (const name of Object.keys(asParams(query)))
    if (known.has(name)) throw new InvalidRequest(`parameter ${name} must be in the body, not in the query`)
  const params: Params = {}
  for (const [name, value] of Object.entries(asParams(body))) {
    if (!known.has(name) || value === null || value === undefined) continue
    if (Array.isArray(value)) throw new InvalidRequest(`parameter ${name} must not be given twice`)
    if (typeof value !== 'string') throw new InvalidRequest(`parameter ${name} must be text`)
    params[name] = value
  }
  return params
}

/** The parameters of a form in a browser, whose address may hold some too. One given in both places is given twice. */
export function mergeParams(body: unknown, query: unknown): Params {
  const params = { ...asParams(query) }
  for (const [name, value] of Object.entries(asParams(body)))
    params[name] = name in params ? [params[name], value].flat() : value
  return params
}

/**
 * Auth0's dialect of a request as oidc-provider understands it: `audience` becomes a resource indicator (RFC 8707). A
 * parameter given twice stays twice, and both names together stay both, so that they are refused.
 */
export function toProtocolParams(params: Params): Params {
  const { audience, resource, ...others } = params
  if (audience && resource) return { ...others, audience }
  const requested = audience || resource
  if (!requested) return others
  return typeof requested === 'string'
    ? { ...others, resource: toResource(requested) }
    : { ...others, audience: requested }
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
