/** Claims of a verified access token, frozen through and through: one object serves every request with that token. */
export interface Claims {
  readonly iss: string
  readonly sub: string
  readonly aud: string | readonly string[]
  readonly exp: number
  readonly iat?: number
  readonly [claim: string]: unknown
}

/** Who calls, and what their token allows. */
export interface Subject {
  /** The user, or the client itself where no user is involved. Unique within one issuer. */
  readonly sub: string
  readonly issuer: string
  /** The `permissions` claim. Empty unless it is an array of strings and nothing else. */
  readonly permissions: readonly string[]
  /** The `scope` claim, split (RFC 8693 §4.2). */
  readonly scope: readonly string[]
  readonly claims: Claims
}

const none: readonly string[] = Object.freeze([])

/** Builds the subject of checked claims and freezes all of it. */
export function subjectOf(claims: Claims): Subject {
  const { permissions, scope } = claims
  freezeDeep(claims)
  return Object.freeze({
    sub: claims.sub,
    issuer: claims.iss,
    permissions: isStringArray(permissions) ? permissions : none,
    scope: typeof scope === 'string' ? Object.freeze(scope.split(' ').filter((name) => name !== '')) : none,
    claims,
  })
}

function isStringArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** With a list of its own instead of recursion: a claim nested thousands deep must not exhaust the stack. */
function freezeDeep(root: object): void {
  const pending: object[] = [root]
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    Object.freeze(value)
    for (const inner of Object.values(value))
      if (typeof inner === 'object' && inner !== null) pending.push(inner)
  }
}
