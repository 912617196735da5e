import type { Context } from '../context.ts'
import { randomAlphanumeric } from '../crypto/random.ts'
import { forbidden, noSuchRole, roleExists } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import type { Db } from '../store/store.ts'
import { isUniqueViolation } from '../store/values.ts'
import { deleteRoleRow, findRole, insertRole, updateRoleRow } from './store.ts'

export interface Role {
  id: string
  name: string
  description: string
  /** Kept by the server itself: nobody renames, changes or deletes it. */
  isSystem: boolean
}

export interface NewRole {
  name: string
  description?: string
  isSystem?: boolean
}

type Ground = Pick<Context, 'store' | 'clock'>

/** @throws ApiError 409 when a role has this name already, in any spelling */
export async function createRole(ctx: Ground, input: NewRole): Promise<Role> {
  const role: Role = {
    id: `rol_${randomAlphanumeric(16)}`,
    name: input.name,
    description: input.description ?? '',
    isSystem: input.isSystem ?? false,
  }
  const at = ctx.clock()
  await named(() =>
    ctx.store.transaction(async (tx) => {
      await insertRole(tx, role, at)
      await recordChange(tx, 'role', role.id, at)
    }),
  )
  return role
}

/** @throws ApiError 404, 409 for a taken name, 403 for a system role */
export async function updateRole(
  ctx: Ground,
  id: string,
  changes: { name?: string | undefined; description?: string | undefined },
): Promise<{ before: Role; after: Role }> {
  const at = ctx.clock()
  return named(() =>
    ctx.store.transaction(async (tx) => {
      const before = await editableRole(tx, id)
      const after: Role = {
        ...before,
        name: changes.name ?? before.name,
        description: changes.description ?? before.description,
      }
      await updateRoleRow(tx, before, after, at)
      await recordChange(tx, 'role', id, at)
      return { before, after }
    }),
  )
}

/** Takes it from everybody who holds it. @throws ApiError 404, 403 for a system role */
export async function deleteRole(ctx: Ground, id: string): Promise<Role> {
  return ctx.store.transaction(async (tx) => {
    const role = await editableRole(tx, id)
    await deleteRoleRow(tx, role)
    await recordChange(tx, 'role', id, ctx.clock())
    return role
  })
}

export async function requireRole(db: Db, id: string): Promise<Role> {
  const role = await findRole(db, id)
  if (!role) throw noSuchRole()
  return role
}

export async function editableRole(db: Db, id: string): Promise<Role> {
  const role = await requireRole(db, id)
  if (role.isSystem) throw forbidden(`The role ${role.name} is kept by the system and cannot be changed`)
  return role
}

async function named<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw isUniqueViolation(cause) ? roleExists() : cause
  }
}
