import type { PermissionRefs, RoleCreate, RoleUpdate, userRefs, Role as WireRole } from '@rolecall/contract'
import type { z } from 'zod'
import type { Change, RequestedChange } from '../logs/audited.ts'
import type { Tx } from '../store/transaction.ts'
import { assignUsers } from './assignments.ts'
import { keepingAnOwner } from './owners.ts'
import { requireMayAssign, requireMayGrant } from './privilege.ts'
import { addPermissionsToRole, removePermissionsFromRole } from './role-permissions.ts'
import { createRole, deleteRole, updateRole } from './roles.ts'
import { refsFromWire, roleToWire } from './wire.ts'

/** The requests that change roles: the privilege rule, the rule itself, and what the log has of it. */

export async function createRequestedRole(
  tx: Tx,
  { body: { name, description } }: RequestedChange<RoleCreate>,
): Promise<Change<WireRole>> {
  const created = roleToWire(await createRole(tx, { name, description: description ?? '' }))
  return { result: created, on: { role: created.id }, after: created }
}

export async function updateRequestedRole(
  tx: Tx,
  { caller, id, body: { name, description } }: RequestedChange<RoleUpdate>,
): Promise<Change<WireRole>> {
  await requireMayAssign(tx.db, caller, [id])
  const changes = { name, description: description === null ? '' : description }
  const { before, after } = await updateRole(tx, id, changes)
  return {
    result: roleToWire(after),
    on: { role: after.id },
    before: roleToWire(before),
    after: roleToWire(after),
  }
}

export function deleteRequestedRole(
  tx: Tx,
  { caller, id }: RequestedChange,
): Promise<Change<Record<string, never>>> {
  return keepingAnOwner(tx, async () => {
    await requireMayAssign(tx.db, caller, [id])
    return { result: {}, on: { role: id }, before: roleToWire(await deleteRole(tx, id)) }
  })
}

export async function addRequestedPermissions(
  tx: Tx,
  { caller, id, body }: RequestedChange<PermissionRefs>,
): Promise<Change<undefined>> {
  const refs = refsFromWire(body)
  await requireMayAssign(tx.db, caller, [id])
  await requireMayGrant(tx.db, caller, refs)
  const added = await addPermissionsToRole(tx, id, refs)
  return { result: undefined, on: { role: id, permission: refs }, after: { permissions: added } }
}

export function removeRequestedPermissions(
  tx: Tx,
  { caller, id, body }: RequestedChange<PermissionRefs>,
): Promise<Change<undefined>> {
  const refs = refsFromWire(body)
  return keepingAnOwner(tx, async () => {
    await requireMayAssign(tx.db, caller, [id])
    await requireMayGrant(tx.db, caller, refs)
    const removed = await removePermissionsFromRole(tx, id, refs)
    return { result: undefined, on: { role: id, permission: refs }, before: { permissions: removed } }
  })
}

export async function assignRequestedUsers(
  tx: Tx,
  { caller, id, body: { users } }: RequestedChange<z.output<typeof userRefs>>,
): Promise<Change<Record<string, never>>> {
  await requireMayAssign(tx.db, caller, [id])
  await assignUsers(tx, id, users)
  return { result: {}, on: { role: id, user: users }, after: { users } }
}
