import { z } from 'zod'
import type { LogType } from './logs.ts'
import { webhookUrl } from './urls.ts'

/** Streams of the tenant log: https://auth0.com/docs/api/management/v2/log-streams. There is one type, `http`. */

/** Auth0's categories of log entries, which filters name. */
export const logCategories = [
  'auth.login.fail',
  'auth.login.notification',
  'auth.login.success',
  'auth.logout.fail',
  'auth.logout.success',
  'auth.signup.fail',
  'auth.signup.success',
  'auth.silent_auth.fail',
  'auth.silent_auth.success',
  'auth.token_exchange.fail',
  'auth.token_exchange.success',
  'management.fail',
  'management.success',
  'scim.event',
  'system.notification',
  'user.fail',
  'user.notification',
  'user.success',
  'actions',
  'other',
] as const
export type LogCategory = (typeof logCategories)[number]

export const categoryOfLogType: Record<LogType, LogCategory> = {
  s: 'auth.login.success',
  ss: 'auth.signup.success',
  ssa: 'auth.silent_auth.success',
  slo: 'auth.logout.success',
  f: 'auth.login.fail',
  fp: 'auth.login.fail',
  fu: 'auth.login.fail',
  fs: 'auth.signup.fail',
  fsa: 'auth.silent_auth.fail',
  limit_mu: 'auth.login.notification',
  limit_wc: 'auth.login.notification',
  seacft: 'auth.token_exchange.success',
  feacft: 'auth.token_exchange.fail',
  seccft: 'auth.token_exchange.success',
  feccft: 'auth.token_exchange.fail',
  sertft: 'auth.token_exchange.success',
  fertft: 'auth.token_exchange.fail',
  ferrt: 'auth.token_exchange.fail',
  sede: 'auth.token_exchange.success',
  fede: 'auth.token_exchange.fail',
  fdeaz: 'auth.token_exchange.fail',
  scp: 'user.success',
  scpr: 'user.success',
  sce: 'user.success',
  sdu: 'user.success',
  fcpr: 'user.fail',
  sv: 'user.success',
  gd_auth_succeed: 'auth.login.success',
  gd_auth_failed: 'auth.login.fail',
  gd_recovery_succeed: 'auth.login.success',
  gd_recovery_failed: 'auth.login.fail',
  gd_otp_rate_limit_exceed: 'auth.login.notification',
  gd_enrollment_complete: 'user.success',
  gd_unenroll: 'user.success',
  sapi: 'management.success',
  fapi: 'management.fail',
  w: 'system.notification',
}

/** https, or http to this machine: entries hold names and addresses of people. */
const endpoint = webhookUrl.refine(
  (url) =>
    !URL.canParse(url) ||
    new URL(url).protocol === 'https:' ||
    ['localhost', '127.0.0.1', '[::1]'].includes(new URL(url).hostname),
  'must be https, or http on localhost',
)

const contentFormat = z.enum(['JSONLINES', 'JSONARRAY', 'JSONOBJECT'])

const sinkInput = z.strictObject({
  httpEndpoint: endpoint.describe('https, or http on localhost'),
  httpContentFormat: contentFormat
    .optional()
    .describe(
      'One entry a line (JSONLINES), a list (JSONARRAY, the default), or one entry a request (JSONOBJECT)',
    ),
  httpContentType: z
    .string()
    .max(100)
    .regex(/^[\w.+-]+\/[\w.+-]+(; ?charset=utf-8)?$/i, 'must be a media type such as application/json')
    .optional(),
  httpAuthorization: z
    .string()
    .min(1)
    .max(2_048)
    .regex(/^[\x20-\x7e]*$/, 'must be printable ASCII')
    .nullish()
    .describe(
      'The header Authorization. It is not shown again. Kept by a change to the same server without it',
    ),
})
export type LogStreamSinkInput = z.output<typeof sinkInput>

const filters = z
  .array(z.strictObject({ type: z.literal('category'), name: z.enum(logCategories) }))
  .max(logCategories.length)
  .describe('Categories of the entries to deliver; empty: all')
const name = z.string().trim().min(1).max(255)
const status = z.enum(['active', 'paused'])

export const logStreamCreate = z.strictObject({
  name: name.optional(),
  type: z.literal('http'),
  status: status.optional(),
  sink: sinkInput,
  filters: filters.optional(),
  isPriority: z.boolean().optional().describe('Kept and returned. It changes nothing'),
  startFrom: z.iso.datetime({ offset: true }).optional().describe('Entries from this time on; default: now'),
})
export type LogStreamCreate = z.output<typeof logStreamCreate>

export const logStreamUpdate = z.strictObject({
  name: name.optional(),
  status: status.optional(),
  sink: sinkInput.optional(),
  filters: filters.optional(),
  isPriority: z.boolean().optional(),
})
export type LogStreamUpdate = z.output<typeof logStreamUpdate>

export const logStream = z.object({
  id: z.string(),
  name: z.string(),
  type: z.literal('http'),
  /** `suspended`: the server gave up after a day. Set to `active`, it goes on where it stopped. */
  status: z.enum(['active', 'paused', 'suspended']),
  isPriority: z.boolean(),
  filters: z.array(z.object({ type: z.literal('category'), name: z.enum(logCategories) })),
  /** Without `httpAuthorization`. */
  sink: z.object({
    httpEndpoint: z.string(),
    httpContentFormat: contentFormat,
    httpContentType: z.string(),
  }),
})
export type LogStream = z.output<typeof logStream>

/** How a stream fares. Not part of Auth0's API. */
export const logStreamDeliveries = z.object({
  /** Whether the sink has a header Authorization. */
  has_authorization: z.boolean(),
  last_delivered_at: z.string().optional(),
  /** A delivery that is attempted again until it arrives; later entries wait for it. */
  waiting: z
    .object({ attempts: z.int(), since: z.string(), error: z.string(), retry_at: z.string() })
    .optional(),
  /** What the receiver refused for good, newest first. */
  failed: z.array(
    z.object({
      id: z.string(),
      first_log_id: z.string(),
      last_log_id: z.string(),
      entries: z.int(),
      error: z.string(),
      failed_at: z.string(),
      /** It is about to be sent again. */
      retrying: z.boolean(),
    }),
  ),
})
export type LogStreamDeliveries = z.output<typeof logStreamDeliveries>

export const logStreamRetry = z.strictObject({
  delivery_id: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .describe('A failed delivery; absent: the one that waits for its next attempt'),
})
