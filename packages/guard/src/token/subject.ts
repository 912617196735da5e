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

/**
 * What the tokens of an API have in common, kept once: most are from one issuer, for one audience, with one of a few
 * sets of permissions. It saves memory, and keeps what every request reads close at hand.
 */
export class SharedValues {
  readonly #texts = new Map<string, string>()
  readonly #scopes = new Map<string, readonly string[]>()
  readonly #permissions = new Map<string, readonly string[]>()
  #lastPermissions = none

  text(text: string): string {
    return this.#texts.get(text) ?? keep(this.#texts, text, text)
  }

  scope(text: string): readonly string[] {
    const known = this.#scopes.get(text)
    if (known !== undefined) return known
    const names = text.split(' ').filter((name) => name !== '')
    return keep(this.#scopes, text, Object.freeze(names))
  }

  permissions(names: readonly string[]): readonly string[] {
    if (!isSameList(this.#lastPermissions, names)) this.#lastPermissions = this.#keptPermissions(names)
    return this.#lastPermissions
  }

  #keptPermissions(names: readonly string[]): readonly string[] {
    // Names may hold any character, so that two lists may have one key.
    const key = names.join(' ')
    const known = this.#permissions.get(key)
    if (known !== undefined && isSameList(known, names)) return known
    return keep(this.#permissions, key, Object.freeze(names))
  }
}

function keep<Value>(values: Map<string, Value>, key: string, value: Value): Value {
  // Where nearly every caller has values of their own, there is nothing to share: start over.
  if (values.size >= 1000) values.clear()
  values.set(key, value)
  return value
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((name, index) => name === other[index])
}

/** Builds the subject of checked claims and freezes all of it. */
export function subjectOf(claims: Claims, shared: SharedValues): Subject {
  const own: { -readonly [name in keyof Claims]: Claims[name] } = claims
  const { aud, scope, permissions } = claims
  own.iss = shared.text(claims.iss)
  if (typeof aud === 'string') own.aud = shared.text(aud)
  if (typeof scope === 'string') own['scope'] = shared.text(scope)
  const granted = isStringArray(permissions) ? shared.permissions(permissions) : none
  if (granted !== none) own['permissions'] = granted
  freezeDeep(claims)
  return Object.freeze({
    sub: claims.sub,
    issuer: claims.iss,
    permissions: granted,
    scope: typeof scope === 'string' ? shared.scope(scope) : none,
    claims,
  })
}

function isStringArray(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string')
}

/** With a list of its own instead of recursion: a claim nested thousands deep must not exhaust the stack. */
function freezeDeep(root: object): void {
  const pending: object[] = []
  for (let value: object | undefined = root; value !== undefined; value = pending.pop())
    for (const inner of Object.values(Object.freeze(value)))
      if (typeof inner === 'object' && inner !== null && !Object.isFrozen(inner)) pending.push(inner)
}
