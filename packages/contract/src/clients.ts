import { z } from 'zod'
import { clientCredentialCreate } from './client-credentials.ts'
import { fieldsQuery, pageQuery, searchQuery } from './paging.ts'
import { identifier, notSupported, objectName, vschar } from './text.ts'
import { link, redirectUrl, returnUrl, webhookUrl, webOrigin } from './urls.ts'

/**
 * Applications ("clients" on the wire): https://auth0.com/docs/api/management/v2/clients.
 * Known members are validated. Others are stored and returned, so that newer tools and exports round-trip.
 */

const name = objectName(200)
const seconds = z.int().min(0).max(2_147_483_647)

const list = <T extends z.ZodType>(item: T) => z.array(item).max(1_000)

export const appTypes = ['native', 'spa', 'regular_web', 'non_interactive', 'resource_server'] as const
export const tokenEndpointAuthMethods = ['none', 'client_secret_post', 'client_secret_basic'] as const
const grantType = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[\x21-\x7e]+$/, 'must be a grant type')

export const jwtConfiguration = z.looseObject({
  lifetime_in_seconds: z.int().min(1).max(2_592_000).optional(),
  secret_encoded: z.boolean().optional(),
  alg: z.enum(['HS256', 'RS256', 'RS512', 'PS256']).optional(),
  scopes: z.record(z.string(), z.unknown()).optional(),
})

export const refreshTokenConfiguration = z.looseObject({
  rotation_type: z.enum(['rotating', 'non-rotating']).optional(),
  expiration_type: z.enum(['expiring', 'non-expiring']).optional(),
  leeway: seconds.optional(),
  token_lifetime: seconds.optional(),
  infinite_token_lifetime: z.boolean().optional(),
  idle_token_lifetime: seconds.optional(),
  infinite_idle_token_lifetime: z.boolean().optional(),
  policies: z
    .array(z.looseObject({ audience: z.string(), scope: z.array(z.string()) }))
    .max(100)
    .nullish(),
})

const metadataValue = z.string().max(255)
export const maxMetadataMembers = 100

/** Members of POST and PATCH. In a PATCH, null removes a member. */
const writable = {
  name: name.optional(),
  description: z.string().max(140).nullish(),
  logo_uri: link.nullish(),
  client_uri: link.nullish(),
  tos_uri: link.nullish(),
  policy_uri: link.nullish(),
  app_type: z
    .string()
    .regex(/^[a-z0-9_]{1,60}$/, 'must be an application type')
    .nullish(),
  callbacks: list(redirectUrl).nullish(),
  allowed_logout_urls: list(returnUrl).nullish(),
  web_origins: list(webOrigin).nullish(),
  allowed_origins: list(webOrigin).nullish(),
  grant_types: list(grantType).nullish(),
  token_endpoint_auth_method: z.enum(tokenEndpointAuthMethods).nullish(),
  jwt_configuration: jwtConfiguration.nullish(),
  refresh_token: refreshTokenConfiguration.nullish(),
  oidc_conformant: z.boolean().nullish(),
  is_first_party: z.boolean().nullish(),
  is_token_endpoint_ip_header_trusted: z.boolean().nullish(),
  initiate_login_uri: link.nullish(),
  client_metadata: z
    .record(z.string().min(1).max(255), metadataValue.nullable())
    .refine(
      (data) => Object.keys(data).length <= maxMetadataMembers,
      `must have at most ${maxMetadataMembers} members`,
    )
    .nullish(),
  client_aliases: list(z.string().max(600)).nullish(),
  allowed_clients: list(z.string().max(600)).nullish(),
  sso_disabled: z.boolean().nullish(),
  sso: z.boolean().nullish(),
  cross_origin_authentication: z.boolean().nullish(),
  custom_login_page_on: z.boolean().nullish(),
  organization_usage: notSupported('an application for organizations alone', 'deny', 'allow'),
  organization_require_behavior: z.enum(['no_prompt', 'pre_login_prompt', 'post_login_prompt']).nullish(),
  require_pushed_authorization_requests: z.boolean().nullish(),
  require_proof_of_possession: z.boolean().nullish(),
  compliance_level: notSupported('a compliance level', 'none'),
  encryption_key: notSupported('encryption of ID tokens'),
  signed_request_object: z
    .looseObject({ required: notSupported('a signed request object (RFC 9101)', false) })
    .nullish(),
  oidc_logout: z
    .looseObject({
      backchannel_logout_urls: z.array(webhookUrl).max(10).nullish(),
    })
    .nullish(),
  client_authentication_methods: z
    .looseObject({
      private_key_jwt: z
        .looseObject({
          credentials: z.array(z.union([clientCredentialCreate, z.looseObject({ id: z.string() })])).max(2),
        })
        .optional(),
      tls_client_auth: notSupported('mutual TLS (RFC 8705)'),
      self_signed_tls_client_auth: notSupported('mutual TLS (RFC 8705)'),
    })
    .nullish(),
  /** The API that the application serves, and whose tokens it may introspect. */
  resource_server_identifier: identifier(600).nullish(),
  /** Chosen by the caller instead of generated. It is stored as a hash, like a generated one. */
  client_secret: vschar.min(32).max(512).nullish(),
}

