import {
  type Client,
  type ClientCreate,
  type ClientUpdate,
  isPublicClient,
  maxMetadataMembers,
} from '@rolecall/contract'
import { invalidBody } from '../http/api-error.ts'

/** Members that are derived or stored elsewhere: what a caller sends for them is ignored. */
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

/** The object of a new application, with Auth0's defaults. */
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
 * The object after a PATCH: members of the body replace, null removes; `jwt_configuration`, `refresh_token` and
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

function storable(input: ClientCreate): Partial<Client> {
  return Object.fromEntries(
    Object.entries(input).filter(([member, value]) => !notStored.has(member) && value != null),
  )
}

function completeRefresh(input: ClientCreate, authMethod: string | undefined): Client['refresh_token'] {
  const given = input.refresh_token ?? {}
  const rotating = given.rotation_type ? given.rotation_type === 'rotating' : authMethod === 'none'
  const expiring = given.expiration_type ? given.expiration_type === 'expiring' : rotating
  const base = expiring ? rotatingRefresh : lastingRefresh
  return { ...base, rotation_type: rotating ? 'rotating' : 'non-rotating', ...given }
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
