import type { PermissionRefs, roleRefs } from '@rolecall/contract'
import type { z } from 'zod'
import type { Change, RequestedChange } from '../logs/audited.ts'
import { assignPermissions, assignRoles, unassignPermissions, unassignRoles } from '../roles/assignments.ts'
import { keepingAnOwner } from '../roles/owners.ts'
import { requireMayActOn, requireMayAssign, requireMayGrant } from '../roles/privilege.ts'
import { refsFromWire } from '../roles/wire.ts'
import type { Tx } from '../store/transaction.ts'
import { requireUser } from './users.ts'

/** The requests that change what a user has: the privilege rule, the rule itself, and what the log has of it. */

type Roles = RequestedChange<z.output<typeof roleRefs>>

export async function assignRequestedRoles(
  tx: Tx,
  { caller, id, body: { roles } }: Roles,
): Promise<Change<undefined>> {
  await requireMayAssign(tx.db, caller, roles)
  const added = await assignRoles(tx, id, roles)
  return { result: undefined, on: { user: id, role: roles }, after: { roles: added } }
}

export function unassignRequestedRoles(
  tx: Tx,
  { caller, id, body: { roles } }: Roles,
): Promise<Change<undefined>> {
  return keepingAnOwner(tx, async () => {
    await requireUser(tx.db, id)
    await requireMayActOn(tx.db, caller, id)
    await requireMayAssign(tx.db, caller, roles)
    const removed = await unassignRoles(tx, id, roles)
    return { result: undefined, on: { user: id, role: roles }, before: { roles: removed } }
  })
}

export async function giveRequestedPermissions(
  tx: Tx,
  { caller, id, body }: RequestedChange<PermissionRefs>,
): Promise<Change<undefined>> {
  const refs = refsFromWire(body)
  await requireMayGrant(tx.db, caller, refs)
  const added = await assignPermissions(tx, id, refs)
  return { result: undefined, on: { user: id, permission: refs }, after: { permissions: added } }
}

export function takeRequestedPermissions(
  tx: Tx,
  { caller, id, body }: RequestedChange<PermissionRefs>,
): Promise<Change<undefined>> {
  const refs = refsFromWire(body)
  return keepingAnOwner(tx, async () => {
    await requireUser(tx.db, id)
    await requireMayActOn(tx.db, caller, id)
    await requireMayGrant(tx.db, caller, refs)
    const removed = await unassignPermissions(tx, id, refs)
    return { result: undefined, on: { user: id, permission: refs }, before: { permissions: removed } }
  })
}