export const clientCreate = z.looseObject({ ...writable, name })
export type ClientCreate = z.input<typeof clientCreate>

export const clientUpdate = z.looseObject(writable)
export type ClientUpdate = z.input<typeof clientUpdate>

/** An application as it is stored and returned, without its secret. */
export const client = z.looseObject({
  client_id: z.string(),
  /** The only tenant of the server. */
  tenant: z.string().optional(),
  global: z.boolean().optional(),
  is_system: z.boolean().optional(),
  name: z.string(),
  description: z.string().optional(),
  app_type: z.string().optional(),
  logo_uri: z.string().optional(),
  callbacks: z.array(z.string()).optional(),
  allowed_logout_urls: z.array(z.string()).optional(),
  web_origins: z.array(z.string()).optional(),
  allowed_origins: z.array(z.string()).optional(),
  grant_types: z.array(z.string()).optional(),
  token_endpoint_auth_method: z.enum(tokenEndpointAuthMethods).optional(),
  jwt_configuration: jwtConfiguration.optional(),
  refresh_token: refreshTokenConfiguration.optional(),
  oidc_conformant: z.boolean().optional(),
  is_first_party: z.boolean().optional(),
  require_pushed_authorization_requests: z.boolean().optional(),
  require_proof_of_possession: z.boolean().optional(),
  oidc_logout: z.looseObject({ backchannel_logout_urls: z.array(z.string()).nullish() }).nullish(),
  client_metadata: z.record(z.string(), z.string()).optional(),
  initiate_login_uri: z.string().optional(),
  client_authentication_methods: z
    .looseObject({
      private_key_jwt: z.looseObject({ credentials: z.array(z.looseObject({ id: z.string() })) }).optional(),
    })
    .optional(),
})
export type Client = z.output<typeof client>

/** Whether the application does not authenticate at the token endpoint: a public client (RFC 6749 §2.1), which uses PKCE. */
export function isPublicClient(data: Partial<Client>): boolean {
  return (
    data.token_endpoint_auth_method === 'none' &&
    data.client_authentication_methods?.private_key_jwt === undefined
  )
}

/**
 * Whether the application has the grant type client_credentials and does not authenticate. The token endpoint refuses that
 * combination (RFC 6749 §4.4), because anyone who knows the client id could get the application's tokens.
 */
export function hasUnauthenticatedGrant(data: Partial<Client>): boolean {
  return isPublicClient(data) && (data.grant_types ?? []).includes('client_credentials')
}

/** The response that creates a secret is the only one that contains it. */
export const clientWithSecret = client.extend({ client_secret: z.string().optional() })

/** Auth0's limit for the lifetime of a token: 30 days. */
const maxPreviousSecretSeconds = 2_592_000

/** Body of POST `/clients/{id}/rotate-secret`. Auth0 has none. */
export const secretRotation = z
  .object({
    previous_secret_lifetime: z
      .int()
      .min(0)
      .max(maxPreviousSecretSeconds)
      .optional()
      .describe('For how many seconds the old secret is accepted; 0 unless given'),
  })
  .nullish()

/** A secret of an application, without its value. */
export const applicationSecret = z.object({
  kind: z.enum(['current', 'previous']),
  created_at: z.string().optional().describe('Absent for a secret that an earlier version made'),
  last_used_at: z.string().optional().describe('To about a minute; absent for one that was not used'),
  ends_at: z.string().optional().describe('When the previous secret is no longer accepted'),
})
export type ApplicationSecret = z.output<typeof applicationSecret>

export const clientListQuery = pageQuery
  .extend(fieldsQuery.shape)
  .extend(searchQuery.shape)
  .extend({
    is_global: z
      .enum(['true', 'false'])
      .optional()
      .describe(
        '`false` omits the applications that the server creates: `All Applications` and the dashboard',
      ),
    is_first_party: z.enum(['true', 'false']).optional(),
    app_type: z.string().max(500).optional().describe('Types separated by commas'),
  })
