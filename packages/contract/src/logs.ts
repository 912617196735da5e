import { z } from 'zod'

/** What happened: https://auth0.com/docs/api/management/v2/logs. */
export const log = z.object({
  _id: z.string(),
  log_id: z.string(),
  date: z.string(),
  /** One of the event type codes of Auth0's documentation. */
  type: z.string(),
  description: z.string(),
  client_id: z.string().optional(),
  client_name: z.string().optional(),
  connection: z.string().optional(),
  connection_id: z.string().optional(),
  strategy: z.string().optional(),
  strategy_type: z.string().optional(),
  ip: z.string().optional(),
  user_agent: z.string().optional(),
  isMobile: z.boolean(),
  user_id: z.string().optional(),
  user_name: z.string().optional(),
  audience: z.string().optional(),
  scope: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
  references: z.object({ correlation_id: z.string() }).optional(),
})
export type Log = z.output<typeof log>
