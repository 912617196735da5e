import { z } from 'zod'
import { userIdentity } from './identities.ts'
import { fieldsQuery, pageQuery, searchQuery } from './paging.ts'
import { line, metadata, visibleLine } from './text.ts'

/** https://auth0.com/docs/api/management/v2/users. */

/** RFC 5321 §4.5.3.1 allows 254 characters. The pattern has no repeated group, so matching takes linear time. */
export const email = z
  .string()
  .max(254)
  .regex(/^[^\s@<>()[\]\\,;:"\p{Cc}]{1,64}@[^\s@<>()[\]\\,;:"\p{Cc}]{1,189}$/u, 'must be an email address')
  .describe(
    'Stored in lower case. Compared in any Unicode form, an internationalized domain also in Punycode',
  )

const password = z.string().min(1).max(512)
const picture = z
  .string()
  .max(2_048)
  .regex(/^https?:\/\/\S+$/i, 'must be an http(s) URL')

const profile = {
  username: visibleLine(128).nullish(),
  phone_number: z
    .string()
    .regex(/^\+[0-9]{1,15}$/, 'must be a number such as +4930123456')
    .nullish(),
  given_name: line(150).nullish(),
  family_name: line(150).nullish(),
  name: line(300).nullish(),
  nickname: line(300).nullish(),
  picture: picture.nullish(),
  blocked: z.boolean().optional(),
  email_verified: z.boolean().optional(),
  verify_email: z.boolean().optional(),
  user_metadata: metadata.nullish(),
  app_metadata: metadata.nullish(),
}

export const userCreate = z
  .object({
    ...profile,
    connection: line(128),
    email,
    password: password.optional(),
    user_id: z
      .string()
      .max(255)
      .regex(/^[\w.@+:|-]+$/, 'must be letters, digits and . @ + : | - _')
      .optional()
      .describe('Stored with the prefix `auth0|`'),
  })
  .meta({
    examples: [
      {
        connection: 'Username-Password-Authentication',
        email: 'ada@example.com',
        password: 'a long sentence is a good password',
        name: 'Ada Lovelace',
        verify_email: false,
      },
    ],
  })
export type UserCreate = z.output<typeof userCreate>

/** An absent member is unchanged and null removes it. Metadata is merged on its first level. */
export const userUpdate = z
  .object({
    ...profile,
    connection: line(128).optional(),
    client_id: z.string().max(100).optional(),
    email: email.optional(),
    password: password.optional(),
  })
  .meta({ examples: [{ name: 'Ada King', app_metadata: { plan: 'gold' } }] })
export type UserUpdate = z.output<typeof userUpdate>

export const user = z.object({
  user_id: z.string(),
  email: z.string(),
  email_verified: z.boolean(),
  username: z.string().optional(),
  phone_number: z.string().optional(),
  name: z.string(),
  nickname: z.string(),
  picture: z.string(),
  given_name: z.string().optional(),
  family_name: z.string().optional(),
  created_at: z.string().describe('ISO 8601, as all times'),
  updated_at: z.string(),
  identities: z.array(userIdentity),
  user_metadata: metadata.optional(),
  app_metadata: metadata.optional(),
  blocked: z.boolean().optional(),
  last_ip: z.string().optional(),
  last_login: z.string().optional(),
  last_password_reset: z.string().optional(),
  logins_count: z.number().int().optional(),
})
export type User = z.output<typeof user>

/** Which users: `q`, `connection` and `sort` as in Auth0, the others are this server's. */
export const userFilter = searchQuery.extend({
  role: z.string().min(1).max(100).optional().describe('The id of a role that they hold'),
  permission: z
    .string()
    .min(1)
    .max(300)
    .optional()
    .describe('A permission that they hold, of `resource_server`'),
  resource_server: z
    .string()
    .min(1)
    .max(600)
    .optional()
    .describe('The identifier of the API of `permission`'),
  q: z
    .string()
    .max(100_000)
    .optional()
    .describe('A query in the Lucene subset, such as `email:ada* AND blocked:false`'),
  sort: z
    .string()
    .max(100)
    .regex(/^[a-z_]+:-?1$/, 'must be a field and 1 or -1, such as created_at:-1')
    .optional(),
  connection: z.string().max(128).optional().describe('Only users of this connection'),
})
export type UserFilter = z.output<typeof userFilter>

export const userListQuery = pageQuery
  .extend(fieldsQuery.shape)
  .extend(userFilter.shape)
  .extend({
    search_engine: z.enum(['v1', 'v2', 'v3']).optional(),
    primary_order: z.enum(['true', 'false']).optional(),
  })

export const usersByEmailQuery = fieldsQuery.extend({ email: z.string().min(1).max(254) })

/** GET `/users/{id}/sessions`. */
export const session = z.object({
  id: z.string(),
  user_id: z.string(),
  created_at: z.string(),
  expires_at: z.string().optional(),
  /** Of the last log-in in this session. Absent for a session from before it was kept. */
  device: z.object({ last_user_agent: z.string().optional(), last_ip: z.string().optional() }).optional(),
  clients: z.array(z.object({ client_id: z.string() })),
})

/** GET `/users/{id}/refresh-tokens`. */
export const refreshToken = z.object({
  id: z.string(),
  user_id: z.string(),
  client_id: z.string().optional(),
  created_at: z.string(),
  expires_at: z.string().optional(),
})

export const userBlocks = z.object({
  blocked_for: z.array(
    z.object({ identifier: z.string(), ip: z.string().optional(), connection: z.string().optional() }),
  ),
})
