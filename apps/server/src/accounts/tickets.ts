import type { Context } from '../context.ts'
import { randomSecret } from '../crypto/random.ts'
import type { Tx } from '../store/transaction.ts'
import { findUser } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { findTicket, insertTicket, type Ticket, type TicketPurpose } from './store.ts'

/** The pages that a ticket opens. */
export const ticketPaths: Record<TicketPurpose, string> = {
  verify_email: '/u/email-verification',
  reset_password: '/u/reset-password',
}

/** @returns the link: 256 random bits under the configured issuer, whatever Host the request came with (CVE-2025-64101) */
export async function issueTicket(
  { db, now }: Tx,
  issuer: string,
  ticket: Ticket,
  lifetimeSeconds: number,
): Promise<string> {
  const token = randomSecret()
  await insertTicket(db, token, ticket, { now, expiresAt: now + lifetimeSeconds * 1000 })
  const url = new URL(ticketPaths[ticket.purpose], issuer)
  url.searchParams.set('ticket', token)
  return url.href
}

/** What a link is good for now: nothing once it was used, expired, or its user has another address. */
export async function openTicket(
  ctx: Pick<Context, 'store' | 'clock'>,
  token: string,
  purpose: TicketPurpose,
): Promise<{ ticket: Ticket; user: User } | undefined> {
  const ticket = await findTicket(ctx.store.db, token, purpose, ctx.clock())
  const user = ticket && (await findUser(ctx.store.db, ticket.userId))
  return ticket && user && user.email === ticket.email ? { ticket, user } : undefined
}
