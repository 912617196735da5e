import { z } from 'zod'
import { apiError } from './api-error.ts'

/** Changes of several users in one request. Auth0's API has one request for each user. */

/** The most users of one request. */
export const maxBulkUsers = 100

const bulkUser = z.object({
  user_id: z.string().min(1).max(300),
  unless_changed_since: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe(
      'The `change` of an earlier result. The user is left as they are if they were changed since, so that an undo reverses that change alone',
    ),
})

/** Body of POST `/rolecall/users/block` and `/rolecall/users/unblock`. */
export const bulkUsers = z
  .object({ users: z.array(bulkUser).min(1).max(maxBulkUsers) })
  .meta({ examples: [{ users: [{ user_id: 'auth0|65b1f0c2d4e8a90012345678' }] }] })

/** Body of POST `/rolecall/users/assign-roles` and `/rolecall/users/remove-roles`. */
export const bulkUserRoles = z
  .object({
    users: z
      .array(bulkUser.extend({ roles: z.array(z.string().min(1).max(100)).min(1).max(100) }))
      .min(1)
      .max(maxBulkUsers),
  })
  .meta({
    examples: [{ users: [{ user_id: 'auth0|65b1f0c2d4e8a90012345678', roles: ['rol_hV7Kq2mXo9TzB4ce'] }] }],
  })

/** What became of one user. */
export const bulkResult = z.object({
  user_id: z.string(),
  change: z.string().optional().describe('The id of the log entry; absent when nothing was changed'),
  roles: z.array(z.string()).optional().describe('The roles that were assigned or removed'),
  error: apiError.optional().describe('Why the user was left as they are'),
})
export type BulkResult = z.output<typeof bulkResult>
