import type { Explanation, explainChecks } from '@rolecall/contract'
import { requireApi, subjectTypes } from '../apis/apis.ts'
import type { PermissionKey } from '../apis/permission-refs.ts'
import { type Api, systemApiId } from '../apis/store.ts'
import { mayGetTokensFor, requireApplication } from '../applications/applications.ts'
import { listGrants } from '../applications/lists.ts'
import type { Application, SubjectType } from '../applications/store.ts'
import { findConnectionById } from '../connections/store.ts'
import { notFound } from '../http/api-error.ts'
import { assigningScopes } from '../roles/assignments.ts'
import { type Person, type RoleName, rolesWith, usersHolding, withSources } from '../roles/holders.ts'
import type { GivingConnection } from '../roles/role-sources.ts'
import { permissionsOfRoles, type Role } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import type { User } from '../users/user.ts'
import { requireUser } from '../users/users.ts'
import { hasPermissionsClaim } from './claims.ts'
import { acceptsUser, entitlementOf, type Facts, readFacts } from './entitlement.ts'

/** A user, an application, or a user through an application. */
export interface Asked {
  user?: User | undefined
  application?: Application | undefined
}

/** @throws ApiError 404 for an unknown user or application */
export async function requireAsked(
  db: Db,
  { userId, clientId }: { userId?: string | undefined; clientId?: string | undefined },
): Promise<Asked> {
  return {
    ...(userId !== undefined && { user: await requireUser(db, userId) }),
    ...(clientId !== undefined && { application: await requireApplication(db, clientId) }),
  }
}

/** @throws ApiError 404 for an unknown API or permission */
export async function requirePermission(db: Db, identifier: string, permission: string): Promise<Api> {
  const api = await requireApi(db, identifier)
  if (!api.permissions.some(({ value }) => value === permission))
    throw notFound(
      `The permission ${permission} of the resource server ${identifier} does not exist`,
      'inexistent_permission',
    )
  return api
}

export interface Check {
  code: (typeof explainChecks)[number]
  passed: boolean
  message: string
}

interface Held {
  roles: HeldRole[]
  /** Whether the permission is assigned to the user. */
  direct: boolean
}

/** A role of a user, and what gives it. */
interface HeldRole extends RoleName {
  /** Whether it is assigned. */
  direct: boolean
  /** With the claims that their mappings read. */
  connections: (GivingConnection & { claim: string | undefined })[]
}

type ClientGrantFound = Awaited<ReturnType<Facts['grant']>>

export interface Decision {
  allowed: boolean
  checks: Check[]
  claims: Explanation['claims']
  /** Of a user: what gives the permission, whether it counts or not. */
  held: Held
  grant: ClientGrantFound
}

/**
 * Whether a token that is issued now can carry a permission, decided by the rules of issuing. The checks name the facts
 * that these rules read. Without an application the checks that depend on one are left out.
 */
export async function decide(db: Db, asked: Asked, api: Api, permission: string): Promise<Decision> {
  const { user, application } = asked
  const subjectType = user ? 'user' : 'client'
  const facts = factsWithout(application, readFacts(db))
  const entitlement = await entitlementOf(facts, api, {
    type: subjectType,
    clientId: application?.clientId ?? '',
    userId: user?.userId,
  })
  const entry = await entryChecks(facts, asked)
  const isEntitled = !('refusal' in entitlement) && entitlement.permissions.includes(permission)
  const allowed = isEntitled && entry.every(({ passed }) => passed)

  const held = user ? await heldBy(db, user, { apiId: api.id, permission }) : { roles: [], direct: false }
  const grant = application && (await facts.grant(application.clientId, api.id, subjectType))
  return {
    allowed,
    checks: [...entry, ...apiChecks(api, permission, asked, { held, grant })],
    claims: allowed ? claimsOf(api, subjectType) : { permissions: false, scope: 'never' },
    held,
    grant,
  }
}

async function heldBy(db: Db, { userId }: User, key: PermissionKey): Promise<Held> {
  const [found] = await withSources(db, key, [{ userId }])
  const roles: HeldRole[] = []
  for (const { id, name, sources } of found?.roles ?? []) {
    const connections: HeldRole['connections'] = []
    for (const connection of sources.connections) {
      const mapping = (await findConnectionById(db, connection.id))?.roleMapping
      connections.push({ ...connection, claim: mapping?.claim })
    }
    roles.push({ id, name, direct: sources.direct, connections })
  }
  return { roles, direct: found?.direct ?? false }
}

/** Which claims carry a permission that is allowed. */
const claimsOf = (api: Api, subjectType: SubjectType): Explanation['claims'] => ({
  permissions: hasPermissionsClaim(api),
  scope: subjectType === 'user' ? 'on_request' : 'always',
})

/** Without an application, what a client grant for users would limit is left out. */
function factsWithout(application: Application | undefined, facts: Facts): Facts {
  return application ? facts : { ...facts, grant: async () => ({ allowAllScopes: true, scope: [] }) }
}

