import { type OwnParts, ownParts } from '../../accounts/own-account.ts'
import { findApplication } from '../../applications/store.ts'
import { deleteConsentAndAccess } from '../../consents/consents.ts'
import { listConsents } from '../../consents/lists.ts'
import type { Context } from '../../context.ts'
import { type OwnFactors, ownFactors } from '../../factors/own-factors.ts'
import type { Listing } from '../../http/paging.ts'
import { type OwnIdentity, ownIdentities } from '../../identities/own-identities.ts'
import { listPermissionsOfUser, listRolesOfUser, type SourcedPermission } from '../../roles/lists.ts'
import { sourcesOfRoles } from '../../roles/role-sources.ts'
import { type Device, deviceOf } from '../../sessions/device.ts'
import { type Artifact, listArtifacts } from '../../sessions/lists.ts'
import { endApplicationAccess, endRefreshTokens, endSessions, findSession } from '../../sessions/store.ts'
import { mark } from '../../store/marks.ts'
import { transaction } from '../../store/transaction.ts'
import type { User } from '../../users/user.ts'
import type { Visitor } from './session.ts'

/** What the page shows of each kind. A person with more is told that there is more. */
const shown = 200

/** An application that may act for the user. */
export interface ConnectedApplication {
  clientId: string
  name: string
  /** What the user has allowed. Applications of the operator's own do not ask. */
  scopes: string[]
}

export interface OwnSession extends Pick<Artifact, 'id' | 'createdAt'> {
  expiresAt: number | undefined
  isCurrent: boolean
  device: Device
}

export interface Overview {
  user: User
  parts: OwnParts
  factors: OwnFactors
  identities: OwnIdentity[]
  sessions: OwnSession[]
  applications: ConnectedApplication[]
  permissions: SourcedPermission[]
  hasMorePermissions: boolean
}

/** Everything on the account page. */
export async function overviewOf(ctx: Context, { user, sessionHash }: Visitor): Promise<Overview> {
  const { db } = ctx.store
  const sessions = await firstOf(listArtifacts(db, 'Session', user.userId, ctx.clock()))
  const permissions = await firstOf(listPermissionsOfUser(db, user.userId), shown + 1)
  return {
    user,
    parts: await ownParts(ctx, user),
    factors: await ownFactors(ctx, user),
    identities: await ownIdentities(ctx, user),
    sessions: sessions
      .map((session) => ({
        id: session.id,
        createdAt: session.createdAt,
        expiresAt: session.expiresAt,
        isCurrent: session.id === sessionHash,
        device: deviceOf(ctx.sealer, session),
      }))
      .toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent) || b.createdAt - a.createdAt),
    applications: await connectedApplications(ctx, user.userId),
    permissions: permissions.slice(0, shown),
    hasMorePermissions: permissions.length > shown,
  }
}

async function connectedApplications(ctx: Context, userId: string): Promise<ConnectedApplication[]> {
  const { db } = ctx.store
  const scopes = new Map<string, Set<string>>()
  const allow = (clientId: string, more: readonly string[]) =>
    scopes.set(clientId, new Set([...(scopes.get(clientId) ?? []), ...more]))
  for (const { clientId, scope } of await firstOf(listConsents(db, { userId }))) allow(clientId, scope)
  for (const { clientId } of await firstOf(listArtifacts(db, 'RefreshToken', userId, ctx.clock())))
    if (clientId !== undefined) allow(clientId, [])
  const applications = await Promise.all(
    [...scopes].map(async ([clientId, allowed]) => {
      const application = await findApplication(db, clientId)
      return { clientId, name: application?.name ?? clientId, scopes: [...allowed].toSorted() }
    }),
  )
  return applications.toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
}

/** What the user may download: all that the server has stored about them, except secrets. */
export async function copyOf(ctx: Context, visitor: Visitor): Promise<Record<string, unknown>> {
  const { db } = ctx.store
  const { user, factors, identities, sessions, applications } = await overviewOf(ctx, visitor)
  const roles = await everyOf(listRolesOfUser(db, user.userId))
  const sources = (await sourcesOfRoles(db, [user.userId])).get(user.userId)
  const permissions = await everyOf(listPermissionsOfUser(db, user.userId))
  return {
    profile: user,
    authenticationMethods: factors.methods,
    recoveryCodesLeft: factors.codesLeft,
    identities,
    roles: roles.map(({ id, name, description }) => ({
      id,
      name,
      description,
      assigned: sources?.get(id)?.direct,
      givenBy: sources?.get(id)?.connections.map((connection) => connection.name),
    })),
    permissions: permissions.map(({ apiIdentifier, permission, description }) => ({
      api: apiIdentifier,
      permission,
      description,
    })),
    applications,
    sessions: sessions.map(({ createdAt, expiresAt, device: { userAgent, ip, usedAt } }) => ({
      createdAt,
      usedAt,
      expiresAt,
      userAgent,
      ip,
    })),
  }
}

/** Ends one of the user's sessions. @returns false when it is not the user's, or has ended already */
export async function endOwnSession(ctx: Context, { user }: Visitor, id: string): Promise<boolean> {
  return transaction(ctx, async (tx) => {
    const { userId, uid } = (await findSession(tx.db, id)) ?? {}
    if (userId !== user.userId || !uid) return false
    await endSessions(tx.db, { uid })
    mark(tx, { effect: 'loss', reason: 'session', subject: user.userId })
    return true
  })
}

/**
 * Ends every session but this one, and all refresh tokens: they say nothing about the browser that they are in. Applications
 * in this browser get new ones with its session.
 */
export async function endOtherSessions(ctx: Context, { user, sessionUid }: Visitor): Promise<void> {
  await transaction(ctx, async (tx) => {
    for (const { id } of await everyOf(listArtifacts(tx.db, 'Session', user.userId, tx.now))) {
      const { uid } = (await findSession(tx.db, id)) ?? {}
      if (uid && uid !== sessionUid) await endSessions(tx.db, { uid })
    }
    await endRefreshTokens(tx.db, user.userId)
    mark(tx, { effect: 'loss', reason: 'session', subject: user.userId })
  })
}

/** Takes back what an application was allowed, with the refresh tokens that it has. */
export async function removeApplication(ctx: Context, { user }: Visitor, clientId: string): Promise<void> {
  await transaction(ctx, async (tx) => {
    const { userId } = user
    for (const consent of await everyOf(listConsents(tx.db, { userId, clientId })))
      await deleteConsentAndAccess(tx, consent)
    await endApplicationAccess(tx.db, userId, [clientId])
    mark(tx, { effect: 'loss', reason: 'session', subject: userId, application: clientId })
  })
}

const firstOf = <Item>(list: Listing<Item>, limit = shown) => list.slice({ offset: 0, limit })

async function everyOf<Item>(list: Listing<Item>): Promise<Item[]> {
  const items: Item[] = []
  for (;;) {
    const last = items.at(-1)
    const page = await list.slice({ ...(last && { after: list.cursor(last) }), offset: 0, limit: shown })
    items.push(...page)
    if (page.length < shown) return items
  }
}
