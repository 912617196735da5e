import { compactVerify } from 'jose'
import { parseCompact, parseJsonObject } from '../token/compact.ts'
import type { KeyRing } from '../token/key-ring.ts'

/** Who signs the events of a feed, and for whom. */
export interface EventSource {
  issuer: string
  audiences: readonly string[]
  /** The issuer's keys: they sign events as well as tokens. */
  ring: KeyRing
}

/**
 * Verifies an event of the feed: a token of its own type (RFC 8417 §2.3), for this API.
 *
 * @returns its claims
 * @throws Error when it is not signed by the issuer, or is for another API
 *
 * @example
 * ```ts
 * import type { EventSource } from '../src/live/event.ts'
 *
 * const claimsOf = (event: string, source: EventSource) => verifyEvent(event, source)
 * ```
 */
export async function verifyEvent(
  event: string,
  { issuer, audiences, ring }: EventSource,
): Promise<Record<string, unknown>> {
  const { header } = parseCompact(event, { maxLength: Number.POSITIVE_INFINITY })
  const { alg, kid, typ } = header
  if (alg !== 'RS256' || typ !== 'secevent+jwt' || (kid !== undefined && typeof kid !== 'string'))
    throw new Error('an event is not signed as expected')
  const { key } = await ring.find(alg, kid)
  const { payload } = await compactVerify(event, key, { algorithms: ['RS256'] })
  const claims = parseJsonObject(payload)
  if (claims?.['iss'] !== issuer || !audiences.some((audience) => audience === claims['aud']))
    throw new Error('an event is from another issuer, or for another API')
  return claims
}
