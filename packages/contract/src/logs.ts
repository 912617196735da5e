import { z } from 'zod'
import { fieldsQuery, pageQuery } from './paging.ts'

/** What the server logs, in Auth0's codes: https://auth0.com/docs/deploy-monitor/logs/log-event-type-codes. */
export type LogType =
  // Logging in and out
  | 's'
  | 'ss'
  | 'ssa'
  | 'slo'
  | 'f'
  | 'fp'
  | 'fu'
  | 'fs'
  | 'fsa'
  | 'limit_mu'
  | 'limit_wc'
  // Tokens
  | 'seacft'
  | 'feacft'
  | 'seccft'
  | 'feccft'
  | 'sertft'
  | 'fertft'
  | 'ferrt'
  | 'sede'
  | 'fede'
  | 'fdeaz'
  // Accounts
  | 'scp'
  | 'scpr'
  | 'sce'
  | 'sdu'
  | 'fcpr'
  | 'sv'
  // Second factors
  | 'gd_auth_succeed'
  | 'gd_auth_failed'
  | 'gd_recovery_succeed'
  | 'gd_recovery_failed'
  | 'gd_otp_rate_limit_exceed'
  | 'gd_enrollment_complete'
  | 'gd_unenroll'
  // Management
  | 'sapi'
  | 'fapi'
  | 'w'

/** Entries of the tenant log: https://auth0.com/docs/api/management/v2/logs. */
export const log = z.object({
  _id: z.string(),
  log_id: z.string(),
  date: z.string(),
  /** A {@link LogType}. */
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
  references: z
    .object({
      correlation_id: z.string().optional(),
      plan_id: z.string().optional().describe('Of the list of changes that the change was part of'),
      reference: z.string().optional().describe('What its caller linked it to, such as a commit'),
    })
    .optional(),
})
export type Log = z.output<typeof log>

/** Types of entries that record a refusal: of a log-in, a token, or a change. */
export const refusalTypes = [
  'f',
  'fp',
  'fu',
  'fs',
  'feacft',
  'feccft',
  'fertft',
  'ferrt',
  'fede',
  'fdeaz',
  'fcpr',
  'fapi',
  'limit_wc',
  'limit_mu',
  'gd_auth_failed',
  'gd_recovery_failed',
  'gd_otp_rate_limit_exceed',
] as const satisfies readonly LogType[]

export const logListQuery = pageQuery.extend(fieldsQuery.shape).extend({
  q: z.string().max(2_000).optional().describe('Search, e.g. `type:f AND user_name:"ada@example.com"`'),
  search: z.string().max(2_000).optional().describe('The same as `q`'),
  sort: z
    .string()
    .regex(/^date:-?1$/, 'must be date:1 or date:-1')
    .optional()
    .describe('`date:-1`, newest first, unless given'),
  from: z.string().max(100).optional().describe('The id of an entry: returns the entries after it'),
})
