import { z } from 'zod'
import { line, scopeToken, vschar } from './text.ts'
import { link, webhookUrl } from './urls.ts'

/**
 * The options of connections to other providers, strategies `oidc` and `github`:
 * https://auth0.com/docs/api/management/v2/connections/post-connections. `role_mapping` and `trust_email_verified` are
 * no part of Auth0's API.
 */

const discoveryPath = '/.well-known/openid-configuration'
const httpsUrl = webhookUrl.refine((url) => /^https:/i.test(url), 'must be https')
const isBare = (url: string) => !/[?#]/.test(url)

/** Roles that a provider's claim gives, by the roles' names, so that a file moves between tenants. */
export const roleMapping = z.strictObject({
  claim: line(255).describe('A claim with a string or a list of strings, such as groups'),
  roles: z
    .array(
      z.strictObject({
        value: line(255).describe('In the claim'),
        role: z.string().min(1).max(200).describe('The name of a role'),
      }),
    )
    .max(500)
    .superRefine((roles, context) => {
      const seen = new Set<string>()
      for (const [index, { value, role }] of roles.entries()) {
        const pair = JSON.stringify([value, role])
        if (seen.has(pair))
          context.addIssue({ code: 'custom', message: 'is given twice: list each pair once', path: [index] })
        seen.add(pair)
      }
    }),
})
export type RoleMapping = z.output<typeof roleMapping>

/** The members of a profile that `attribute_map` fills. */
export const mappedAttributes = ['email', 'name', 'nickname', 'given_name', 'family_name', 'picture'] as const
export type MappedAttribute = (typeof mappedAttributes)[number]

/** Where a member of the profile comes from: `${context.tokenset.<claim>}` or `${context.userinfo.<claim>}`. */
export const attributeTemplate = /^\$\{context\.(tokenset|userinfo)\.([A-Za-z0-9_.:/-]{1,255})\}$/

const template = z
  .string()
  .max(300)
  // oxlint-disable-next-line no-template-curly-in-string -- the form that the provider's setting has.
  .regex(attributeTemplate, 'must be ${context.tokenset.<claim>} or ${context.userinfo.<claim>}')

const attributes = z.looseObject({
  email: template.optional(),
  name: template.optional(),
  nickname: template.optional(),
  given_name: template.optional(),
  family_name: template.optional(),
  picture: template.optional(),
  email_verified: z
    .undefined('cannot be mapped: an address counts as verified by the claim email_verified alone')
    .optional(),
} satisfies Record<MappedAttribute | 'email_verified', z.ZodType>)

const scopeList = z
  .string()
  .max(1_000)
  .refine(
    (scope) => scope.split(' ').every((token) => scopeToken(255).safeParse(token).success),
    'must be scopes, separated by one space',
  )

/** Each is optional here. `oidcOptions` and `githubOptions` say which a strategy requires. */
export const providerMembers = {
  client_id: vschar
    .min(1)
    .max(255)
    .describe('Of the application that is registered at the provider')
    .nullish(),
  client_secret: vschar
    .min(1)
    .max(2_048)
    .describe(
      'Not shown again. A change without it keeps it as long as the provider and the client_id stay; null removes it',
    )
    .nullish(),
  discovery_url: httpsUrl
    .refine(
      (url) => URL.parse(url)?.pathname.endsWith(discoveryPath) ?? true,
      `must end with ${discoveryPath}`,
    )
    .nullish(),
  issuer: httpsUrl
    .refine(isBare, 'must have no query and no fragment')
    .describe('As the ID tokens of the provider name it. With discovery_url it is compared with the metadata')
    .nullish(),
  scope: z
    .union([scopeList, z.array(scopeToken(255)).max(50)])
    .describe('Of `oidc`: one string with openid. `openid profile email` unless given')
    .nullish(),
  type: z
    .literal('back_channel', 'must be back_channel: front_channel is not supported')
    .describe('The code is exchanged by the server')
    .nullish(),
  token_endpoint_auth_method: z
    .enum(['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'])
    .describe('`client_secret_post` unless given')
    .nullish(),
  connection_settings: z
    .looseObject({
      pkce: z
        .enum(['auto', 'S256', 'disabled'], 'must be auto, S256 or disabled: plain is not supported')
        .nullish(),
    })
    .nullish(),
  attribute_map: z
    .looseObject({
      mapping_mode: z.enum(['bind_all', 'use_map']).nullish(),
      userinfo_scope: scopeList.nullish(),
      attributes: attributes.nullish(),
    })
    .describe('Claims for the members of the profile. Without it, the standard claims')
    .nullish(),
  set_user_root_attributes: z
    .enum(['on_each_login', 'on_first_login', 'never_on_login'])
    .describe('When the profile is taken from the provider')
    .nullish(),
  icon_url: link.nullish(),
  trust_email_verified: z
    .boolean()
    .describe(
      'Whether an address that the provider calls verified counts as verified. Only for a provider that checks addresses',
    )
    .nullish(),
  role_mapping: roleMapping.nullish(),
}

const notOfProviders = z
  .undefined('is an option of the strategy auth0 alone')
  .optional()
  .describe('Of databases alone')
const clientId = vschar.min(1).max(255)

/** Options of the strategy `oidc`. The endpoints are read from the provider's metadata (OpenID Connect Discovery 1.0). */
export const oidcOptions = z
  .looseObject({
    ...providerMembers,
    client_id: clientId,
    scope: scopeList
      .refine((scope) => scope.split(' ').includes('openid'), 'must contain openid')
      .describe('`openid profile email` unless given')
      .nullish(),
    lazy_migration: notOfProviders,
  })
  .refine(({ discovery_url, issuer }) => discovery_url || issuer, {
    message: 'must be given, or issuer: the endpoints are read from the metadata of the provider',
    path: ['discovery_url'],
  })

/** Options of the strategy `github`. */
export const githubOptions = z.looseObject({
  ...providerMembers,
  client_id: clientId,
  lazy_migration: notOfProviders,
})

/** Members that a database must not have: the first would be shown, the second would have no effect. */
export const notOfDatabases = {
  client_secret: z.undefined('is an option of the strategies oidc and github').optional(),
  role_mapping: z.undefined('is an option of the strategies oidc and github').optional(),
}

/** What is stored besides the options of a connection to a provider, and what the provider has to be told. */
export const providerState = z.object({
  has_client_secret: z.boolean(),
  /** The address that the provider sends browsers back to. Each connection has its own. */
  callback_url: z.string(),
  /** The keys of `private_key_jwt`. */
  jwks_uri: z.string(),
})
export type ProviderState = z.output<typeof providerState>

/** The outcome of reading the metadata of a provider. */
export const providerCheck = z.object({
  ok: z.boolean(),
  /** What to change, if it is not. */
  problem: z.string().optional(),
  /** As the metadata name it. */
  issuer: z.string().optional(),
})
export type ProviderCheck = z.output<typeof providerCheck>
