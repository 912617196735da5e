import { decodeJwt } from 'jose'
import { z } from 'zod'
import type { MigrationSecrets, MigrationSettings } from '../connections/lazy-migration.ts'
import { sha256 } from '../crypto/secrets.ts'
import { type OutboundRequest, type OutboundResponse, sendOutbound } from '../http/outbound.ts'
import {
  type Answer,
  type OldUser,
  type Refusal,
  readOldUser,
  secondFactor,
  unavailable,
} from './old-user.ts'
import { jsonOf } from './webhook.ts'

/** Asks a tenant of Auth0, or a server with its wire format. */

export type Auth0Settings = Extract<MigrationSettings, { source: 'auth0' }>

interface Tenant {
  settings: Auth0Settings
  secrets: MigrationSecrets
  localHosts: readonly string[]
  signal: AbortSignal
  now: number
}

const passwordRealm = 'http://auth0.com/oauth/grant-type/password-realm'

/**
 * Checks a password by the password-realm grant, and reads the user.
 * https://auth0.com/docs/get-started/authentication-and-authorization-flow/resource-owner-password-flow
 * @throws {OutboundError}
 */
export async function logInAtAuth0(
  tenant: Tenant,
  { email, password, ip }: { email: string; password: string; ip: string },
): Promise<Answer> {
  const { settings, secrets } = tenant
  const answer = await send(tenant, {
    method: 'POST',
    path: '/oauth/token',
    // Without the address of the person, brute-force protection would block this server. The application must trust it.
    headers: { 'auth0-forwarded-for': ip },
    body: {
      grant_type: passwordRealm,
      realm: settings.realm,
      username: email,
      password,
      scope: 'openid profile email',
      client_id: settings.client_id,
      ...(secrets.clientSecret !== undefined && { client_secret: secrets.clientSecret }),
    },
  })
  if (answer.status !== 200) return refusalOf(answer)
  const claims = claimsOf(answer, settings.client_id)
  if (!claims) return unavailable('Its response to the log-in has no ID token with an address')
  if (!claims.sub.startsWith('auth0|'))
    return { refused: 'not_moved', reason: 'It is not an account of a database connection' }
  if (!canReadUsers(tenant)) return readOldUser(profileOf(claims), email, { roles: [] })
  const managed = await readManaged(tenant, `users/${encodeURIComponent(claims.sub)}`, managedUser)
  if ('refused' in managed) return managed
  return withAccess(tenant, managed.value, email)
}

/** @returns the user with this address. `cannot_look_up` without credentials of the Management API. @throws {OutboundError} */
export async function lookUpAtAuth0(tenant: Tenant, email: string): Promise<Answer | 'cannot_look_up'> {
  if (!canReadUsers(tenant)) return 'cannot_look_up'
  const path = `users-by-email?email=${encodeURIComponent(email)}`
  const found = await readManaged(tenant, path, z.array(managedUser))
  if ('refused' in found) return found
  const user = found.value.find(({ identities }) =>
    identities.some(
      ({ connection, provider }) => provider === 'auth0' && connection === tenant.settings.realm,
    ),
  )
  if (!user) return { refused: 'wrong', reason: 'It has no such user' }
  if ((user.multifactor ?? []).length > 0) return secondFactor
  return withAccess(tenant, user, email)
}

const canReadUsers = ({ settings, secrets }: Tenant) =>
  settings.management_client_id !== undefined && secrets.managementClientSecret !== undefined

const idToken = z.object({
  sub: z.string().max(300),
  email: z.string().max(320),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
  nickname: z.string().optional(),
  picture: z.string().optional(),
  given_name: z.string().optional(),
  family_name: z.string().optional(),
})

/** Of an ID token that comes from the token endpoint by TLS. Its signature needs no check (OIDC Core 3.1.3.7, 6). */
function claimsOf({ body }: OutboundResponse, clientId: string) {
  const token = z.object({ id_token: z.string() }).safeParse(jsonOf(body)).data?.id_token
  if (token === undefined) return undefined
  try {
    const { aud, ...claims } = decodeJwt(token)
    return [aud].flat().includes(clientId) ? idToken.safeParse(claims).data : undefined
  } catch {
    return undefined
  }
}

const profileOf = ({ sub, ...claims }: z.output<typeof idToken>) => ({ user_id: sub, ...claims })

/** A user of the Management API. `readOldUser` checks the members that are taken over. */
const managedUser = z.looseObject({
  user_id: z.string().max(300),
  multifactor: z.array(z.unknown()).optional(),
  identities: z.array(z.looseObject({ connection: z.string(), provider: z.string() })).default([]),
})

/** A user has up to 50 roles at Auth0. */
const roles = z.array(z.object({ name: z.string() }))
const permissions = z.array(
  z.object({
    permission_name: z.string(),
    resource_server_identifier: z.string(),
    sources: z.array(z.object({ source_type: z.string().optional() })).optional(),
  }),
)

