import { z } from 'zod'

/** Daily statistics: https://auth0.com/docs/api/management/v2/stats. */
export const dailyStats = z.object({
  /** The start of the day in UTC. */
  date: z.string(),
  logins: z.int(),
  signups: z.int(),
  leaked_passwords: z.int(),
  created_at: z.string(),
  updated_at: z.string(),
})
export type DailyStats = z.output<typeof dailyStats>
