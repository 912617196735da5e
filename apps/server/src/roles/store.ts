import type { Selectable } from 'kysely'
import { nameKey } from '../store/canonical.ts'
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

/** The key changes only with the name it stands for, so that a role whose name clashes can be changed otherwise. */
export async function updateRoleRow(db: Db, before: Role, after: Role, at: number): Promise<void> {
  const { name_key, ...columns } = toRow(after)
  const isRenamed = name_key !== nameKey(before.name)
  await db
    .updateTable('roles')
    .set({ ...columns, ...(isRenamed && { name_key, name_clash: null }), updated_at: at })
    .where('id', '=', after.id)
    .execute()
  if (isRenamed) await releaseName(db, before.name)
}

export async function deleteRoleRow(db: Db, role: Role): Promise<void> {
  await db.deleteFrom('roles').where('id', '=', role.id).execute()
  await releaseName(db, role.name)
}

/** Roles whose names are two spellings of one name: only an earlier version could write them. */
export async function listRoleClashes(db: Db, limit: number): Promise<{ role: Role; holder: Role }[]> {
  const rows = await db
    .selectFrom('roles')
    .selectAll()
    .where('name_clash', 'is not', null)
    .orderBy('name_key')
    .limit(limit)
    .execute()
  const keys = rows.flatMap(({ name_clash }) => name_clash ?? [])
  if (keys.length === 0) return []
  const holders = await db.selectFrom('roles').selectAll().where('name_key', 'in', keys).execute()
  return rows.flatMap((row) => {
    const holder = holders.find(({ name_key }) => name_key === row.name_clash)
    return holder ? { role: fromRow(row), holder: fromRow(holder) } : []
  })
}

/** A name that a role no longer has becomes the name of the oldest role that clashed with it. */
async function releaseName(db: Db, name: string): Promise<void> {
  const key = nameKey(name)
  const heir = db
    .selectFrom('roles')
    .select('id')
    .where('name_clash', '=', key)
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
  const holder = db.selectFrom('roles as holder').select('holder.id').where('holder.name_key', '=', key)
  await db
    .updateTable('roles')
    .set({ name_key: key, name_clash: null })
    .where('id', '=', heir)
    .where((eb) => eb.not(eb.exists(holder)))
    .execute()
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
