import type { ExpressionBuilder } from 'kysely'
import type { Database } from '../store/schema.ts'
import { chunks, lockRows, shareRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromBool, toBool } from '../store/values.ts'

/**
 * What gives a user their roles: an assignment, or a provider whose claims name the role. `user_roles` has a row for each
 * role that a user holds, whatever gives it, and `identity_roles` one for each identity that gives it.
 */

/** An account at a provider: the connection and the provider's `sub`. */
export interface IdentityRef {
  connectionId: string
  subject: string
}

/** A connection that gives a role. */
export interface GivingConnection {
  id: string
  name: string
}

/** What gives a user one of their roles. */
export interface RoleSources {
  /** Whether it is assigned. */
  direct: boolean
  /** By name. */
  connections: GivingConnection[]
}

/** Locks the row of a user until the transaction ends. */
export async function lockMember(tx: Db, userId: string): Promise<void> {
  await lockRows(tx, tx.selectFrom('users').select('user_id').where('user_id', '=', userId)).execute()
}

/** Locks an identity and its user until the transaction ends. @returns false when the user has no such identity */
export async function lockIdentity(
  tx: Db,
  { connectionId, subject }: IdentityRef,
  userId: string,
): Promise<boolean> {
  const query = tx
    .selectFrom('users')
    .innerJoin('identities', 'identities.user_id', 'users.user_id')
    .select('users.user_id')
    .where('users.user_id', '=', userId)
    .where('identities.connection_id', '=', connectionId)
    .where('identities.subject', '=', subject)
  return (await lockRows(tx, query).executeTakeFirst()) !== undefined
}

/** Locks the identities of a connection until the transaction ends. @returns the users who have them, each once */
export async function lockIdentities(tx: Db, connectionId: string): Promise<string[]> {
  const query = tx.selectFrom('identities').select('user_id').where('connection_id', '=', connectionId)
  const rows = await lockRows(tx, query).execute()
  return [...new Set(rows.map(({ user_id }) => user_id))]
}

/** Those of the roles that exist, which they do until the transaction ends. */
export async function shareRoles(tx: Db, roleIds: readonly string[]): Promise<string[]> {
  if (roleIds.length === 0) return []
  const query = tx.selectFrom('roles').select('id').where('id', 'in', roleIds).orderBy('id')
  return (await shareRows(tx, query).execute()).map(({ id }) => id)
}

/** The roles that an identity gives. */
export async function rolesOfIdentity(db: Db, { connectionId, subject }: IdentityRef): Promise<string[]> {
  const rows = await db
    .selectFrom('identity_roles')
    .select('role_id')
    .where('connection_id', '=', connectionId)
    .where('subject', '=', subject)
    .orderBy('role_id')
    .execute()
  return rows.map(({ role_id }) => role_id)
}

/** @returns the roles that the user did not hold */
export async function insertIdentityRoles(
  db: Db,
  { connectionId, subject }: IdentityRef,
  { userId, roleIds, at }: { userId: string; roleIds: readonly string[]; at: number },
): Promise<string[]> {
  if (roleIds.length === 0) return []
  const key = { connection_id: connectionId, subject, user_id: userId }
  const held = { user_id: userId, assigned_at: at, direct: toBool(false) }
  await db
    .insertInto('identity_roles')
    .values(roleIds.map((role_id) => ({ ...key, role_id })))
    .execute()
  const gained = await db
    .insertInto('user_roles')
    .values(roleIds.map((role_id) => ({ ...held, role_id })))
    .onConflict((conflict) => conflict.doNothing())
    .returning('role_id')
    .execute()
  return gained.map(({ role_id }) => role_id)
}

/** Rows of `identity_roles`: of a connection, of one identity, of some roles or of all others. */
export interface GivenRoles {
  connectionId: string
  subject?: string | undefined
  roleIds?: readonly string[] | undefined
  exceptRoleIds?: readonly string[] | undefined
}

export interface HeldRole {
  userId: string
  roleId: string
}

