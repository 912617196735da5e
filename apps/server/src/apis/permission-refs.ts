import { notFound } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import { declaredPermissions, findApiIds } from './store.ts'

/** A permission on the wire: the identifier of its API and its name. */
export interface PermissionRef {
  api: string
  permission: string
}

/** A permission in the store. */
export interface PermissionKey {
  apiId: string
  permission: string
}

/** A permission that was looked up. */
export type ResolvedPermission = PermissionRef & PermissionKey

/**
 * Looks up permissions, each once.
 * @throws ApiError 404 for the first API or permission that does not exist
 */
export async function resolvePermissions(
  db: Db,
  refs: readonly PermissionRef[],
): Promise<ResolvedPermission[]> {
  const { found, missing } = await lookUp(db, refs)
  const [first] = missing
  if (first)
    throw notFound(
      `The permission ${first.permission} of the resource server ${first.api} does not exist`,
      'inexistent_permission',
    )
  return found
}

/** As `resolvePermissions`, for a removal: permissions that do not exist are left out. */
export async function existingPermissions(
  db: Db,
  refs: readonly PermissionRef[],
): Promise<ResolvedPermission[]> {
  return (await lookUp(db, refs)).found
}

async function lookUp(db: Db, refs: readonly PermissionRef[]) {
  const byApi = Map.groupBy(refs, (ref) => ref.api)
  const apiIds = await findApiIds(db, [...byApi.keys()])
  const found: ResolvedPermission[] = []
  const missing: PermissionRef[] = []
  for (const [api, wanted] of byApi) {
    const apiId = apiIds.get(api)
    const values = new Set(wanted.map(({ permission }) => permission))
    const declared =
      apiId === undefined ? new Set<string>() : await declaredPermissions(db, apiId, [...values])
    for (const permission of values) {
      if (apiId !== undefined && declared.has(permission)) found.push({ api, apiId, permission })
      else missing.push({ api, permission })
    }
  }
  return { found, missing }
}

/** Those of the resolved permissions that were changed, as references. */
export function refsOf(
  resolved: readonly ResolvedPermission[],
  changed: readonly PermissionKey[],
): PermissionRef[] {
  const keys = new Set(changed.map(({ apiId, permission }) => `${apiId} ${permission}`))
  return resolved
    .filter(({ apiId, permission }) => keys.has(`${apiId} ${permission}`))
    .map(({ api, permission }) => ({ api, permission }))
}
