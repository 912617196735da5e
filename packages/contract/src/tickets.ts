import { z } from 'zod'
import { userIdText } from './text.ts'
import { link } from './urls.ts'
import { email } from './users.ts'

/** One-time links: https://auth0.com/docs/api/management/v2/tickets. */

const common = {
  /** The last page of a ticket links to it. */
  result_url: link.min(1).optional(),
  client_id: z.string().min(1).max(128).optional(),
  /** Seconds, by default five days, at most thirty days. */
  ttl_sec: z.int().min(0).max(2_592_000).optional(),
  includeEmailInRedirect: z.boolean().optional(),
}

export const passwordChangeTicket = z.looseObject({
  user_id: userIdText.optional(),
  email: email.optional(),
  connection_id: z.string().min(1).max(128).optional(),
  mark_email_as_verified: z.boolean().optional(),
  ...common,
})
export type PasswordChangeTicket = z.output<typeof passwordChangeTicket>

export const emailVerificationTicket = z.looseObject({ user_id: userIdText, ...common })
export type EmailVerificationTicket = z.output<typeof emailVerificationTicket>

export const ticket = z.object({ ticket: z.url() })
