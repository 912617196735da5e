import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'
import { verifyEmailMessage } from '../mail/templates.ts'
import { transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { findPasswordHash, markEmailVerified } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { logFields, type Origin } from './accounts.ts'
import { type SignInOutcome, signIn } from './sign-in.ts'
import { type Ticket, useTicket } from './store.ts'
import { issueMailedLink, openTicket } from './tickets.ts'

/** Five days, as at Auth0. */
const linkLifetimeSeconds = 432_000

export async function mailEmailVerification(ctx: Context, user: User, origin: Origin): Promise<void> {
  const link = await issueMailedLink(ctx, 'verify_email', user, origin, linkLifetimeSeconds)
  const { friendly_name: tenant } = await tenantSettings(ctx.store.db)
  await ctx.mailer.send(
    verifyEmailMessage({ tenant, application: origin.applicationName, to: user.email, link }),
  )
}

/** The ticket and user of a verification link, and whether its page has to ask for the password. */
export async function openVerification(ctx: Context, token: string) {
  const opened = await openTicket(ctx, token, 'verify_email')
  if (!opened) return undefined
  return { ...opened, asksPassword: (await findPasswordHash(ctx.store.db, opened.user.userId)) !== undefined }
}

export type VerifyOutcome =
  | { user: User; ticket: Ticket }
  | { refused: 'link' }
  | Exclude<SignInOutcome, { user: User }>

/**
 * Marks the address as verified. The link works once. If the account has a password, it is required too: an account that
 * an attacker created with this address must not become verified while the attacker knows its password. The owner of the
 * address takes the account over with a password reset, which ends the attacker's access (GHSA-qq9h-g4jm-xgf3).
 */
export async function verifyEmail(
  ctx: Context,
  token: string,
  password: string,
  origin: Origin,
): Promise<VerifyOutcome> {
  const opened = await openVerification(ctx, token)
  const connection = opened && (await findConnection(ctx.store.db, opened.user.connection))
  if (!opened || !connection) return { refused: 'link' }
  const { user, ticket } = opened
  if (opened.asksPassword) {
    const outcome = await signIn(ctx, { connection, identifier: user.email, password, ...origin })
    if ('refused' in outcome) return outcome
  }
  return transaction(ctx, async ({ db, now }) => {
    if (!(await useTicket(db, token, now))) return { refused: 'link' }
    await markEmailVerified(db, user.userId, now)
    const entry = logFields({ ...origin, clientId: ticket.clientId }, connection.name, user)
    await writeLog(db, { ...entry, type: 'sv', description: 'Email address verified', date: now })
    return { user, ticket }
  })
}
