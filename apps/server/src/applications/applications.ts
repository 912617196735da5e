import {
  type Client,
  type ClientCreate,
  type ClientUpdate,
  hasUnauthenticatedGrant,
  isPublicClient,
  maxMetadataMembers,
} from '@rolecall/contract'
import type { JWK } from 'jose'
import { equalInConstantTime, sha256 } from '../crypto/digest.ts'
import { invalidBody } from '../http/api-error.ts'

/** A client of OAuth 2 (RFC 6749 §2): something that asks for tokens. */
export interface Application {
  clientId: string
  name: string
  appType?: string
  /** The one `All Applications` object, which stands for the tenant and signs nobody in. */
  isGlobal: boolean
  /** Made by the server itself: cannot be edited or deleted. */
  isSystem: boolean
  /** SHA-256 of the secret; absent for public applications. */
  secretHash?: string
  /** The object as Auth0's tools know it, in their names, without secrets. */
  data: Client
  credentials: ClientCredential[]
  createdAt: number
  updatedAt: number
}

/** A public key that an application signs its assertions with (private_key_jwt, RFC 7523 §2.2). */
export interface ClientCredential {
  id: string
  name?: string
  kid: string
  alg: 'RS256' | 'RS384' | 'PS256'
  publicJwk: JWK
  /** SHA-256 of the key (RFC 7638). */
  thumbprint: string
  createdAt: number
  updatedAt: number
  /** Epoch milliseconds; absent, it never ends. */
  expiresAt?: number
}

/** Members that are derived or kept elsewhere; whatever a caller sends for them is not stored. */
const notStored = new Set([
  'client_id',
  'client_secret',
  'tenant',
  'global',
  'is_system',
  'signing_keys',
  'created_at',
  'updated_at',
  '__proto__',
])

const defaults = {
  is_token_endpoint_ip_header_trusted: false,
  is_first_party: true,
  oidc_conformant: false,
  sso_disabled: false,
  cross_origin_authentication: false,
  custom_login_page_on: true,
}
const jwtDefaults = { secret_encoded: false, lifetime_in_seconds: 36_000 }

const lastingRefresh = {
  rotation_type: 'non-rotating' as const,
  expiration_type: 'non-expiring' as const,
  leeway: 0,
  token_lifetime: 31_557_600,
  infinite_token_lifetime: true,
  idle_token_lifetime: 2_592_000,
  infinite_idle_token_lifetime: true,
}
/** Refresh tokens of public clients must rotate (RFC 9700 §2.2.2). */
const rotatingRefresh = {
  rotation_type: 'rotating' as const,
  expiration_type: 'expiring' as const,
  leeway: 0,
  token_lifetime: 2_592_000,
  infinite_token_lifetime: false,
  idle_token_lifetime: 1_296_000,
  infinite_idle_token_lifetime: false,
}

/** A new application's object, with Auth0's defaults for what was not given. */
export function newClientData(clientId: string, input: ClientCreate): Client {
  const given = storable(input)
  const runsAtUser = input.app_type === 'spa' || input.app_type === 'native'
  const data = { ...(runsAtUser && { token_endpoint_auth_method: 'none' as const }), ...given }
  const { client_metadata: metadata } = input
  return {
    ...defaults,
    grant_types: defaultGrantTypes(input.app_type, isPublicClient(data)),
    ...data,
    ...(metadata && { client_metadata: mergedMetadata({}, metadata) }),
    name: input.name.trim(),
    jwt_configuration: { ...jwtDefaults, ...input.jwt_configuration },
    refresh_token: completeRefresh(input, data.token_endpoint_auth_method),
    client_id: clientId,
  }
}

function defaultGrantTypes(appType: ClientCreate['app_type'], withoutAuthentication: boolean): string[] {
  const forPeople = appType === 'non_interactive' ? [] : ['authorization_code', 'implicit', 'refresh_token']
  return withoutAuthentication ? forPeople : [...forPeople, 'client_credentials']
}

/**
 * The object after a PATCH: members given replace, null takes away; `jwt_configuration`, `refresh_token` and
 * `client_metadata` merge at their first level.
 */
export function changedClientData(before: Client, input: ClientUpdate): Client {
  const after: Record<string, unknown> = { ...before }
  for (const [member, value] of Object.entries(input)) {
    if (notStored.has(member) || value === undefined) continue
    if (value === null) delete after[member]
    else after[member] = value
  }
  if (input.jwt_configuration)
    after['jwt_configuration'] = { ...jwtDefaults, ...before.jwt_configuration, ...input.jwt_configuration }
  if (input.refresh_token) after['refresh_token'] = { ...before.refresh_token, ...input.refresh_token }
  if (input.client_metadata)
    after['client_metadata'] = mergedMetadata(before.client_metadata ?? {}, input.client_metadata)
  return { ...after, name: input.name?.trim() ?? before.name, client_id: before.client_id }
}

