import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../http/api-error.ts'
import { writeLog } from '../logs/log.ts'
import { changeEmailMessage, emailChangedMessage, verifyEmailMessage } from '../mail/templates.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { findPasswordHash, markEmailVerified } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { updateUser } from '../users/users.ts'
import { logFields, type Origin } from './accounts.ts'
import { type SignInOutcome, signIn } from './sign-in.ts'
import { deleteTicketsOf, type Ticket, useTicket } from './store.ts'
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

/** Mails a link to another address, which the user gets by following it. */
export async function mailEmailChange(
  ctx: Context,
  user: User,
  newEmail: string,
  origin: Origin,
): Promise<void> {
  const link = await issueMailedLink(ctx, 'verify_email', user, { ...origin, newEmail }, linkLifetimeSeconds)
  const { friendly_name: tenant } = await tenantSettings(ctx.store.db)
  await ctx.mailer.send(changeEmailMessage({ tenant, to: newEmail, link }))
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
 * Marks the address as verified, or gives the user the address that the link was mailed to. The link works once. If the account has a password, it is required too: an account that
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
  try {
    return await transaction(ctx, async (tx) => {
      if (!(await useTicket(tx.db, token, tx.now))) return { refused: 'link' }
      const verified =
        ticket.newEmail === undefined ? user : await replaceEmail(ctx, tx, user, ticket.newEmail)
      await markEmailVerified(tx.db, user.userId, tx.now)
      const entry = logFields({ ...origin, clientId: ticket.clientId }, connection.name, verified)
      const type = ticket.newEmail === undefined ? 'sv' : 'sce'
      const description = type === 'sv' ? 'Email address verified' : 'Email address changed'
      await writeLog(tx.db, { ...entry, type, description, date: tx.now })
      return { user: verified, ticket }
    })
  } catch (error) {
    // Somebody else has taken the address since the link was mailed.
    if (ticket.newEmail !== undefined && error instanceof ApiError && error.statusCode === 400)
      return { refused: 'link' }
    throw error
  }
}

/** Links that were mailed to the old address no longer work, and it is told. */
async function replaceEmail(
  { mailer }: Pick<Context, 'mailer'>,
  tx: Tx,
  { userId, email: old }: User,
  email: string,
): Promise<User> {
  const { after } = await updateUser(tx, userId, { email })
  await deleteTicketsOf(tx.db, userId)
  const { friendly_name: tenant } = await tenantSettings(tx.db)
  await mailer.send(emailChangedMessage({ tenant, to: old, email }), tx.db)
  return after
}
