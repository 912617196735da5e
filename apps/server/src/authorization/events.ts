import { type CryptoKey, importJWK, SignJWT } from 'jose'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Mark, Position } from '../store/marks.ts'
import { formatPosition } from './position.ts'

const caep = 'https://schemas.openid.net/secevent/caep/event-type'

/** A mark as a guard reads it: the claim `authz_changes` of an event. */
export interface Change {
  effect: Mark['effect']
  /** Seconds since the epoch. */
  at: number
  sub?: string
  client_id?: string
  permissions?: readonly string[]
}

/** What one event tells. */
export interface EventContent {
  marks: readonly Mark[]
  /** Where the stream is after this event. */
  position: Position
  /** Where it was before. Undefined for the first event of a snapshot: nothing before it counts. */
  previous: Position | undefined
  /** Whether the stream is at the last mark after this event. */
  isComplete: boolean
  /** The permissions that the subject of a single mark holds now. */
  held?: readonly string[]
}

/**
 * Signs events as Security Event Tokens (RFC 8417). One mark is an event of CAEP 1.0 where CAEP has a type for it, and
 * otherwise of a type below the issuer. Several marks are one event, because a signature costs more than a mark.
 */
export function createEventSigner(ctx: Pick<Context, 'config' | 'clock'>, keys: KeyRing) {
  const { issuer } = ctx.config
  const own = (name: string) => `${issuer}authorization/events/${name}`
  let imported: { kid: string; key: CryptoKey | Uint8Array } | undefined

  async function currentKey() {
    const { kid, alg, privateJwk } = keys.current()
    if (imported?.kid !== kid) imported = { kid, key: await importJWK(privateJwk, alg) }
    return { header: { alg, kid, typ: 'secevent+jwt' }, key: imported.key }
  }

  function eventOf(marks: readonly Mark[], audience: string, held: readonly string[] | undefined) {
    const [mark, ...more] = marks
    if (mark === undefined || more.length > 0) return { events: { [own('changes')]: {} } }
    const { subject, application } = mark
    const time = { event_timestamp: seconds(mark.at) }
    const toe = { toe: seconds(mark.at) }
    if (subject === undefined) {
      const of = application === undefined ? { format: 'uri', uri: audience } : opaque(application)
      return { ...toe, sub_id: of, events: { [own('permissions-change')]: time } }
    }
    const sub_id = { format: 'iss_sub', iss: issuer, sub: subject }
    const single = (type: string, payload: object = {}) => ({
      ...toe,
      sub_id,
      events: { [type]: { ...time, ...payload } },
    })
    if (mark.reason === 'session') return single(`${caep}/session-revoked`)
    if (mark.reason === 'credential')
      return single(`${caep}/credential-change`, { credential_type: 'password', change_type: 'update' })
    if (mark.reason === 'permissions' && held !== undefined)
      return single(`${caep}/token-claims-change`, { claims: { permissions: held } })
    return single(own('account-change'))
  }

  return async (audience: string, content: EventContent): Promise<string> => {
    const { marks, position, previous, isComplete, held } = content
    const { header, key } = await currentKey()
    return new SignJWT({
      iss: issuer,
      aud: audience,
      iat: seconds(ctx.clock()),
      jti: `${formatPosition(position)}.${previous ? previous.number : 'first'}`,
      ...eventOf(marks, audience, held),
      authz_mark: formatPosition(position),
      ...(previous && { authz_previous: formatPosition(previous) }),
      ...(isComplete && { authz_complete: true }),
      authz_changes: marks.map(toChange),
    })
      .setProtectedHeader(header)
      .sign(key)
  }
}

const seconds = (ms: number) => Math.floor(ms / 1_000)
const opaque = (id: string) => ({ format: 'opaque', id })

function toChange({ effect, at, subject, application, permissions, number }: Mark): Change & { n: number } {
  return {
    n: number,
    effect,
    at: seconds(at),
    ...(subject !== undefined && { sub: subject }),
    ...(application !== undefined && { client_id: application }),
    ...(permissions && { permissions }),
  }
}
