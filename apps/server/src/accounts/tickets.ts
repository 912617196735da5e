import type { Context } from '../context.ts'
import { randomSecret } from '../crypto/secrets.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { findUser } from '../users/store.ts'
import type { User } from '../users/user.ts'
import type { Origin } from './accounts.ts'
import { countTickets, findTicket, insertTicket, type Ticket, type TicketPurpose } from './store.ts'

/** Limits the mail that one mailbox receives. */
const maxLinksPerHour = 5
const hourSeconds = 3_600

/** The paths of the pages that take a ticket. */
export const ticketPaths: Record<TicketPurpose, string> = {
  verify_email: '/u/email-verification',
  reset_password: '/u/reset-password',
}

/** @returns a link with 256 random bits below the configured issuer, not the Host header (CVE-2025-64101) */
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

/** Issues the link of a mail to a user. Following it proves access to the mailbox, so the address is verified. */
export function issueMailedLink(
  ctx: Context,
  purpose: TicketPurpose,
  { userId, email }: User,
  { clientId, newEmail }: Pick<Origin, 'clientId'> & Pick<Ticket, 'newEmail'>,
  lifetimeSeconds: number,
): Promise<string> {
  const ticket = {
    purpose,
    userId,
    email,
    markEmailVerified: true,
    ...(newEmail !== undefined && { newEmail }),
    ...(clientId !== undefined && { clientId }),
  }
  return transaction(ctx, (tx) => issueTicket(tx, ctx.config.issuer, ticket, lifetimeSeconds))
}

/** @returns the seconds until the user may be mailed one more link with this purpose, at most; 0: now */
export async function waitForMailedLink(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  { userId }: Pick<User, 'userId'>,
  purpose: TicketPurpose,
): Promise<number> {
  const sent = await countTickets(store.db, userId, purpose, clock() - hourSeconds * 1000)
  return sent < maxLinksPerHour ? 0 : hourSeconds
}

/** The ticket of a link and its user. Undefined if the link is used or expired, or the user has another address now. */
export async function openTicket(
  ctx: Pick<Context, 'store' | 'clock'>,
  token: string,
  purpose: TicketPurpose,
): Promise<{ ticket: Ticket; user: User } | undefined> {
  const ticket = await findTicket(ctx.store.db, token, purpose, ctx.clock())
  const user = ticket && (await findUser(ctx.store.db, ticket.userId))
  return ticket && user && user.email === ticket.email ? { ticket, user } : undefined
}
