import { type Api, lockSystemApi } from '../apis/store.ts'
import { conflict } from '../http/api-error.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { toBool } from '../store/values.ts'
import { createRole } from './roles.ts'
import { findSystemRole, insertRolePermissions, type Role } from './store.ts'

/**
 * An owner is a user who is not blocked and holds every permission of the Management API, through any roles or directly.
 * The owner role is one way to assign all of them.
 */

export const ownerRoleName = 'owner'

/**
 * The system role that holds every management scope, also those of later releases. It can be assigned and unassigned, but
 * not edited or deleted.
 */
export async function ensureOwnerRole(tx: Tx, managementApi: Api): Promise<Role> {
  const role =
    (await findSystemRole(tx.db, ownerRoleName)) ??
    (await createRole(tx, {
      name: ownerRoleName,
      description: 'May do everything in this tenant',
      isSystem: true,
    }))
  const all = managementApi.permissions.map(({ value }) => ({ apiId: managementApi.id, permission: value }))
  await insertRolePermissions(tx.db, role.id, all)
  return role
}

export async function hasOwner(db: Db): Promise<boolean> {
  return (await owners(db).limit(1).executeTakeFirst()) !== undefined
}

/** Whether there is an owner by assigned roles and permissions alone, which no provider can take back. */
async function hasAssignedOwner(db: Db): Promise<boolean> {
  return (await owners(db, { assigned: true }).limit(1).executeTakeFirst()) !== undefined
}

/** A blocked user is no owner. */
export async function isOwner(db: Db, userId: string): Promise<boolean> {
  const row = await owners(db).where('held.user_id', '=', userId).executeTakeFirst()
  return row !== undefined
}

const maxOwnerEmails = 100

/** Addresses of the owners, for mail about the tenant. */
export async function listOwnerEmails(db: Db): Promise<string[]> {
  const rows = await db
    .selectFrom('users')
    .select('email')
    .distinct()
    .where('user_id', 'in', owners(db))
    .orderBy('email')
    .limit(maxOwnerEmails)
    .execute()
  return rows.map(({ email }) => email)
}

/**
 * Serializes the transactions that decide by `hasOwner`. Otherwise two owners could remove each other, and two links
 * could each create a first owner.
 */
export function lockOwners({ db }: Tx): Promise<void> {
  return lockSystemApi(db)
}

/**
 * Runs a change that may remove the last owner, and refuses it when it did. Owners by roles that a provider gives do not
 * count: their provider may take the roles back at any log-in.
 * @throws ApiError 409 `last_owner`
 */
export async function keepingAnOwner<T>(tx: Tx, change: () => Promise<T>): Promise<T> {
  await lockOwners(tx)
  const before = await hasAssignedOwner(tx.db)
  const result = await change()
  if (before && !(await hasAssignedOwner(tx.db))) throw lastOwner()
  return result
}

const lastOwner = () =>
  conflict(
    'This would leave nobody who can administer the tenant: make somebody else an owner first',
    'last_owner',
  )

/** @param assigned without roles that a provider gives */
function owners(db: Db, { assigned = false } = {}) {
  const managementApi = db.selectFrom('apis').select('id').where('is_system', '=', toBool(true))
  const held = db
    .selectFrom('role_permissions')
    .crossJoin('user_roles')
    .whereRef('user_roles.role_id', '=', 'role_permissions.role_id')
    .select(['user_roles.user_id as user_id', 'role_permissions.permission as permission'])
    .where('role_permissions.api_id', '=', managementApi)
    .$if(assigned, (query) => query.where('user_roles.direct', '=', toBool(true)))
    .union(
      db.selectFrom('user_permissions').select(['user_id', 'permission']).where('api_id', '=', managementApi),
    )
  const all = db
    .selectFrom('permissions')
    .select((eb) => eb.fn.countAll().as('count'))
    .where('api_id', '=', managementApi)
  return db
    .selectFrom(held.as('held'))
    .crossJoin('users as holder')
    .whereRef('holder.user_id', '=', 'held.user_id')
    .select('held.user_id')
    .where('holder.blocked', '=', toBool(false))
    .groupBy('held.user_id')
    .having((eb) => eb.fn.countAll(), '=', all)
}
