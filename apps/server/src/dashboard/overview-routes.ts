import { type Attention, overview, refusalTypes } from '@rolecall/contract'
import { listUnauthenticatedApplications } from '../applications/lists.ts'
import type { Context } from '../context.ts'
import { callerOf, type ManagementApp } from '../http/management-app.ts'
import { listKeys } from '../keys/store.ts'
import { countByDay, msPerDay } from '../logs/store.ts'
import { listUnsentMail } from '../mail/store.ts'
import {
  isAnyRoleAssigned,
  listRolesWithLargeTokens,
  listRolesWithoutMembers,
  listUnusedPermissions,
} from '../roles/attention.ts'
import { listRoleClashes } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import { countActiveUsers, countNewUsers, countUsers, listUserClashes } from '../users/lists.ts'

const days = 30
/** A count ends here, and the names are the first of them. */
const maxCounted = 100
const maxNamed = 5
/** The usual cryptoperiod of a signing key is one to three years (NIST SP 800-57 part 1, section 5.3.6). */
const maxKeyAgeMs = 365 * msPerDay

/** The start page: how many users there are, what happened lately, and what needs attention. */
export function overviewRoutes(app: ManagementApp, { store, clock }: Context): void {
  const { db } = store
  app.get(
    '/rolecall/overview',
    {
      config: { scope: ['read:roles', 'read:users', 'read:clients', 'read:logs', 'read:resource_servers'] },
      schema: {
        tags: ['rolecall'],
        summary: 'Read what the start page of the dashboard shows',
        response: { 200: overview },
      },
    },
    async (request) => {
      const { scopes } = callerOf(request)
      const now = clock()
      return {
        is_set_up: await isAnyRoleAssigned(db),
        ...(scopes.has('read:users') && {
          users: {
            total: await countUsers(db),
            active: await countActiveUsers(db, now - days * msPerDay),
          },
        }),
        ...(scopes.has('read:logs') && { days: await readDays(db, now, scopes.has('read:users')) }),
        attention: await readAttention(db, now, scopes),
      }
    },
  )
}

async function readDays(db: Db, now: number, withUsers: boolean) {
  const last = Math.floor(now / msPerDay)
  const first = last - days + 1
  const entries = await countByDay(db, first, last, ['s', ...refusalTypes])
  const created = withUsers ? await countNewUsers(db, first) : []
  return Array.from({ length: days }, (_, index) => {
    const day = first + index
    const ofDay = entries.filter((row) => row.day === day)
    return {
      date: new Date(day * msPerDay).toISOString(),
      logins: sum(ofDay.filter(({ type }) => type === 's')),
      refusals: sum(ofDay.filter(({ type }) => type !== 's')),
      new_users: sum(created.filter((row) => row.day === day)),
    }
  })
}

const sum = (rows: { count: number }[]) => rows.reduce((total, { count }) => total + count, 0)

type Item = Attention['items'][number]

/** What is looked at, with the scope of the caller that it requires. */
const checks: [Attention['kind'], scope: string, find: (db: Db, now: number) => Promise<Item[]>][] = [
  [
    'unauthenticated_applications',
    'read:clients',
    async (db) =>
      (await listUnauthenticatedApplications(db, maxCounted)).map(({ clientId, name }) => ({
        id: clientId,
        name,
      })),
  ],
  ['large_tokens', 'read:roles', (db) => listRolesWithLargeTokens(db, maxCounted)],
  ['roles_without_members', 'read:roles', (db) => listRolesWithoutMembers(db, maxCounted)],
  ['unused_permissions', 'read:resource_servers', (db) => listUnusedPermissions(db, maxCounted)],
  [
    'clashing_users',
    'read:users',
    async (db) =>
      (await listUserClashes(db, maxCounted)).map(({ user }) => ({ id: user.userId, name: user.name })),
  ],
  [
    'clashing_roles',
    'read:roles',
    async (db) =>
      (await listRoleClashes(db, maxCounted)).map(({ role }) => ({ id: role.id, name: role.name })),
  ],
  [
    'unsent_mail',
    'read:tenant_settings',
    async (db) =>
      (await listUnsentMail(db, maxCounted)).map(({ id, recipient }) => ({ id, name: recipient })),
  ],
  [
    'old_signing_key',
    'read:signing_keys',
    async (db, now) =>
      (await listKeys(db))
        .filter(({ state, currentSince = now }) => state === 'current' && currentSince + maxKeyAgeMs < now)
        .map(({ kid }) => ({ id: kid, name: kid })),
  ],
]

async function readAttention(db: Db, now: number, scopes: ReadonlySet<string>): Promise<Attention[]> {
  const found: Attention[] = []
  for (const [kind, scope, find] of checks) {
    if (!scopes.has(scope)) continue
    const items = await find(db, now)
    if (items.length > 0) found.push({ kind, count: items.length, items: items.slice(0, maxNamed) })
  }
  return found
}
