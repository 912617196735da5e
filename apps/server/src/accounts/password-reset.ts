import type { Connection } from '../connections/connections.ts'
import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { BusyError } from '../crypto/work-queue.ts'
import { writeLog } from '../logs/log.ts'
import { resetPasswordMessage } from '../mail/templates.ts'
import { transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { findUserByEmail, markEmailVerified } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { accountOf, entryOf, longestIdentifier, type Origin } from './accounts.ts'
import type { PasswordProblem } from './password-policy.ts'
import { preparePassword, replacePassword } from './passwords.ts'
import { countTickets, type Ticket, useTicket } from './store.ts'
import { issueTicket, openTicket } from './tickets.ts'

const linkLifetimeSeconds = 3_600
/** More would only fill somebody's mailbox. */
const linksPerHour = 5

/**
 * Mails a link for a new password, if there is such an account. How long this takes tells whether there is: answer the
 * request first (`answerFirst`), and answer the same in any case (ASVS 6.3.8).
 */
export async function mailPasswordReset(
  ctx: Context,
  connection: Connection,
  email: string,
  origin: Origin,
): Promise<void> {
  const { db } = ctx.store
  const now = ctx.clock()
  const user = await findUserByEmail(db, connection.name, accountOf(email))
  const sent = user ? await countTickets(db, user.userId, 'reset_password', now - 3_600_000) : 0
  const reason = !user
    ? 'there is no such user'
    : user.blocked
      ? 'the user is blocked'
      : sent >= linksPerHour && 'too many requests'
  const entry = {
    ...entryOf(origin, connection.name, user),
    userName: email.slice(0, longestIdentifier).toWellFormed(),
    date: now,
  }
  if (!user || reason) {
    await writeLog(db, {
      ...entry,
      type: 'fcpr',
      description: `Password reset request refused: ${reason || ''}`,
    })
    return
  }
  const link = await transaction(ctx, (tx) =>
    issueTicket(
      tx,
      ctx.config.issuer,
      {
        purpose: 'reset_password',
        userId: user.userId,
        email: user.email,
        // The link went to the address: whoever uses it reads that mailbox.
        markEmailVerified: true,
        ...(origin.clientId !== undefined && { clientId: origin.clientId }),
      },
      linkLifetimeSeconds,
    ),
  )
  const { friendly_name: tenant } = await tenantSettings(db)
  await ctx.mailer.send(
    resetPasswordMessage({ tenant, application: origin.applicationName, to: user.email, link }),
  )
  await writeLog(db, { ...entry, type: 'scpr', description: 'Password reset link sent' })
}

export type ResetOutcome =
  | { user: User; ticket: Ticket }
  | { refused: 'link' }
  | { refused: 'busy'; retryAfterSeconds: number }
  | { refused: 'weak'; problem: PasswordProblem; user: User; connection: Connection }

/**
 * Sets the password that a link allows to set, once. Everything the old password opened is closed, among it what
 * somebody else set up who signed up with this address before its owner did (GHSA-qq9h-g4jm-xgf3).
 */
export async function resetPassword(
  ctx: Context,
  token: string,
  password: string,
  origin: Origin,
): Promise<ResetOutcome> {
  const opened = await openTicket(ctx, token, 'reset_password')
  const connection = opened && (await findConnection(ctx.store.db, opened.user.connection))
  if (!opened || !connection) return { refused: 'link' }
  const { ticket, user } = opened
  try {
    const prepared = await preparePassword(password, connection.options, user)
    if ('problem' in prepared) return { refused: 'weak', problem: prepared.problem, user, connection }
    const done = await transaction(ctx, async (tx) => {
      const { db, now } = tx
      if (!(await useTicket(db, token, now))) return false
      await replacePassword(tx, user, prepared.hash)
      if (ticket.markEmailVerified) await markEmailVerified(db, user.userId, now)
      await writeLog(db, {
        ...entryOf({ ...origin, clientId: ticket.clientId }, connection.name, user),
        type: 'scp',
        description: 'Password changed; all sessions ended',
        date: now,
      })
      return true
    })
    return done ? { user, ticket } : { refused: 'link' }
  } catch (error) {
    if (error instanceof BusyError) return { refused: 'busy', retryAfterSeconds: error.retryAfterSeconds }
    throw error
  }
}
