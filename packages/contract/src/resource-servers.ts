import { z } from 'zod'
import { pageQuery, searchQuery } from './paging.ts'
import { identifier, line, notSupported, objectName, scopeToken } from './text.ts'

/** APIs ("resource servers" on the wire): https://auth0.com/docs/api/management/v2/resource-servers. */

const maxLifetimeSeconds = 2_592_000
/** Auth0 limits a scope to 280 characters. */
const scopeValue = scopeToken(280)

/** Algorithms with keys of the tenant. Each has keys of its own (RFC 8725 §3.1). Auth0 has the first two, and RS512. */
export const keyAlgs = ['RS256', 'PS256', 'ES256', 'EdDSA'] as const
/** How the tokens of an API are signed: with keys of the tenant, or a secret of the API. */
export const signingAlgs = ['HS256', ...keyAlgs] as const
export const tokenDialects = [
  'access_token',
  'access_token_authz',
  'rfc9068_profile',
  'rfc9068_profile_authz',
] as const

/** Auth0's limit is 1,000. */
const maxScopes = 5_000
const scopes = z
  .array(z.object({ value: scopeValue, description: line(500, 0).optional() }))
  .max(maxScopes)
  .refine(
    (list) => new Set(list.map(({ value }) => value)).size === list.length,
    'must not name a scope twice',
  )

const policy = <T extends readonly [string, ...string[]]>(names: T) => z.object({ policy: z.enum(names) })
const subjectTypeAuthorization = z.object({
  user: policy(['allow_all', 'require_client_grant', 'deny_all']).optional(),
  client: policy(['require_client_grant', 'deny_all']).optional(),
})

/** Whether tokens must be bound to a key of the client (RFC 9449), of which clients. Mutual TLS (RFC 8705) is not supported. */
export const proofOfPossession = z
  .looseObject({
    mechanism: z.enum(['dpop', 'mtls']).optional(),
    required: z.boolean().optional(),
    required_for: z.enum(['public_clients', 'all_clients']).optional(),
  })
  .refine(({ mechanism, required }) => !(mechanism === 'mtls' && required), 'mutual TLS is not supported')

/** Stored and returned unchanged. */
export const passedThrough = z.object({
  token_encryption: z.unknown().optional(),
  consent_policy: z.unknown().optional(),
  authorization_details: z.unknown().optional(),
  proof_of_possession: z.unknown().optional(),
  authorization_policy: z.unknown().optional(),
  allow_online_access: z.unknown().optional(),
  client_id: z.unknown().optional(),
})

const changeable = {
  name: objectName(200).optional(),
  scopes: scopes.optional(),
  signing_alg: z.enum(signingAlgs).optional(),
  signing_secret: z.string().min(16).max(1_000).nullish(),
  allow_offline_access: z.boolean().optional(),
  skip_consent_for_verifiable_first_party_clients: z.boolean().optional(),
  token_lifetime: z.int().min(1).max(maxLifetimeSeconds).optional(),
  token_lifetime_for_web: z.int().min(1).max(maxLifetimeSeconds).optional(),
  enforce_policies: z.boolean().nullish(),
  token_dialect: z.enum(tokenDialects).nullish(),
  subject_type_authorization: subjectTypeAuthorization.nullish(),
  ...passedThrough.shape,
  token_encryption: notSupported('encryption of access tokens'),
  consent_policy: notSupported('this consent policy', 'standard'),
  proof_of_possession: proofOfPossession.nullish(),
}

/** The identifier becomes the `aud` claim. RFC 8707 §2 requires a URI, Auth0 accepts any text. */
export const resourceServerCreate = z
  .object({
    ...changeable,
    identifier: identifier(600),
  })
  .meta({
    examples: [
      {
        name: 'Hello World API Server',
        identifier: 'https://hello-world.example.com',
        scopes: [{ value: 'read:admin-messages', description: 'Read admin messages' }],
        enforce_policies: true,
        token_dialect: 'access_token_authz',
      },
    ],
  })
export type ResourceServerCreate = z.output<typeof resourceServerCreate>

/** The identifier is the audience of issued tokens and cannot be changed: sending one is an error. */
export const resourceServerUpdate = z
  .object({
    ...changeable,
    identifier: z.undefined('cannot be changed').optional(),
  })
  .meta({
    examples: [{ enforce_policies: true, token_dialect: 'access_token_authz', token_lifetime: 3_600 }],
  })
export type ResourceServerUpdate = z.output<typeof resourceServerUpdate>

export const resourceServer = z.object({
  id: z.string(),
  name: z.string(),
  identifier: z.string(),
  is_system: z.boolean().optional(),
  scopes: z.array(z.object({ value: z.string(), description: z.string() })).optional(),
  signing_alg: z.enum(signingAlgs),
  signing_secret: z.string().optional().describe('With HS256, for callers with the scope to update the API'),
  allow_offline_access: z.boolean(),
  skip_consent_for_verifiable_first_party_clients: z.boolean(),
  token_lifetime: z.number().int().describe('Seconds'),
  token_lifetime_for_web: z.number().int().describe('Seconds'),
  enforce_policies: z.boolean().optional().describe("Whether users' permissions limit their tokens"),
  token_dialect: z.enum(tokenDialects).optional(),
  subject_type_authorization: subjectTypeAuthorization,
  ...passedThrough.shape,
})
export type ResourceServer = z.output<typeof resourceServer>

export const resourceServerListQuery = pageQuery.extend(searchQuery.shape).extend({
  identifiers: z
    .union([z.string().max(600), z.array(z.string().max(600)).max(100)])
    .optional()
    .describe('Only these; may be repeated'),
  include_fields: z.enum(['true', 'false']).optional(),
})
