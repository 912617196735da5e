import { z } from 'zod'
import { lazyMigration } from './lazy-migration.ts'
import { fieldsQuery, pageQuery } from './paging.ts'
import { githubOptions, notOfDatabases, oidcOptions, providerMembers } from './provider-options.ts'

/** Databases of users, and other providers: https://auth0.com/docs/api/management/v2/connections. */

/** `auth0`: a database of users with passwords. The others: users log in at another provider. */
export const connectionStrategies = ['auth0', 'oidc', 'github'] as const
export type ConnectionStrategy = (typeof connectionStrategies)[number]

const count = (min: number, max: number) => z.int().min(min).max(max)
const switchable = z.looseObject({ enable: z.boolean().optional() })

const databaseMembers = {
  disable_signup: z.boolean().optional(),
  brute_force_protection: z.boolean().optional(),
  requires_username: z.boolean().optional(),
  passwordPolicy: z.enum(['none', 'low', 'fair', 'good', 'excellent']).nullish(),
  password_complexity_options: z.looseObject({ min_length: count(1, 128).optional() }).nullish(),
  password_history: switchable.extend({ size: count(0, 24).optional() }).nullish(),
  password_no_personal_info: switchable.nullish(),
  password_dictionary: switchable
    .extend({ dictionary: z.array(z.string().max(50)).max(2_000).optional() })
    .nullish(),
  lazy_migration: lazyMigration.nullish(),
  /** Auth0's switch for passkeys. Absent: they are offered. */
  authentication_methods: z
    .looseObject({ passkey: z.looseObject({ enabled: z.boolean().optional() }).nullish() })
    .nullish(),
}

/** The options of all strategies. */
export const connectionOptions = z.looseObject({ ...databaseMembers, ...providerMembers })

/** The options that each strategy accepts. Members that no strategy knows are kept. */
export const optionsOfStrategy = {
  auth0: connectionOptions.extend(notOfDatabases),
  oidc: oidcOptions,
  github: githubOptions,
} satisfies Record<ConnectionStrategy, z.ZodType>

export type ConnectionOptions = z.output<typeof connectionOptions>

const unknownStrategy = `is not supported: must be one of ${connectionStrategies.join(', ')}`

const metadata = z.record(z.string().min(1).max(255), z.string().max(255).nullable())
const clientIds = z.array(z.string().min(1).max(128)).max(10_000)
const members = {
  display_name: z.string().max(128).nullish(),
  enabled_clients: clientIds.nullish(),
  realms: z.array(z.string().min(1).max(128)).max(100).nullish(),
  is_domain_connection: z.boolean().nullish(),
  show_as_button: z.boolean().nullish(),
  metadata: metadata.nullish(),
  authentication: z.looseObject({ active: z.boolean() }).nullish(),
}

const named = {
  name: z
    .string()
    .min(1)
    .max(128)
    .regex(
      /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/i,
      'must be letters, digits and hyphens, and begin and end with no hyphen',
    ),
  ...members,
}

export const connectionCreate = z.discriminatedUnion(
  'strategy',
  [
    z.looseObject({
      ...named,
      strategy: z.literal('auth0'),
      options: optionsOfStrategy.auth0.nullish(),
    }),
    z.looseObject({ ...named, strategy: z.literal('oidc'), options: optionsOfStrategy.oidc }),
    z.looseObject({ ...named, strategy: z.literal('github'), options: optionsOfStrategy.github }),
  ],
  { error: ({ code }) => (code === 'invalid_union' ? unknownStrategy : undefined) },
)
export type ConnectionCreate = z.output<typeof connectionCreate>

export const connectionUpdate = z.looseObject({
  ...members,
  strategy: z.string().min(1).max(100).optional().describe('Cannot be changed'),
  options: connectionOptions.nullish(),
})
export type ConnectionUpdate = z.output<typeof connectionUpdate>

export const connection = z.looseObject({
  id: z.string(),
  name: z.string(),
  strategy: z.string(),
  options: connectionOptions,
  enabled_clients: z.array(z.string()),
  realms: z.array(z.string()),
  is_domain_connection: z.boolean(),
})
export type ConnectionWire = z.output<typeof connection>

/** Body of PATCH `/connections/{id}/clients`: the applications for which the connection is enabled. */
export const connectionClientsUpdate = z
  .array(z.object({ client_id: z.string().min(1).max(128), status: z.boolean() }))
  .min(1)
  .max(50)
export const connectionClient = z.object({ client_id: z.string() })

export const connectionListQuery = pageQuery.extend(fieldsQuery.shape).extend({
  name: z.string().max(128).optional().describe('Exactly this name'),
  strategy: z
    .union([z.string().max(100), z.array(z.string().max(100)).max(100)])
    .optional()
    .describe('Only these; may be repeated'),
})
