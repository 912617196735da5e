import { email as emailSchema } from '@rolecall/contract'
import { findSystemApplication } from '../applications/store.ts'
import { defaultConnectionName } from '../connections/connections.ts'
import { type Connection, connectionOf, enableApplication, findDatabase } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { BusyError } from '../crypto/hashing-queue.ts'
import { randomSecret } from '../crypto/secrets.ts'
import { ApiError } from '../http/api-error.ts'
import { writeLog } from '../logs/log.ts'
import { assignRoles } from '../roles/assignments.ts'
import { hasOwner, lockOwners, ownerRoleName } from '../roles/owners.ts'
import { findSystemRole } from '../roles/store.ts'
import { storedEmail } from '../store/canonical.ts'
import type { Db } from '../store/store.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { dashboardName } from '../system-objects.ts'
import { findUserByEmail } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { createUser, requireUser, updateUser } from '../users/users.ts'
import type { PasswordProblem } from './password-policy.ts'
import type { RemoveOtherLogIns } from './password-reset.ts'
import { preparePassword, replacePassword } from './passwords.ts'
import { findOwnerTicket, insertOwnerTicket, type OwnerTicketPurpose, useOwnerTicket } from './store.ts'

/** The path of the page, below the issuer. */
export const setupPath = '/setup'
const hourMs = 60 * 60 * 1000

type Deps = Pick<Context, 'config' | 'store' | 'clock'>

/**
 * A link for the server's terminal that creates the first owner: 256 random bits, valid once, for a day. This is the only
 * way to create the first owner. There is no default password.
 * @returns undefined if there is an owner
 */
export async function issueFirstOwnerLink(ctx: Deps): Promise<string | undefined> {
  const { db } = ctx.store
  if (await hasOwner(db)) return undefined
  return transaction(ctx, (tx) => issueLink(tx, ctx.config.issuer, 'first_owner', 24 * hourMs))
}

/**
 * A link that creates an owner, or restores one who is blocked or forgot the password, even if there are other owners:
 * valid once, for an hour. The command that prints it needs access to the server's store and sealing key.
 */
export async function issueOwnerLink(ctx: Deps): Promise<string> {
  return transaction(ctx, async (tx) => {
    await writeLog(tx.db, {
      type: 'sapi',
      description: 'A link that makes an owner was issued on the command line of the server',
      date: tx.now,
    })
    return issueLink(tx, ctx.config.issuer, 'owner', hourMs)
  })
}

async function issueLink(
  { db, now }: Tx,
  issuer: string,
  purpose: OwnerTicketPurpose,
  lifetimeMs: number,
): Promise<string> {
  const token = randomSecret()
  await insertOwnerTicket(db, token, purpose, { now, expiresAt: now + lifetimeMs })
  const url = new URL(setupPath, issuer)
  url.searchParams.set('ticket', token)
  return url.href
}

/** The purpose of a valid link: unused, not expired, and for `first_owner` only while there is no owner. */
export async function openOwnerLink(
  db: Db,
  token: string,
  now: number,
): Promise<OwnerTicketPurpose | undefined> {
  const purpose = await findOwnerTicket(db, token, now)
  return purpose === 'first_owner' && (await hasOwner(db)) ? undefined : purpose
}

/** The connection of the dashboard's users. */
export async function ownersConnection(db: Db): Promise<Connection> {
  const connection =
    (await connectionOf(db, await dashboardId(db))) ?? (await findDatabase(db, defaultConnectionName))
  if (!connection) throw new Error(`The connection ${defaultConnectionName} is missing`)
  return connection
}

export type OwnerOutcome =
  | { user: User }
  | { refused: 'link' }
  | { refused: 'invalid' | 'exists' }
  | { refused: 'weak'; problem: PasswordProblem }
  | { refused: 'busy'; retryAfterSeconds: number }

interface OwnerInput {
  token: string
  email: string
  password: string
  ip: string
  userAgent: string | undefined
  /** Called for an existing account whose address was never verified, as by `resetPassword`. */
  removeOtherLogIns: RemoveOtherLogIns
}

/** Creates or restores an account and makes it an owner, in one transaction: if that fails, the link stays valid. */
export async function makeOwner(ctx: Deps, input: OwnerInput): Promise<OwnerOutcome> {
  if (!(await openOwnerLink(ctx.store.db, input.token, ctx.clock()))) return { refused: 'link' }
  const email = storedEmail(input.email)
  if (!emailSchema.safeParse(email).success) return { refused: 'invalid' }
  const connection = await ownersConnection(ctx.store.db)
  try {
    const prepared = await preparePassword(input.password, connection.options, { email })
    if ('problem' in prepared) return { refused: 'weak', problem: prepared.problem }
    return await transaction(ctx, async (tx) => {
      const { db, now } = tx
      await lockOwners(tx)
      const purpose = await openOwnerLink(db, input.token, now)
      if (!purpose || !(await useOwnerTicket(db, input.token, now))) return { refused: 'link' } as const
      const existing = purpose === 'owner' && (await findUserByEmail(db, connection.name, email))
      const user = existing
        ? await restoreAccount(tx, existing, prepared.hash, input.removeOtherLogIns)
        : await createUser(tx, {
            connection: connection.name,
            email,
            emailVerified: true,
            passwordHash: prepared.hash,
          })
      await assignRoles(tx, user.userId, [await ownerRoleId(db)])
      await enableApplication(db, connection.id, await dashboardId(db))
      await writeLog(db, {
        type: existing ? 'scp' : 'ss',
        description: descriptions[existing ? 'restored' : purpose],
        date: now,
        userId: user.userId,
        userName: user.email,
        connection: connection.name,
        ip: input.ip,
        userAgent: input.userAgent,
      })
      // Read again: the time of the new password is part of a log-in.
      return { user: await requireUser(db, user.userId) }
    })
  } catch (error) {
    if (error instanceof BusyError) return { refused: 'busy', retryAfterSeconds: error.retryAfterSeconds }
    if (error instanceof ApiError && error.statusCode === 409) return { refused: 'exists' }
    throw error
  }
}

const descriptions = {
  first_owner: 'The first owner was set up with the link from the terminal',
  owner: 'An owner was created with a link from the command line of the server',
  restored: 'An account was made an owner with a link from the command line of the server',
}

/** Unblocks the account and replaces its password, which ends its sessions and refresh tokens. */
async function restoreAccount(
  tx: Tx,
  account: User,
  passwordHash: string,
  removeOtherLogIns: RemoveOtherLogIns,
): Promise<User> {
  const { after } = await updateUser(tx, account.userId, { blocked: false, emailVerified: true })
  await replacePassword(tx, after, passwordHash)
  if (!account.emailVerified) await removeOtherLogIns(tx, after)
  return after
}

async function ownerRoleId(db: Db): Promise<string> {
  const role = await findSystemRole(db, ownerRoleName)
  if (!role) throw new Error(`The role ${ownerRoleName} is missing`)
  return role.id
}

async function dashboardId(db: Db): Promise<string> {
  const dashboard = await findSystemApplication(db, dashboardName)
  if (!dashboard) throw new Error(`The application ${dashboardName} is missing`)
  return dashboard.clientId
}
