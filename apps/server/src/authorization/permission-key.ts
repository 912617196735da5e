/** A permission as text: the id of its API and its name. Ids contain no space. */
export type Key = string
export const keyOf = (apiId: string, permission: string): Key => `${apiId} ${permission}`
export const apiIdOf = (key: Key): string => key.slice(0, key.indexOf(' '))
export const permissionOf = (key: Key): string => key.slice(key.indexOf(' ') + 1)
