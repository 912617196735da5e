import { email as emailSchema } from '@rolecall/contract'
import { isProvider } from '../connections/provider.ts'
import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { BusyError } from '../crypto/hashing-queue.ts'
import { ApiError } from '../http/api-error.ts'
import { writeLog } from '../logs/log.ts'
import { keepingAnOwner } from '../roles/owners.ts'
import { storedEmail } from '../store/canonical.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import { findUserByEmail, isSignInValid, lockUser, signInOf } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { updateUser } from '../users/users.ts'
import { deleteAccount, logFields, type Origin } from './accounts.ts'
import { throttleRequest } from './attempts.ts'
import { mailEmailChange, mailEmailVerification } from './email-verification.ts'
import { preparePassword, replacePassword } from './passwords.ts'
import { type SignInOutcome, signIn } from './sign-in.ts'
import type { SignUpOutcome } from './sign-up.ts'
import { waitForMailedLink } from './tickets.ts'

/**
 * What users change about their own account while they are logged in. The caller has checked that the user has just logged
 * in where a change would give the account to someone who found the browser unlocked (ASVS 7.5.1).
 */
export type OwnChange =
  | { user: User }
  | Exclude<SignInOutcome | SignUpOutcome, { user: unknown }>
  /** The only owner cannot leave. */
  | { refused: 'last_owner' }
  /** `account_changed`: the password or the factors were changed, or the user blocked, in the meantime. */
  | { refused: 'invalid_name' | 'account_changed' }
  /** The user logs in at another provider, which has the password, or replaces the profile at each log-in. */
  | { refused: 'at_provider' }

/** What users can change here: those of another provider have no password, and most have their profile there. */
export interface OwnParts {
  password: boolean
  profile: boolean
}

export async function ownParts(
  { store }: Pick<Context, 'store'>,
  { connection: name }: User,
): Promise<OwnParts> {
  const connection = await findConnection(store.db, name)
  if (!connection || !isProvider(connection)) return { password: true, profile: true }
  const replaced = connection.options.set_user_root_attributes ?? 'on_each_login'
  return { password: false, profile: replaced !== 'on_each_login' }
}

/** Sets the name that applications are told. */
export async function rename(ctx: Context, user: User, name: string): Promise<OwnChange> {
  if (!isName(name)) return { refused: 'invalid_name' }
  if (!(await ownParts(ctx, user)).profile) return { refused: 'at_provider' }
  return transaction(ctx, async (tx) => ({ user: (await updateUser(tx, user.userId, { name })).after }))
}

const isName = (name: string) =>
  name !== '' && name.length <= 300 && name.isWellFormed() && !/\p{Cc}/u.test(name)

/**
 * Replaces the password, after the current one (ASVS 6.2.3), of which a wrong one counts like a log-in. Every session ends,
 * as after a reset: the caller starts a new one.
 */
export async function changePassword(
  ctx: Context,
  user: User,
  { password, replacement }: { password: string; replacement: string },
  origin: Origin,
): Promise<OwnChange> {
  if (!(await ownParts(ctx, user)).password) return { refused: 'at_provider' }
  const confirmed = await confirm(ctx, user, password, origin)
  if ('refused' in confirmed) return confirmed
  const connection = await findConnection(ctx.store.db, user.connection)
  if (!connection) return { refused: 'wrong' }
  try {
    const prepared = await preparePassword(replacement, connection.options, user)
    if ('problem' in prepared) return { refused: 'weak', problem: prepared.problem }
    return await ifUnchanged(ctx, confirmed.user, async (tx, current) => {
      await replacePassword(tx, current, prepared.hash)
      await log(tx, 'scp', 'Password changed; all sessions ended', current, origin)
      return { user: (await lockUser(tx.db, current.userId)) ?? current }
    })
  } catch (error) {
    if (error instanceof BusyError) return { refused: 'busy', retryAfterSeconds: error.retryAfterSeconds }
    throw error
  }
}

/**
 * Mails a link to the new address. The user has the old one until the link is followed: someone else's mailbox, by a slip of
 * the keyboard, could otherwise get a link for a new password.
 */
export async function changeEmail(
  ctx: Context,
  user: User,
  given: string,
  origin: Origin,
): Promise<OwnChange> {
  const email = emailSchema.safeParse(storedEmail(given.slice(0, 1_024))).data
  if (email === undefined) return { refused: 'invalid' }
  if (!(await ownParts(ctx, user)).profile) return { refused: 'at_provider' }
  if (email === user.email) return { user }
  // Each change sends mail to an address that is not verified, and tells whether the address has an account.
  const wait =
    (await throttleRequest(ctx, 'sign-up', origin.ip)) || (await waitForMailedLink(ctx, user, 'verify_email'))
  if (wait > 0) return { refused: 'too_many_attempts', retryAfterSeconds: wait }
  const other = await findUserByEmail(ctx.store.db, user.connection, email)
  if (other && other.userId !== user.userId) return { refused: 'exists' }
  await mailEmailChange(ctx, user, email, origin)
  return { user }
}

/** Mails the link that confirms the address. */
export async function sendVerification(ctx: Context, user: User, origin: Origin): Promise<OwnChange> {
  if (!(await ownParts(ctx, user)).profile) return { refused: 'at_provider' }
  const wait = await waitForMailedLink(ctx, user, 'verify_email')
  if (wait > 0) return { refused: 'too_many_attempts', retryAfterSeconds: wait }
  await mailEmailVerification(ctx, user, origin)
  return { user }
}

/** Deletes the account, where the tenant allows it. */
export async function deleteOwnAccount(ctx: Context, user: User, origin: Origin): Promise<OwnChange> {
  try {
    return await ifUnchanged(ctx, user, async (tx, current) => {
      await keepingAnOwner(tx, () => deleteAccount(tx, current.userId))
      await log(tx, 'sdu', 'Account deleted by its user', current, origin)
      return { user: current }
    })
  } catch (error) {
    if (error instanceof ApiError && error.errorCode === 'last_owner') return { refused: 'last_owner' }
    throw error
  }
}

/** Whether users of the tenant may delete their accounts: a flag of its settings, off by default. */
export async function allowsDeletion(ctx: Pick<Context, 'store'>): Promise<boolean> {
  const { flags } = await tenantSettings(ctx.store.db)
  return flags['allow_account_deletion'] === true
}

async function confirm(ctx: Context, user: User, password: string, origin: Origin): Promise<SignInOutcome> {
  const connection = await findConnection(ctx.store.db, user.connection)
  if (!connection) return { refused: 'wrong' }
  const outcome = await signIn(ctx, { connection, identifier: user.email, password, ...origin })
  return 'user' in outcome && outcome.user.userId !== user.userId ? { refused: 'wrong' } : outcome
}

function ifUnchanged(
  ctx: Context,
  confirmed: User,
  change: (tx: Tx, current: User) => Promise<OwnChange>,
): Promise<OwnChange> {
  return transaction(ctx, async (tx) => {
    const current = await lockUser(tx.db, confirmed.userId)
    if (!current || !isSignInValid(current, signInOf(confirmed))) return { refused: 'account_changed' }
    return change(tx, current)
  })
}

async function log(
  { db, now }: Tx,
  type: 'scp' | 'sce' | 'sdu',
  description: string,
  user: User,
  origin: Origin,
): Promise<void> {
  await writeLog(db, { ...logFields(origin, user.connection, user), type, description, date: now })
}