/** Compares in constant time; false for an application without a secret. */
export function verifyClientSecret(application: Application, given: string): boolean {
  const matches = equalInConstantTime(sha256(given), application.secretHash ?? '')
  return application.secretHash !== undefined && matches
}

/** Whether it does not authenticate at the token endpoint: a public client (RFC 6749 §2.1), which uses PKCE. */
export function isPublic({ data }: Pick<Application, 'data'>): boolean {
  return isPublicClient(data)
}

/** Whether its grant types let it get access tokens: on its own behalf (`client`), or on behalf of people (`user`). */
export function mayGetTokensFor({ data }: Application, subjectType: 'client' | 'user'): boolean {
  const grantTypes = data.grant_types ?? []
  if (subjectType === 'client') return grantTypes.includes('client_credentials') && !isPublicClient(data)
  return grantTypes.includes('authorization_code') || grantTypes.includes('refresh_token')
}

/** @throws ApiError 400 for client_credentials without client authentication */
export function requireAuthenticatedGrants(data: Client): void {
  if (hasUnauthenticatedGrant(data))
    throw invalidBody(
      "'client_credentials is only for an application that authenticates: remove it, or choose another token_endpoint_auth_method than none' on property grant_types.",
    )
}

/** Whether it signs assertions with keys of its own (RFC 7523) instead of sending a secret. */
export function usesKeys(data: Client): boolean {
  return data.client_authentication_methods?.private_key_jwt !== undefined
}

/** The keys that its assertions may be signed with: those that it names as in use, until they end. */
export function activeKeys({ data, credentials }: Application, now: number): JWK[] {
  const named = new Set(data.client_authentication_methods?.private_key_jwt?.credentials.map(({ id }) => id))
  return credentials
    .filter(({ id, expiresAt }) => named.has(id) && (expiresAt === undefined || expiresAt > now))
    .map(({ publicJwk }) => publicJwk)
}

/**
 * Browser origins that may call the token endpoint for this application: listed ones, and those of its callbacks. A
 * listed one may be a pattern (`https://*.example.com`); a callback is exact, so it is never one.
 */
export function allowedOrigins({ data }: Application): string[] {
  const listed = [...(data.web_origins ?? []), ...(data.allowed_origins ?? [])].flatMap(originOf)
  const ofCallbacks = (data.callbacks ?? []).flatMap(originOf).filter((origin) => !origin.includes('*'))
  return [...new Set([...listed, ...ofCallbacks])]
}

function originOf(url: string): string[] {
  return URL.canParse(url) && /^https?:/i.test(url) ? [new URL(url).origin] : []
}

const originPattern = /^(https?:\/\/)\*((?:\.[a-z0-9-]+){2,}(?::\d+)?)$/

/** Compares origins whole; in a pattern `*` stands for exactly one label. */
export function originMatcher(allowed: readonly string[]): (origin: string) => boolean {
  const exact = new Set(allowed)
  const patterns = allowed.flatMap((origin) => {
    const [, scheme, rest] = originPattern.exec(origin) ?? []
    return scheme && rest ? [{ scheme, rest }] : []
  })
  return (origin) =>
    !origin.includes('*') &&
    (exact.has(origin) ||
      patterns.some(
        ({ scheme, rest }) =>
          origin.startsWith(scheme) &&
          origin.endsWith(rest) &&
          /^[a-z0-9-]+$/.test(origin.slice(scheme.length, -rest.length)),
      ))
}

function storable(input: ClientCreate): Partial<Client> {
  return Object.fromEntries(
    Object.entries(input).filter(([member, value]) => !notStored.has(member) && value != null),
  )
}

/** @throws ApiError 400 for more members than an application may have */
function mergedMetadata(before: Record<string, string>, changes: Record<string, string | null>) {
  const after: Record<string, string> = {}
  for (const [name, value] of Object.entries({ ...before, ...changes }))
    if (value !== null) after[name] = value
  if (Object.keys(after).length > maxMetadataMembers)
    throw invalidBody(`'must have at most ${maxMetadataMembers} members' on property client_metadata.`)
  return after
}

function completeRefresh(input: ClientCreate, authMethod: string | undefined): Client['refresh_token'] {
  const given = input.refresh_token ?? {}
  const rotating = given.rotation_type ? given.rotation_type === 'rotating' : authMethod === 'none'
  const expiring = given.expiration_type ? given.expiration_type === 'expiring' : rotating
  const base = expiring ? rotatingRefresh : lastingRefresh
  return { ...base, rotation_type: rotating ? 'rotating' : 'non-rotating', ...given }
}
