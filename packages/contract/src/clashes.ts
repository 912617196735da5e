import { z } from 'zod'

/**
 * Two users or roles whose names have the same canonical form. They were stored by a version that compared names as typed.
 * Both work. New names with this form are refused until one of the two is renamed or deleted.
 */
export const nameClash = z.object({
  property: z.enum(['email', 'username', 'name']),
  connection: z.string().optional().describe('The connection of a user'),
  id: z.string(),
  value: z.string(),
  holder: z
    .object({ id: z.string(), value: z.string() })
    .describe('The user or role that has the canonical form as its key'),
})
export type NameClash = z.output<typeof nameClash>
