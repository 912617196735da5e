import { subjectTypes } from '../apis/apis.ts'
import { type Api, findApiByIdentifier } from '../apis/store.ts'
import {
  type Application,
  type ClientGrant,
  findApplication,
  findClientGrant,
  type SubjectType,
} from '../applications/store.ts'
import { connectionNamesOf } from '../connections/store.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import type { Cache } from '../store/cache.ts'
import type { Db } from '../store/store.ts'
import type { User } from '../users/user.ts'

/**
 * What a token for an API may contain. The protocol issues by these rules, the Management API authenticates by them, and
 * `explain.ts` explains them.
 */

/** Scopes of OpenID Connect. A token for an API may contain them, except for a name that the API has as a permission. */
export const protocolScopes = ['openid', 'profile', 'email', 'offline_access'] as const

type Granted = Pick<ClientGrant, 'scope' | 'allowAllScopes'>

/** Reads what the rules depend on. */
export interface Facts {
  api(identifier: string): Promise<Api | undefined>
  application(clientId: string): Promise<Application | undefined>
  /** The client grant of an application on an API. */
  grant(clientId: string, apiId: string, subjectType: SubjectType): Promise<Granted | undefined>
  /** The names of the connections that are enabled for an application. */
  connections(clientId: string): Promise<ReadonlySet<string>>
  /** The effective permissions of a user on an API. */
  permissions(userId: string, apiId: string): Promise<string[]>
}

/** @param cache for what every request reads and few requests change. Permissions of users are always read. */
export function readFacts(db: Db, cache: Pick<Cache, 'get'> = uncached): Facts {
  return {
    api: (identifier) => cache.get(`api:${identifier}`, () => findApiByIdentifier(db, identifier)),
    application: (clientId) => cache.get(`application:${clientId}`, () => findApplication(db, clientId)),
    grant: (clientId, apiId, subjectType) =>
      cache.get(`grant:${subjectType}:${clientId}:${apiId}`, () =>
        findClientGrant(db, clientId, apiId, subjectType),
      ),
    connections: (clientId) => cache.get(`connections:${clientId}`, () => connectionNamesOf(db, clientId)),
    permissions: (userId, apiId) => effectivePermissions(db, userId, apiId),
  }
}

const uncached: Pick<Cache, 'get'> = { get: (_key, load) => load() }

/** Who a token is issued for: an application itself, or a user through an application. */
export interface TokenSubject {
  type: SubjectType
  clientId: string
  /** Of a user. Absent at the authorization endpoint, where the user is not known yet. */
  userId?: string | undefined
}

export type Entitlement =
  | { refusal: 'subject_type_denied' | 'no_client_grant' }
  /** The permissions of the API that a token may contain, each once. */
  | { permissions: string[] }

/**
 * An application has the scopes of its client grant. A user has the permissions that they hold, where the API enforces
 * RBAC, and otherwise all of the API; an API may limit both to those of a client grant for users.
 */
export async function entitlementOf(facts: Facts, api: Api, subject: TokenSubject): Promise<Entitlement> {
  const { policy } = subjectTypes(api)[subject.type]
  if (policy === 'deny_all') return { refusal: 'subject_type_denied' }
  const held =
    subject.type === 'user' && api.enforcePolicies && subject.userId !== undefined
      ? await facts.permissions(subject.userId, api.id)
      : undefined
  const all = api.permissions.map(({ value }) => value)
  if (policy === 'allow_all') return { permissions: held ?? all }
  const grant = await facts.grant(subject.clientId, api.id, subject.type)
  if (!grant) return { refusal: 'no_client_grant' }
  const granted = grant.allowAllScopes ? all : grant.scope
  return { permissions: held ? held.filter((permission) => granted.includes(permission)) : granted }
}

/** Whether the connection of a user is enabled for an application. */
export async function acceptsUser(
  facts: Facts,
  clientId: string,
  { connection }: Pick<User, 'connection'>,
): Promise<boolean> {
  return (await facts.connections(clientId)).has(connection)
}

/** The scopes of OpenID Connect that a user's token for the API may contain. */
export function protocolScopesOf(api: Api): readonly string[] {
  const permissions = new Set(api.permissions.map(({ value }) => value))
  return protocolScopes.filter(
    (scope) => !permissions.has(scope) && (scope !== 'offline_access' || api.allowOfflineAccess),
  )
}

/**
 * The scopes of an application's own token: those that it requests, and without a request all that it has (RFC 6749
 * §3.3). `beyond` names requested ones that it does not have.
 */
export function clientScopes(
  granted: readonly string[],
  requested: readonly string[],
): { scopes: readonly string[]; beyond: string[] } {
  return {
    scopes: requested.length > 0 ? requested : granted,
    beyond: requested.filter((scope) => !granted.includes(scope)),
  }
}
