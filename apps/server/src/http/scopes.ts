/**
 * What a route asks of its caller: any one of these will do. One that holds several names, separated by spaces, asks
 * for all of them: `['read:role_members', 'read:roles read:users']`.
 */
export type Scopes = readonly [string, ...string[]]

export function hasScopes(held: ReadonlySet<string>, scopes: Scopes): boolean {
  return scopes.some((alternative) => alternative.split(' ').every((scope) => held.has(scope)))
}

/** Every scope that plays a part, each once, for the text of a refusal. */
export function scopeNames(scopes: Scopes): string[] {
  return [...new Set(scopes.flatMap((alternative) => alternative.split(' ')))]
}
