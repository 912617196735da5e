import { isReservedScope, reservedScopeMessage, reservedScopes } from '@rolecall/contract'
import { invalidBody } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import type { Permission } from './apis.ts'
import { findPermissionsNamed } from './store.ts'

/**
 * Refuses new permissions named like a scope of OpenID Connect. Those that are stored already may stay in the list, so
 * that the API can still be changed; a token contains them only for users who hold them (`oauth/resource-servers.ts`).
 * @throws ApiError 400
 */
export function refuseReservedNames(
  permissions: readonly Permission[],
  stored: readonly Permission[] = [],
): void {
  const known = new Set(stored.map(({ value }) => value))
  for (const [index, { value }] of permissions.entries())
    if (isReservedScope(value) && !known.has(value))
      throw invalidBody(`'${reservedScopeMessage(value)}' on property scopes.${index}.value`)
}

/** A warning that names the permissions of earlier releases whose names are reserved now; undefined without any. */
export async function reservedNamesWarning(db: Db): Promise<string | undefined> {
  const found = await findPermissionsNamed(db, reservedScopes)
  if (found.length === 0) return undefined
  const list = found.map(({ identifier, value }) => `${value} of ${identifier}`).join(', ')
  return `These permissions have names of OpenID Connect scopes; rename them, since new ones are refused: ${list}`
}
