import { z } from 'zod'
import { userIdText } from './text.ts'

/** https://auth0.com/docs/api/management/v2/users/post-identities and its neighbours. */

/** What the provider said of the person at the last log-in with a linked account. */
export const profileData = z.object({
  email: z.string().optional(),
  email_verified: z.boolean().optional(),
  name: z.string().optional(),
  nickname: z.string().optional(),
  given_name: z.string().optional(),
  family_name: z.string().optional(),
})

/** A way in which a user logs in. The first one of a user is their own account, the others are linked to it. */
export const userIdentity = z.object({
  connection: z.string(),
  user_id: z
    .string()
    .describe('The id of a user without its provider: `<connection>|<sub>` for the provider `oidc`'),
  provider: z.enum(['auth0', 'oidc', 'github']),
  isSocial: z.boolean(),
  profileData: profileData.optional().describe('Of linked accounts'),
})
export type UserIdentity = z.output<typeof userIdentity>

/** Body of POST `/users/{id}/identities`: the account that is linked, which is a user until then. */
export const identityLink = z
  .object({
    provider: z.string().min(1).max(100).optional(),
    user_id: z
      .union([userIdText, z.int().nonnegative()])
      .optional()
      .describe('With the provider in front or without'),
    connection_id: z
      .string()
      .max(100)
      .optional()
      .describe('Compared with the connection of the account, if it is given'),
    link_with: z.string().max(16_384).optional().describe('Not supported'),
  })
  .meta({ examples: [{ provider: 'oidc', user_id: 'Corporate|248289761001' }] })
export type IdentityLink = z.output<typeof identityLink>
