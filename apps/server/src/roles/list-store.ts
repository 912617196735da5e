import { sql } from 'kysely'
import type { Listing } from '../http/paging.ts'
import { foldText } from '../store/canonical.ts'
import { countRows } from '../store/count.ts'
import { literal, matches } from '../store/like.ts'
import type { Db } from '../store/store.ts'
import { toBool } from '../store/values.ts'
import type { Role } from './roles.ts'
import { fromRow } from './store.ts'

export interface RoleFilter {
  /** Part of the name, in any case. */
  name?: string | undefined
  isSystem?: boolean | undefined
}

/** Roles by name. */
export function listRoles(db: Db, { name, isSystem }: RoleFilter): Listing<Role & { key: string }> {
  let chosen = db.selectFrom('roles')
  if (name) chosen = chosen.where(matches(sql.ref('name_key'), `%${literal(foldText(name))}%`))
  if (isSystem !== undefined) chosen = chosen.where('is_system', '=', toBool(isSystem))
  return {
    async slice({ after, offset, limit }) {
      const rows = await chosen
        .selectAll()
        .$if(after !== undefined, (query) => query.where('name_key', '>', String(after?.[0])))
        .orderBy('name_key')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map((row) => Object.assign(fromRow(row), { key: row.name_key }))
    },
    count: () => countRows(chosen),
    cursor: ({ key }) => [key],
  }
}

/** The roles that a user holds, by id. */
export function listRolesOfUser(db: Db, userId: string): Listing<Role> {
  const held = db
    .selectFrom('user_roles')
    .crossJoin('roles')
    .whereRef('roles.id', '=', 'user_roles.role_id')
    .where('user_roles.user_id', '=', userId)
  return {
    async slice({ after, offset, limit }) {
      const rows = await held
        .selectAll('roles')
        .$if(after !== undefined, (query) => query.where('user_roles.role_id', '>', String(after?.[0])))
        .orderBy('user_roles.role_id')
        .offset(offset)
        .limit(limit)
        .execute()
      return rows.map(fromRow)
    },
    count: () => countRows(held),
    cursor: (role) => [role.id],
  }
}
