import { markPermissions } from '../apis/permission-marks.ts'
import { writeLog } from '../logs/log.ts'
import { type LogEntry, namesOf } from '../logs/store.ts'
import { recordChange } from '../store/changes.ts'
import type { Tx } from '../store/transaction.ts'
import {
  deleteIdentityRoles,
  type GivenRoles,
  type IdentityRef,
  insertIdentityRoles,
  lockIdentities,
  lockIdentity,
  rolesOfIdentity,
  shareRoles,
} from './role-sources.ts'
import { permissionKeysOfRoles } from './store.ts'

/** Roles that the claims of another provider give. Each log-in with the identity decides them again. */

export interface ProviderRoles extends IdentityRef {
  /** The user of the identity. */
  userId: string
  /** The roles that the claims of this log-in give. Those that do not exist are left out. */
  roleIds: readonly string[]
  /** Where the log-in came from, for the log. */
  origin?: Pick<LogEntry, 'ip' | 'userAgent' | 'clientId'> | undefined
}

/**
 * Replaces the roles that an identity gives to its user. Nothing is written when they are the same as before. It does not
 * check who may give a role: that is checked when the mapping of the connection is written.
 * @returns the roles that the user holds since, and those that the user does not hold any more
 * @example
 * await setProviderRoles(tx, { connectionId, subject: claims.sub, userId, roleIds: ['rol_hV7Kq2mXo9TzB4ce'] })
 */
export async function setProviderRoles(
  tx: Tx,
  { userId, roleIds, origin, ...identity }: ProviderRoles,
): Promise<{ gained: string[]; lost: string[] }> {
  // Of parallel log-ins each replaces what the one before has written.
  if (!(await lockIdentity(tx.db, identity, userId))) return { gained: [], lost: [] }
  const before = new Set(await rolesOfIdentity(tx.db, identity))
  const wanted = new Set(roleIds)
  const given = await shareRoles(
    tx.db,
    [...wanted].filter((id) => !before.has(id)),
  )
  const taken = [...before].filter((id) => !wanted.has(id))
  if (given.length === 0 && taken.length === 0) return { gained: [], lost: [] }

  const gained = await insertIdentityRoles(tx.db, identity, { userId, roleIds: given, at: tx.now })
  const lost = (await deleteRoles(tx, { ...identity, roleIds: taken })).map(({ roleId }) => roleId)
  await markRoles(tx, 'gain', gained, userId)
  await markRoles(tx, 'loss', lost, userId)
  await recordChange(tx, 'user', userId)
  const log = { userId, connectionId: identity.connectionId, origin }
  await logRoles(tx, 'Receive roles from a provider', given, log)
  await logRoles(tx, 'Lose roles from a provider', taken, log)
  return { gained, lost }
}

async function deleteRoles({ db }: Tx, roles: GivenRoles) {
  return roles.roleIds?.length === 0 ? [] : (await deleteIdentityRoles(db, roles)).lost
}

/**
 * Takes the roles that a connection gives, or one of its identities, or those but some roles. Called before an identity or
 * its connection is deleted, which the database refuses otherwise. The caller writes the log.
 * @returns the roles that were given, whether the users hold them otherwise or not
 */
export async function dropProviderRoles(
  tx: Tx,
  roles: Pick<GivenRoles, 'connectionId' | 'subject' | 'exceptRoleIds'>,
): Promise<string[]> {
  if (roles.subject === undefined) await lockIdentities(tx.db, roles.connectionId)
  const { given, lost } = await deleteIdentityRoles(tx.db, roles)
  const users = new Set(lost.map(({ userId }) => userId))
  const [userId] = users
  const lostRoles = [...new Set(lost.map(({ roleId }) => roleId))]
  // One mark stands for many users.
  await markRoles(tx, 'loss', lostRoles, users.size === 1 ? userId : undefined)
  if (userId !== undefined && users.size === 1) await recordChange(tx, 'user', userId)
  return [...new Set(given.map(({ roleId }) => roleId))].toSorted()
}

async function markRoles(
  tx: Tx,
  effect: 'gain' | 'loss',
  roleIds: readonly string[],
  subject: string | undefined,
): Promise<void> {
  if (roleIds.length > 0)
    await markPermissions(tx, effect, await permissionKeysOfRoles(tx.db, roleIds), {
      ...(subject !== undefined && { subject }),
    })
}

async function logRoles(
  { db, now }: Tx,
  description: 'Receive roles from a provider' | 'Lose roles from a provider',
  roles: readonly string[],
  { userId, connectionId, origin }: Pick<ProviderRoles, 'userId' | 'connectionId' | 'origin'>,
): Promise<void> {
  if (roles.length === 0) return
  const targets = await namesOf(db, { user: userId, role: roles, connection: connectionId }, undefined)
  const when = description === 'Receive roles from a provider' ? 'after' : 'before'
  await writeLog(db, {
    ...origin,
    type: 'sapi',
    description,
    date: now,
    userId,
    connection: targets.find(({ type }) => type === 'connection')?.name,
    targets,
    details: { [when]: { roles } },
  })
}
