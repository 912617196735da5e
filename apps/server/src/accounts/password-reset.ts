import { type Connection, findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { BusyError } from '../crypto/hashing-queue.ts'
import { writeLog } from '../logs/log.ts'
import { resetPasswordMessage } from '../mail/templates.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { findUserByEmail, markEmailVerified } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { accountOf, logFields, type Origin } from './accounts.ts'
import { moveForReset } from './moving-in.ts'
import type { PasswordProblem } from './password-policy.ts'
import { preparePassword, replacePassword } from './passwords.ts'
import { type Ticket, useTicket } from './store.ts'
import { issueMailedLink, openTicket, waitForMailedLink } from './tickets.ts'

const linkLifetimeSeconds = 3_600

/**
 * Mails a link for a new password if the account exists. The duration reveals whether it does, so call this in
 * `afterResponse`, and send the same response in either case (ASVS 6.3.8).
 */
export async function mailPasswordReset(
  ctx: Context,
  connection: Connection,
  email: string,
  origin: Origin,
): Promise<void> {
  const { db } = ctx.store
  const now = ctx.clock()
  const account = accountOf(email)
  const found =
    (await findUserByEmail(db, connection.name, account)) ??
    (await moveForReset(ctx, connection, account, origin))
  const user = 'reason' in found ? undefined : found
  const reason =
    'reason' in found
      ? found.reason
      : found.blocked
        ? 'the user is blocked'
        : (await waitForMailedLink(ctx, found, 'reset_password')) > 0 && 'too many requests'
  const entry = { ...logFields(origin, connection.name, user, email), date: now }
  if (!user || reason) {
    await writeLog(db, {
      ...entry,
      type: 'fcpr',
      description: `Password reset request refused: ${reason || ''}`,
    })
    return
  }
  const link = await issueMailedLink(ctx, 'reset_password', user, origin, linkLifetimeSeconds)
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

/** Removes what an account can be logged in with besides its password: passkeys, and accounts at other providers. */
export type RemoveOtherLogIns = (tx: Tx, user: User) => Promise<void>

export interface Reset extends Origin {
  /** Called while the address is not verified: somebody else may have added them. */
  removeOtherLogIns: RemoveOtherLogIns
}

/**
 * Sets a new password with a link, which works once. What was obtained with the old password ends, including the
 * sessions of an attacker who signed up with this address before its owner (GHSA-qq9h-g4jm-xgf3).
 */
export async function resetPassword(
  ctx: Context,
  token: string,
  password: string,
  { removeOtherLogIns, ...origin }: Reset,
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
      if (!user.emailVerified) await removeOtherLogIns(tx, user)
      if (ticket.markEmailVerified) await markEmailVerified(db, user.userId, now)
      await writeLog(db, {
        ...logFields({ ...origin, clientId: ticket.clientId }, connection.name, user),
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
