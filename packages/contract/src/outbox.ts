import { z } from 'zod'

/** A mail in the outbox, readable where no mail server is configured. Not part of Auth0's API. */
export const outboxMail = z.object({
  id: z.string(),
  to: z.string(),
  subject: z.string(),
  /** Empty after the mail was sent, because it contains a one-time link. */
  text: z.string(),
  html: z.string(),
  created_at: z.string(),
  status: z.enum(['kept', 'waiting', 'sent', 'failed']),
  sent_at: z.string().optional(),
  attempts: z.int(),
  error: z.string().optional(),
})
export type OutboxMail = z.output<typeof outboxMail>
