import { byPermission, permissionKey, type RolePermission } from '../../shared/management/roles.ts'

export interface Compared extends RolePermission {
  inFirst: boolean
  inSecond: boolean
}

export interface Comparison {
  /** Every permission of either role, by API and name. */
  rows: Compared[]
  onlyFirst: number
  onlySecond: number
  both: number
}

/** What two roles hold, and what one holds that the other does not. */
export function compareRoles(
  first: readonly RolePermission[],
  second: readonly RolePermission[],
): Comparison {
  const [inFirst, inSecond] = [first, second].map((held) => new Set(held.map(permissionKey)))
  const all = new Map([...first, ...second].map((permission) => [permissionKey(permission), permission]))
  const rows = [...all.entries()]
    .map(([key, permission]) =>
      Object.assign({}, permission, {
        inFirst: inFirst?.has(key) ?? false,
        inSecond: inSecond?.has(key) ?? false,
      }),
    )
    .toSorted(byPermission)
  const count = (is: (row: Compared) => boolean) => rows.filter(is).length
  return {
    rows,
    onlyFirst: count((row) => !row.inSecond),
    onlySecond: count((row) => !row.inFirst),
    both: count((row) => row.inFirst && row.inSecond),
  }
}
