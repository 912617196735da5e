import { z } from 'zod'
import { pageQuery } from './paging.ts'
import { userIdText } from './text.ts'

/** Consents of users to applications ("grants" on the wire): https://auth0.com/docs/api/management/v2/grants. */

export const userGrant = z.object({
  id: z.string(),
  clientID: z.string(),
  user_id: z.string(),
  audience: z.string().describe('The API; the userinfo endpoint where no API was requested'),
  scope: z.array(z.string()),
})
export type UserGrant = z.output<typeof userGrant>

export const userGrantListQuery = pageQuery.extend({
  user_id: userIdText.optional(),
  client_id: z.string().max(128).optional(),
  audience: z.string().max(600).optional(),
})

export const userGrantDeleteQuery = z.object({
  user_id: userIdText.describe('The user whose grants are all deleted'),
})
