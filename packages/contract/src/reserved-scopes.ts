/**
 * Scopes of OpenID Connect (Core §5.4 and §11). Every application may request them, so an API's permission of the same
 * name would be given to users who do not hold it.
 */
export const reservedScopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const

/** Letter case does not make another name: `Email` next to `email` is a mistake waiting to happen. */
export function isReservedScope(value: string): boolean {
  return reservedScopes.some((reserved) => reserved === value.toLowerCase())
}

export const reservedScopeMessage = (value: string): string =>
  `${value} is a scope of OpenID Connect and cannot be a permission; choose another name, such as read:${value.toLowerCase()}`
