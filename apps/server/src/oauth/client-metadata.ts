import type { AdapterPayload, Client } from 'oidc-provider'
import { activeKeys, isPublic } from '../applications/applications.ts'
import { allowedOrigins } from '../applications/origins.ts'
import type { Application, Secrets } from '../applications/store.ts'

/** What oidc-provider's client carries along of Auth0's application, under names of ours. */
export interface ApplicationFacts {
  id_token_lifetime: number
  first_party: boolean
  refresh_token: { rotating: boolean; lifetime: number | null; idleLifetime: number | null }
  allowed_origins: string[]
  /** What a given secret is compared with. */
  secrets: Secrets
}

/** The facts that `toClientMetadata` gave this client. */
export function factsOf(client: Client | undefined): ApplicationFacts {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- every client is made of `toClientMetadata` below.
  return client as unknown as ApplicationFacts
}

export const applicationFacts = [
  'id_token_lifetime',
  'first_party',
  'refresh_token',
  'allowed_origins',
  'secrets',
]

export const deviceGrant = 'urn:ietf:params:oauth:grant-type:device_code'

const supportedGrants = new Set([
  'authorization_code',
  'refresh_token',
  'client_credentials',
  'implicit',
  deviceGrant,
])

/**
 * What the protocol sees of an application. Auth0 accepts applications that OpenID Connect Registration does not
 * (no callbacks yet, grant types that it does not know): they are stored whole and made acceptable here.
 */
export function toClientMetadata(application: Application, now: number): AdapterPayload {
  const { data } = application
  const redirectUris = data.callbacks ?? []
  const authMethod = authMethodOf(application)
  const granted = (data.grant_types ?? []).filter(
    // Only a client that authenticates gets tokens on its own behalf, whatever is stored (RFC 6749 §4.4).
    (type) => supportedGrants.has(type) && !(type === 'client_credentials' && authMethod === 'none'),
  )
  const responseTypes = redirectUris.length > 0 ? responseTypesOf(granted) : []
  return {
    client_id: application.clientId,
    client_name: application.name,
    application_type: data.app_type === 'native' ? 'native' : 'web',
    token_endpoint_auth_method: authMethod,
    ...credentialsOf(application, now),
    grant_types: granted,
    response_types: responseTypes,
    redirect_uris: redirectUris,
    post_logout_redirect_uris: data.allowed_logout_urls ?? [],
    id_token_signed_response_alg: 'RS256',
    id_token_lifetime: data.jwt_configuration?.lifetime_in_seconds ?? 36_000,
    first_party: data.is_first_party ?? true,
    refresh_token: refreshTokenRules(application),
    allowed_origins: allowedOrigins(application),
    secrets: secretsOf(application),
    require_pushed_authorization_requests: data.require_pushed_authorization_requests === true,
    dpop_bound_access_tokens: data.require_proof_of_possession === true,
  } satisfies AdapterPayload & ApplicationFacts
}

function responseTypesOf(granted: string[]): ('code' | 'id_token')[] {
  return [
    ...(granted.includes('authorization_code') ? (['code'] as const) : []),
    ...(granted.includes('implicit') ? (['id_token'] as const) : []),
  ]
}

function authMethodOf(application: Application): 'none' | 'client_secret_post' | 'private_key_jwt' {
  if (application.data.client_authentication_methods?.private_key_jwt) return 'private_key_jwt'
  return isPublic(application) ? 'none' : 'client_secret_post'
}

function secretsOf({ secretHash, previousSecret }: Application): Secrets {
  return { ...(secretHash !== undefined && { secretHash }), ...(previousSecret && { previousSecret }) }
}

/** oidc-provider takes the hash for the secret and does not compare it: `provider.ts` compares with `secrets`. */
function credentialsOf(
  application: Application,
  now: number,
): Pick<AdapterPayload, 'client_secret' | 'jwks'> {
  const method = authMethodOf(application)
  if (method === 'private_key_jwt') return { jwks: { keys: activeKeys(application, now) } }
  if (method === 'none') return {}
  return { client_secret: application.secretHash ?? 'none was ever set, and no hash equals this text' }
}

function refreshTokenRules({ data }: Application): ApplicationFacts['refresh_token'] {
  const rules = data.refresh_token
  const expiring = rules?.expiration_type === 'expiring'
  return {
    rotating: rules?.rotation_type === 'rotating',
    lifetime: expiring && !rules.infinite_token_lifetime ? (rules.token_lifetime ?? null) : null,
    idleLifetime:
      expiring && !rules.infinite_idle_token_lifetime ? (rules.idle_token_lifetime ?? null) : null,
  }
}
