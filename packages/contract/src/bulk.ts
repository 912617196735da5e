import { z } from 'zod'
import { apiError } from './api-error.ts'
import { userIdText } from './text.ts'

/** Changes of several users in one request. Auth0's API has one request for each user. */

/** The most users of one request. */
export const maxBulkUsers = 100

const bulkUser = z.object({ user_id: userIdText })

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

/** The header of a response whose request was logged as a change: the id of the entry, which an undo names. */
export const changeHeader = 'rolecall-change'

/** The most changes of one undo. */
export const maxUndone = 100

/** Body of POST `/rolecall/undo`. */
export const undoRequest = z
  .object({ changes: z.array(z.string().min(1).max(100)).min(1).max(maxUndone) })
  .meta({ examples: [{ changes: ['90020261130091532000000000000000123456789012'] }] })

/** What became of one change. */
export const undoResult = z.object({
  change: z.string().describe('The id from the request'),
  undone: z.string().optional().describe('The id of the log entry; absent when nothing was changed'),
  left: z
    .array(z.string())
    .optional()
    .describe('The names of what was left as it is, because it was changed or deleted since'),
  error: apiError.optional().describe('Why the change was not undone'),
})
export type UndoResult = z.output<typeof undoResult>
