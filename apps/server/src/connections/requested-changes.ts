import type { ConnectionCreate, ConnectionUpdate, ConnectionWire } from '@rolecall/contract'
import type { Change, RequestedChange } from '../logs/audited.ts'
import { requireMayActOnUsersOf } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import {
  type ConnectionDeps,
  createConnection,
  deleteConnection,
  type RequireMayEnable,
  requireConnection,
  updateConnection,
} from './connections.ts'
import { type RequireMayActOnApplications, requireMayChange, requireMayMap } from './privilege.ts'
import { connectionPresenter } from './wire.ts'

/** What other slices know of a connection. Parameters, because they import this slice. */
export interface OtherRules {
  hasUsers: (db: Db, connection: string) => Promise<boolean>
  requireMayActOnApplications: RequireMayActOnApplications
}

/** The requests that change connections: the privilege rule, the rule itself, and what the log has of it. */

export async function createRequestedConnection(
  tx: Tx,
  deps: ConnectionDeps,
  rules: OtherRules,
  { caller, body }: RequestedChange<ConnectionCreate>,
): Promise<Change<ConnectionWire>> {
  const made = await createConnection(tx, deps, body, requireMayEnableFor(rules, caller))
  await requireMayMap(tx.db, caller, made)
  const result = (await connectionPresenter(tx.db))(made)
  return { result, on: { connection: made.id }, after: result }
}

export async function updateRequestedConnection(
  tx: Tx,
  deps: ConnectionDeps,
  rules: OtherRules,
  { caller, id, body }: RequestedChange<ConnectionUpdate>,
): Promise<Change<ConnectionWire>> {
  const showBefore = await connectionPresenter(tx.db)
  const { before, after } = await updateConnection(tx, deps, id, body, requireMayEnableFor(rules, caller))
  await requireMayChange(tx.db, caller, before, after)
  const result = (await connectionPresenter(tx.db))(after)
  return { result, on: { connection: id }, before: showBefore(before), after: result }
}

export async function deleteRequestedConnection(
  tx: Tx,
  rules: OtherRules,
  { caller, id }: RequestedChange,
): Promise<Change<undefined>> {
  const show = await connectionPresenter(tx.db)
  const connection = await requireConnection(tx.db, id)
  await requireMayActOnUsersOf(tx.db, caller, connection)
  await requireMayMap(tx.db, caller, connection)
  const deleted = await deleteConnection(tx, id, rules.hasUsers, requireMayEnableFor(rules, caller))
  return { result: undefined, on: { connection: deleted.id }, before: show(deleted) }
}

/**
 * The connections of an application are a part of it: the privilege rule covers them. At another provider an enabled
 * application puts the role mapping into effect.
 */
export function requireMayEnableFor(
  { requireMayActOnApplications }: OtherRules,
  caller: RequestedChange['caller'],
): RequireMayEnable {
  return async (db, connection, clientIds) => {
    await requireMayActOnApplications(db, caller, clientIds)
    if (clientIds.length > 0) await requireMayMap(db, caller, connection)
  }
}
