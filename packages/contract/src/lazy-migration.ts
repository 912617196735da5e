import { z } from 'zod'
import { line } from './text.ts'
import { webhookUrl } from './urls.ts'

/**
 * The option `lazy_migration` of a connection: the server that is asked for a user that the connection does not know. It
 * is no part of Auth0's API.
 */

const secret = z
  .string()
  .min(1)
  .max(2_048)
  .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII')
  .nullish()
  .describe(
    'Not shown again. A change to the same server and application without it keeps it; null removes it',
  )
const name = line(255)

const auth0Source = z.strictObject({
  source: z.literal('auth0'),
  enabled: z.boolean(),
  domain: z
    .string()
    .max(255)
    .regex(
      /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$/i,
      'must be a host name, such as tenant.eu.auth0.com',
    )
    .refine((host) => URL.canParse(`https://${host}/`), 'must be a host name, such as tenant.eu.auth0.com')
    .describe('The tenant, such as tenant.eu.auth0.com'),
  client_id: name.describe('An application of the tenant with the password grant'),
  client_secret: secret,
  realm: name.default('Username-Password-Authentication').describe('The database connection of the tenant'),
  management_client_id: name
    .optional()
    .describe(
      'An application that may use the Management API of the tenant, with read:users and read:roles. With it, metadata and roles are taken over',
    ),
  management_client_secret: secret,
})

const webhookSource = z.strictObject({
  source: z.literal('webhook'),
  enabled: z.boolean(),
  url: webhookUrl.refine((url) => /^https:/i.test(url), 'must be https'),
  authorization: secret,
})

export const lazyMigration = z.discriminatedUnion('source', [auth0Source, webhookSource])
export type LazyMigration = z.output<typeof lazyMigration>

/** Which credentials of a lazy migration are stored. */
export const lazyMigrationState = z.object({
  has_client_secret: z.boolean(),
  has_management_client_secret: z.boolean(),
  has_authorization: z.boolean(),
})
export type LazyMigrationState = z.output<typeof lazyMigrationState>

/** The outcome of a request to the other server. */
export const lazyMigrationCheck = z.object({
  ok: z.boolean(),
  /** What to change, if it is not. */
  problem: z.string().optional(),
  /** Whether a user can be found by the address alone: for sign-ups and password resets. */
  finds_users: z.boolean(),
})
export type LazyMigrationCheck = z.output<typeof lazyMigrationCheck>
