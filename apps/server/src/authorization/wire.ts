import {
  type Explanation,
  given,
  type PermissionClient,
  type PermissionUser,
  type TokenReport,
  tokenFindings,
} from '@rolecall/contract'
import { subjectTypes } from '../apis/apis.ts'
import type { Api } from '../apis/store.ts'
import type { GrantedApplication } from '../applications/lists.ts'
import type { LogRecord } from '../logs/store.ts'
import type { Holder, Person } from '../roles/holders.ts'
import { machineSubject } from '../store/marks.ts'
import type { Asked, Decision, rolesGiving } from './explain.ts'
import type { TokenReading } from './given-token.ts'

interface Explained {
  asked: Asked
  api: Api
  permission: string
  decision: Decision
  giving: Awaited<ReturnType<typeof rolesGiving>>
  lastChange: LogRecord | undefined
  token: TokenReading | undefined
}

export function explanationToWire({
  asked,
  api,
  permission,
  decision,
  giving,
  lastChange,
  token,
}: Explained): Explanation {
  const { user, application } = asked
  const { held, grant } = decision
  const assigned = new Set(held.roles.map(({ id }) => id))
  return {
    allowed: decision.allowed,
    checks: decision.checks,
    claims: decision.claims,
    api: apiToWire(api),
    ...(user && { user: { ...personToWire(user), blocked: user.blocked, connection: user.connection } }),
    ...(application && { application: applicationToWire(application) }),
    sources: {
      roles: held.roles.map(({ connections, ...role }) => ({
        ...role,
        connections: connections.map(({ id, name, claim }) => ({ id, name, claim: claim ?? null })),
      })),
      direct: held.direct,
      client_grant: grant
        ? { subject_type: user ? 'user' : 'client', all_scopes: grant.allowAllScopes, scope: grant.scope }
        : null,
    },
    last_change: lastChange ? changeToWire(lastChange) : null,
    roles_that_give_it: giving.roles.map(({ role: { id, name }, users, applications, hasMore }) => ({
      id,
      name,
      assigned: assigned.has(id),
      assigners: {
        users: users.map(personToWire),
        applications: applications.map(applicationToWire),
        more: hasMore,
      },
    })),
    more_roles: giving.hasMore,
    ...(token && { token: tokenToWire(token, asked, permission, decision) }),
  }
}

export function holderToWire({ blocked, roles, direct, ...person }: Holder): PermissionUser {
  return { ...personToWire(person), blocked, roles, direct }
}

export function grantedToWire(granted: GrantedApplication): PermissionClient {
  return {
    ...applicationToWire(granted),
    grant_id: granted.grantId,
    subject_type: granted.subjectType,
    all_scopes: granted.allowAllScopes,
  }
}

function apiToWire(api: Api): Explanation['api'] {
  const { user, client } = subjectTypes(api)
  return {
    id: api.id,
    name: api.name,
    identifier: api.identifier,
    enforce_policies: api.enforcePolicies ?? false,
    token_dialect: api.tokenDialect ?? 'access_token',
    user_policy: user.policy,
    client_policy: client.policy,
  }
}

const personToWire = ({ userId, email, name }: Person) => ({ user_id: userId, email, name })

const applicationToWire = ({ clientId, name }: { clientId: string; name: string }) => ({
  client_id: clientId,
  name,
})

function changeToWire(entry: LogRecord): Explanation['last_change'] {
  return {
    log_id: entry.logId,
    date: new Date(entry.date).toISOString(),
    type: entry.type,
    description: entry.description,
    ...given('user_id', entry.userId),
    ...given('client_id', entry.clientId),
  }
}

function tokenToWire(
  token: TokenReading,
  { user, application }: Asked,
  permission: string,
  { allowed }: Decision,
): TokenReport {
  const subject = user?.userId ?? machineSubject(application?.clientId ?? '')
  const carries = (token.permissions ?? []).includes(permission) || token.scope.includes(permission)
  return {
    findings: token.findings.map((code) => ({ code, message: tokenFindings[code] })),
    signature: token.signature,
    same_subject: token.subject === subject,
    ...given('issued_at', fromSeconds(token.issuedAt)),
    ...given('expires_at', fromSeconds(token.expiresAt)),
    permissions: token.permissions ?? null,
    scope: token.scope,
    carries_permission: carries,
    up_to_date: carries === allowed,
  }
}

function fromSeconds(time: number | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time * 1000).toISOString()
}
