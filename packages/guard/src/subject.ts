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

/**
 * Equal lists of names, kept once. Most callers of an API hold the same few: sharing them saves memory, and keeps what
 * every request reads close at hand.
 */
export class SharedLists {
  readonly #permissions = new Map<string, readonly string[]>()
  readonly #scopes = new Map<string, readonly string[]>()

  permissions(names: readonly string[]): readonly string[] {
    // Names may hold any character, so that two lists may have one key.
    const key = names.join(' ')
    const known = this.#permissions.get(key)
    return known !== undefined && isSameList(known, names) ? known : keep(this.#permissions, key, names)
  }

  scope(text: string): readonly string[] {
    const known = this.#scopes.get(text)
    if (known !== undefined) return known
    const names = text.split(' ').filter((name) => name !== '')
    return keep(this.#scopes, text, names)
  }
}

function keep(
  lists: Map<string, readonly string[]>,
  key: string,
  list: readonly string[],
): readonly string[] {
  // Where nearly every caller has permissions of their own, there is nothing to share: start over.
  if (lists.size >= 1000) lists.clear()
  const kept = Object.freeze([...list])
  lists.set(key, kept)
  return kept
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index])
}

/** Builds the subject of checked claims and freezes all of it. */
export function subjectOf(claims: Claims, lists: SharedLists): Subject {
  const { permissions, scope } = claims
  freezeDeep(claims)
  return Object.freeze({
    sub: claims.sub,
    issuer: claims.iss,
    permissions: lists.permissions(isStringArray(permissions) ? permissions : []),
    scope: lists.scope(typeof scope === 'string' ? scope : ''),
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
