/**
 * Scopes of OpenID Connect (Core §5.4 and §11). Every application may request them, so a permission of the same
 * name would appear in tokens of users who do not hold it.
 */
export const reservedScopes = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'] as const

/** Case-insensitive, because a permission `Email` would be easy to confuse with the scope `email`. */
export function isReservedScope(value: string): boolean {
  return reservedScopes.some((reserved) => reserved === value.toLowerCase())
}

export const reservedScopeMessage = (value: string): string =>
  `${value} is a scope of OpenID Connect and cannot be a permission; choose another name, such as read:${value.toLowerCase()}`
