import { z } from 'zod'

/** What an administrator should look at. */
const attentionKinds = [
  'unauthenticated_applications',
  'unused_permissions',
  'roles_without_members',
  'large_tokens',
  'clashing_users',
  'clashing_roles',
  'unsent_mail',
  'old_signing_key',
] as const

export const attention = z.object({
  kind: z.enum(attentionKinds),
  count: z.int().describe('At most 100'),
  /** The first of them. Permissions have the id of their API. */
  items: z.array(z.object({ id: z.string(), name: z.string() })),
})
export type Attention = z.output<typeof attention>

/** The start page of the dashboard. Members whose scopes the caller does not hold are absent. */
export const overview = z.object({
  is_set_up: z.boolean().describe('Whether a user holds a role of the tenant'),
  users: z.object({ total: z.int(), active: z.int().describe('Logged in within 30 days') }).optional(),
  days: z
    .array(z.object({ date: z.string(), logins: z.int(), refusals: z.int(), new_users: z.int() }))
    .optional(),
  attention: z.array(attention),
})
export type Overview = z.output<typeof overview>
