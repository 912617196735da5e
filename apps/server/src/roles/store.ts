import type { Selectable } from 'kysely'
import type { RolesTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { fromBool, toBool } from '../store/values.ts'
import type { Role } from './roles.ts'

export async function findRole(db: Db, id: string): Promise<Role | undefined> {
  const row = await db.selectFrom('roles').selectAll().where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

/** A system role by its name; a role that somebody made and called the same is not one. */
export async function findSystemRole(db: Db, name: string): Promise<Role | undefined> {
  const row = await db
    .selectFrom('roles')
    .selectAll()
    .where('name_key', '=', nameKey(name))
    .executeTakeFirst()
  return row && fromBool(row.is_system) ? fromRow(row) : undefined
}

export async function insertRole(db: Db, role: Role, at: number): Promise<void> {
  await db
    .insertInto('roles')
    .values({ id: role.id, ...toRow(role), created_at: at, updated_at: at })
    .execute()
}

export async function updateRoleRow(db: Db, role: Role, at: number): Promise<void> {
  await db
    .updateTable('roles')
    .set({ ...toRow(role), updated_at: at })
    .where('id', '=', role.id)
    .execute()
}

export async function deleteRoleRow(db: Db, id: string): Promise<void> {
  await db.deleteFrom('roles').where('id', '=', id).execute()
}

const toRow = (role: Role) => ({
  name: role.name,
  name_key: nameKey(role.name),
  description: role.description,
  is_system: toBool(role.isSystem),
})

export function fromRow(row: Selectable<RolesTable>): Role {
  return { id: row.id, name: row.name, description: row.description, isSystem: fromBool(row.is_system) }
}

export const nameKey = (name: string) => name.toLowerCase()
