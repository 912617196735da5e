import { isJsonObject } from '../token/json.ts'
import type { Subject } from '../token/subject.ts'

/** A position in the list of changes. Numbers of different epochs cannot be compared. */
export interface Position {
  readonly epoch: string
  readonly number: number
}

/** What tokens may have lost or gained. It concerns the tokens that match every member that is present. */
export interface Change {
  readonly number: number
  readonly effect: 'loss' | 'gain'
  /** Seconds since the epoch. */
  readonly at: number
  readonly sub: string | undefined
  /** Tokens of users that this application was issued. */
  readonly clientId: string | undefined
  /** Undefined: any. */
  readonly permissions: readonly string[] | undefined
}

/** One verified event of the feed. */
export interface FeedEvent {
  readonly position: Position
  /** The position before this event. Undefined: a snapshot begins. */
  readonly previous: Position | undefined
  /** Whether there is no further change now. */
  readonly isComplete: boolean
  readonly changes: readonly Change[]
}

/** A token, as far as changes concern it. */
export interface DatedToken {
  readonly sub: string
  /** Undefined for a token of an application for itself. */
  readonly clientId: string | undefined
  readonly permissions: readonly string[]
  readonly scope: readonly string[]
  readonly position: Position | undefined
  /** Seconds since the epoch. */
  readonly issuedAt: number
}

/**
 * Parses the claim `authz_mark`.
 *
 * @example
 * ```ts
 * parsePosition('k3f9.12') // => { epoch: 'k3f9', number: 12 }
 * parsePosition('12') // => undefined
 * ```
 */
export function parsePosition(value: unknown): Position | undefined {
  if (typeof value !== 'string') return undefined
  const dot = value.lastIndexOf('.')
  const digits = value.slice(dot + 1)
  if (dot < 1 || !/^\d{1,15}$/.test(digits)) return undefined
  return { epoch: value.slice(0, dot), number: Number(digits) }
}

/**
 * Formats a position for the parameter `after`.
 *
 * @example
 * ```ts
 * formatPosition({ epoch: 'k3f9', number: 12 }) // => 'k3f9.12'
 * ```
 */
export function formatPosition({ epoch, number }: Position): string {
  return `${epoch}.${number}`
}

/**
 * What a subject's token is compared by.
 *
 * @example
 * ```ts
 * datedToken(subject).sub // => 'auth0|test-user'
 * ```
 */
export function datedToken({ sub, permissions, scope, claims }: Subject): DatedToken {
  const clientId = [claims['azp'], claims['client_id']].find((id) => typeof id === 'string')
  return {
    sub,
    clientId: typeof clientId === 'string' && sub !== `${clientId}@clients` ? clientId : undefined,
    permissions,
    scope,
    position: parsePosition(claims['authz_mark']),
    issuedAt: claims.iat ?? 0,
  }
}

/**
 * The content of an event whose signature is verified.
 *
 * @throws TypeError when it is not an event of the feed
 *
 * @example
 * ```ts
 * parseEvent({ authz_mark: 'k3f9.12', authz_complete: true, authz_changes: [] }).isComplete // => true
 * ```
 */
export function parseEvent(claims: Readonly<Record<string, unknown>>): FeedEvent {
  const position = parsePosition(claims['authz_mark'])
  const previous = parsePosition(claims['authz_previous'])
  const changes = claims['authz_changes']
  if (position === undefined || !Array.isArray(changes)) throw new TypeError('an event has no changes')
  if (previous === undefined && claims['authz_previous'] !== undefined)
    throw new TypeError('an event does not name the one before')
  return {
    position,
    previous,
    isComplete: claims['authz_complete'] === true,
    changes: changes.map(parseChange),
  }
}

function parseChange(value: unknown): Change {
  if (!isJsonObject(value)) throw new TypeError('a change is not an object')
  const { n, effect, at, sub, client_id: clientId, permissions } = value
  if (typeof n !== 'number' || typeof at !== 'number' || (effect !== 'loss' && effect !== 'gain'))
    throw new TypeError('a change has no number, time or effect')
  const isList = Array.isArray(permissions) && permissions.every((name) => typeof name === 'string')
  if ((permissions !== undefined && !isList) || !isOptionalText(sub) || !isOptionalText(clientId))
    throw new TypeError('a change is malformed')
  return { number: n, effect, at, sub, clientId, permissions: isList ? permissions : undefined }
}

function isOptionalText(value: unknown): value is string | undefined {
  return value === undefined || typeof value === 'string'
}