/** @returns what was given, and what of it the users do not hold any more */
export async function deleteIdentityRoles(
  db: Db,
  { connectionId, subject, roleIds, exceptRoleIds = [] }: GivenRoles,
): Promise<{ given: HeldRole[]; lost: HeldRole[] }> {
  let chosen = db.deleteFrom('identity_roles').where('connection_id', '=', connectionId)
  if (subject !== undefined) chosen = chosen.where('subject', '=', subject)
  if (roleIds !== undefined) chosen = chosen.where('role_id', 'in', roleIds)
  if (exceptRoleIds.length > 0) chosen = chosen.where('role_id', 'not in', exceptRoleIds)
  const given = await chosen.returning(['user_id as userId', 'role_id as roleId']).execute()
  const lost: HeldRole[] = []
  for (const [roleId, users] of Map.groupBy(given, (one) => one.roleId))
    for (const some of chunks(users.map(({ userId }) => userId)))
      lost.push(...(await deleteUngiven(db, roleId, some)))
  return { given, lost }
}

/** Deletes what is neither assigned nor given by a provider. */
function deleteUngiven(db: Db, roleId: string, userIds: readonly string[]): Promise<HeldRole[]> {
  return db
    .deleteFrom('user_roles')
    .where('role_id', '=', roleId)
    .where('user_id', 'in', userIds)
    .where('direct', '=', toBool(false))
    .where((eb) => eb.not(isGiven(eb)))
    .returning(['user_id as userId', 'role_id as roleId'])
    .execute()
}

/** Whether a provider gives the role of a row of `user_roles`. */
function isGiven(eb: ExpressionBuilder<Database, 'user_roles'>) {
  return eb.exists(
    eb
      .selectFrom('identity_roles as given')
      .select('given.role_id')
      .whereRef('given.user_id', '=', 'user_roles.user_id')
      .whereRef('given.role_id', '=', 'user_roles.role_id'),
  )
}

/**
 * Takes the assignment of roles away. Those that a provider gives as well are kept.
 * @returns the roles that were assigned, and those of them that are kept
 */
export async function deleteAssignedRoles(
  db: Db,
  userId: string,
  roleIds: readonly string[],
): Promise<{ removed: string[]; kept: string[] }> {
  const removed: string[] = []
  const kept: string[] = []
  for (const some of chunks(roleIds)) {
    const given = await db
      .updateTable('user_roles')
      .set({ direct: toBool(false) })
      .where('user_id', '=', userId)
      .where('role_id', 'in', some)
      .where('direct', '=', toBool(true))
      .where((eb) => isGiven(eb))
      .returning('role_id')
      .execute()
    const gone = await db
      .deleteFrom('user_roles')
      .where('user_id', '=', userId)
      .where('role_id', 'in', some)
      .where('direct', '=', toBool(true))
      .returning('role_id')
      .execute()
    removed.push(...[...given, ...gone].map(({ role_id }) => role_id))
    kept.push(...given.map(({ role_id }) => role_id))
  }
  return { removed, kept }
}

/** By the user, and of each user by the role. */
type SourcesByUser = ReadonlyMap<string, ReadonlyMap<string, RoleSources>>

/** What gives these users these roles, or all of their roles. Roles that a user does not hold have no entry. */
export async function sourcesOfRoles(
  db: Db,
  userIds: readonly string[],
  roleIds?: readonly string[],
): Promise<SourcesByUser> {
  const found = new Map<string, Map<string, RoleSources>>()
  if (userIds.length === 0 || roleIds?.length === 0) return found
  const rows = await db
    .selectFrom('user_roles')
    .leftJoin('identity_roles as given', (join) =>
      join
        .onRef('given.user_id', '=', 'user_roles.user_id')
        .onRef('given.role_id', '=', 'user_roles.role_id'),
    )
    .leftJoin('connections', 'connections.id', 'given.connection_id')
    .select(['user_roles.user_id as userId', 'user_roles.role_id as roleId', 'user_roles.direct'])
    .select(['connections.id', 'connections.name'])
    .where('user_roles.user_id', 'in', userIds)
    .$if(roleIds !== undefined, (query) => query.where('user_roles.role_id', 'in', roleIds ?? []))
    .orderBy('connections.name')
    .execute()
  for (const { userId, roleId, direct, id, name } of rows) {
    const ofUser = found.get(userId) ?? new Map<string, RoleSources>()
    const sources = ofUser.get(roleId) ?? { direct: fromBool(direct), connections: [] }
    // A user may have several identities of one connection.
    if (id !== null && name !== null && sources.connections.at(-1)?.id !== id)
      sources.connections.push({ id, name })
    found.set(userId, ofUser.set(roleId, sources))
  }
  return found
}
