import { z } from 'zod'

/**
 * Two users or roles whose names are spellings of one name, written before names were compared in a canonical form. Both
 * work; new ones with this name are refused until one of the two is renamed or deleted.
 */
export const nameClash = z.object({
  property: z.enum(['email', 'username', 'name']),
  connection: z.string().optional().describe('Of users: within which connection'),
  id: z.string(),
  value: z.string(),
  holder: z.object({ id: z.string(), value: z.string() }).describe('Who has the canonical form'),
})
export type NameClash = z.output<typeof nameClash>