async function withAccess(
  tenant: Tenant,
  user: z.output<typeof managedUser>,
  email: string,
): Promise<Answer> {
  const path = `users/${encodeURIComponent(user.user_id)}`
  const held = await readManaged(tenant, `${path}/roles?per_page=100`, roles)
  if ('refused' in held) return held
  const granted = await readManaged(tenant, `${path}/permissions?per_page=100`, permissions)
  if ('refused' in granted) return granted
  const direct: OldUser['permissions'] = granted.value
    .filter(({ sources = [] }) => sources.some(({ source_type }) => source_type === 'DIRECT'))
    .map((one) => ({ api: one.resource_server_identifier, permission: one.permission_name }))
  return readOldUser(user, email, { roles: held.value.map(({ name }) => name), permissions: direct })
}

/** Reads an object of the Management API. */
async function readManaged<T>(
  tenant: Tenant,
  path: string,
  schema: z.ZodType<T>,
): Promise<{ value: T } | Refusal> {
  const token = await managementToken(tenant)
  if (typeof token !== 'string') return token
  const answer = await send(tenant, {
    method: 'GET',
    path: `/api/v2/${path}`,
    headers: { authorization: `Bearer ${token}` },
  })
  if (answer.status === 401) tokens.delete(keyOf(tenant))
  if (answer.status !== 200)
    return unavailable(`Its Management API answered ${answer.status} to ${pathOnly(path)}`, pauseOf(answer))
  const parsed = schema.safeParse(jsonOf(answer.body))
  return parsed.success
    ? { value: parsed.data }
    : unavailable(`Its Management API did not answer ${pathOnly(path)} as Auth0 does`)
}

/** Without the address of a user in the query. */
const pathOnly = (path: string) => path.replace(/\?.*$/, '').replace(/^users\/[^/]+/, 'users/{id}')

/** Tokens of the Management API, which cost a quota. */
const tokens = new Map<string, { token: string; expiresAt: number }>()
const maxTokens = 100

const keyOf = ({ settings, secrets }: Tenant) =>
  sha256(JSON.stringify([settings.domain, settings.management_client_id, secrets.managementClientSecret]))

const tokenResponse = z.object({ access_token: z.string(), expires_in: z.number() })

async function managementToken(tenant: Tenant): Promise<string | Refusal> {
  const { settings, secrets, now } = tenant
  const key = keyOf(tenant)
  const cached = tokens.get(key)
  if (cached && cached.expiresAt > now) return cached.token
  const answer = await send(tenant, {
    method: 'POST',
    path: '/oauth/token',
    body: {
      grant_type: 'client_credentials',
      client_id: settings.management_client_id,
      client_secret: secrets.managementClientSecret,
      audience: `https://${settings.domain}/api/v2/`,
    },
  })
  const parsed = tokenResponse.safeParse(answer.status === 200 ? jsonOf(answer.body) : undefined)
  if (!parsed.success)
    return unavailable(
      `It gave no token of its Management API (${describe(answer)}): check the application of management_client_id and its grant`,
      pauseOf(answer),
    )
  const { access_token: token, expires_in: seconds } = parsed.data
  if (tokens.size >= maxTokens) tokens.clear()
  tokens.set(key, { token, expiresAt: now + (seconds - 60) * 1_000 })
  return token
}

const errorBody = z.object({ error: z.string(), error_description: z.string().optional() })

/** https://auth0.com/docs/api/authentication#standard-error-responses */
function refusalOf(answer: OutboundResponse): Refusal {
  const { error = '' } = errorBody.safeParse(jsonOf(answer.body)).data ?? {}
  const reason = describe(answer)
  switch (error) {
    // A wrong password, an account that is blocked for this address, and one that an administrator has blocked.
    case 'invalid_grant':
    case 'too_many_attempts':
    case 'unauthorized':
    case 'password_leaked':
      return { refused: 'wrong', reason }
    case 'mfa_required':
    case 'mfa_registration_required':
      return secondFactor
    case 'unauthorized_client':
      return unavailable(`${reason}: give the application of client_id the grant type Password`)
    case 'access_denied':
    case 'invalid_client':
      return unavailable(`${reason}: check client_id and client_secret`)
    default:
      return unavailable(reason, pauseOf(answer))
  }
}

function describe({ status, body }: OutboundResponse): string {
  const parsed = errorBody.safeParse(jsonOf(body)).data
  if (!parsed) return `It answered ${status}`
  const { error, error_description: text = '' } = parsed
  return `It answered ${status} ${error.slice(0, 100)}${text && `, ${text.slice(0, 200)}`}`
}

/** How long it is not to be asked (429). */
function pauseOf({ status, headers }: OutboundResponse): number {
  const seconds = Number(headers['retry-after'])
  if (status !== 429) return 0
  return Number.isFinite(seconds) && seconds > 0 ? Math.ceil(seconds) : 10
}

interface Request {
  method: OutboundRequest['method']
  path: string
  headers?: Record<string, string>
  body?: object
}

function send(
  { settings, localHosts, signal }: Tenant,
  { method, path, headers, body }: Request,
): Promise<OutboundResponse> {
  return sendOutbound(localHosts, {
    method,
    url: `https://${settings.domain}${path}`,
    headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
    signal,
  })
}