/** Whether the subject gets any token: what the protocol checks before it looks at the API. */
export async function entryChecks(facts: Facts, { user, application }: Asked): Promise<Check[]> {
  const checks: Check[] = []
  const add = (code: Check['code'], passed: boolean, yes: string, no: string) =>
    checks.push({ code, passed, message: passed ? yes : no })
  if (user) add('user_not_blocked', !user.blocked, 'The user is not blocked.', 'The user is blocked.')
  if (application)
    add(
      'application_may_request',
      mayGetTokensFor(application, user ? 'user' : 'client'),
      `The grant types of the application allow tokens ${user ? 'for users' : 'for itself'}.`,
      `The grant types of the application allow no tokens ${user ? 'for users' : 'for itself'}.`,
    )
  if (user && application)
    add(
      'connection_enabled',
      await acceptsUser(facts, application.clientId, user),
      `The connection ${user.connection} is enabled for the application.`,
      `The connection ${user.connection} is not enabled for the application.`,
    )
  return checks
}

/** The facts that `entitlementOf` reads, one for each. */
function apiChecks(
  api: Api,
  permission: string,
  { user, application }: Asked,
  { held, grant }: { held: Held; grant: ClientGrantFound },
): Check[] {
  const subjectType = user ? 'user' : 'client'
  const who = user ? 'users' : 'applications'
  const { policy } = subjectTypes(api)[subjectType]
  const checks: Check[] = []
  const add = (code: Check['code'], passed: boolean, yes: string, no: string) =>
    checks.push({ code, passed, message: passed ? yes : no })
  add(
    'subject_type_allowed',
    policy !== 'deny_all',
    `The API allows tokens for ${who}.`,
    `The API denies tokens for ${who}.`,
  )
  if (policy === 'require_client_grant' && application)
    add(
      'client_grant',
      grant !== undefined && (grant.allowAllScopes || grant.scope.includes(permission)),
      `The client grant for ${who} contains ${permission}.`,
      grant
        ? `The client grant for ${who} does not contain ${permission}.`
        : `The application has no client grant for ${who} on the API.`,
    )
  if (user) {
    const sources = [...held.roles.map(roleInWords), ...(held.direct ? ['a direct assignment'] : [])]
    add(
      'permission_held',
      !api.enforcePolicies || sources.length > 0,
      api.enforcePolicies
        ? `The user holds the permission through ${sources.join(', ')}.`
        : 'The API does not enforce RBAC: a token contains any scope that is requested.',
      'The user holds the permission neither through a role nor directly.',
    )
  }
  return checks
}

function roleInWords({ name, direct, connections }: HeldRole): string {
  const giving = connections.map(
    ({ name: connection, claim }) =>
      `the connection ${connection} gives${claim === undefined ? '' : ` by its claim ${claim}`}`,
  )
  if (giving.length === 0) return `the role ${name}`
  return `the role ${name}, which ${[...(direct ? ['is assigned'] : []), ...giving].join(' and ')}`
}

const maxRoles = 20
const maxAssigners = 10

/** A role that gives a permission, and who may assign it. */
export interface GivingRole {
  role: Role
  users: Person[]
  applications: Application[]
  hasMore: boolean
}

/** The roles that give a permission. Their assigners are those that the privilege rule lets assign them. */
export async function rolesGiving(
  db: Db,
  apiId: string,
  permission: string,
): Promise<{ roles: GivingRole[]; hasMore: boolean }> {
  const found = await rolesWith(db, { apiId, permission }, maxRoles + 1)
  const roles = found.slice(0, maxRoles)
  const managementApi = await systemApiId(db)
  if (roles.length === 0 || managementApi === undefined) return { roles: [], hasMore: false }
  const ids = roles.map(({ id }) => id)
  const managementScopes = await permissionsOfRoles(db, ids, managementApi)
  // Ordinary roles have none of them, so most roles have the same assigners.
  const known = new Map<string, ReturnType<typeof assignersOf>>()
  const giving: GivingRole[] = []
  for (const role of roles) {
    const all = managementScopes.get(role.id) ?? []
    const key = all.join(' ')
    const assigners = known.get(key) ?? assignersOf(db, managementApi, all)
    known.set(key, assigners)
    giving.push({ role, ...(await assigners) })
  }
  return { roles: giving, hasMore: found.length > maxRoles }
}

async function assignersOf(db: Db, managementApi: string, all: readonly string[]) {
  const users = await usersHolding(db, managementApi, { all, any: assigningScopes }, maxAssigners + 1)
  const grants = await listGrants(db, { apiId: managementApi, subjectType: 'client' }).slice(allGrants)
  const clientIds = grants
    .filter(({ allowAllScopes, scope }) => {
      const has = (one: string) => allowAllScopes || scope.includes(one)
      return all.every(has) && assigningScopes.some(has)
    })
    .map(({ clientId }) => clientId)
  const applications: Application[] = []
  for (const clientId of clientIds.slice(0, maxAssigners))
    applications.push(await requireApplication(db, clientId))
  return {
    users: users.slice(0, maxAssigners),
    applications,
    hasMore: users.length > maxAssigners || clientIds.length > maxAssigners,
  }
}

/** Applications with a grant on the Management API are few. */
const allGrants = { offset: 0, limit: 1_000 }
