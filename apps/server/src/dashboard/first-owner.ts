import { email as emailSchema } from '@rolecall/contract'
import { defaultConnectionName, findConnection } from '../connections/connections.ts'
import { type Context, within } from '../context.ts'
import { randomSecret } from '../crypto/random.ts'
import { BusyError } from '../crypto/work-queue.ts'
import { ApiError } from '../http/api-error.ts'
import { writeLog } from '../logs/log.ts'
import { assignRoles } from '../roles/assignments.ts'
import { hasOwner, lockOwnerRole } from '../roles/owners-store.ts'
import {
  hasFirstOwnerTicket,
  insertFirstOwnerTicket,
  useFirstOwnerTicket,
} from '../users/first-owner-ticket.ts'
import type { PasswordProblem } from '../users/password-policy.ts'
import { preparePassword } from '../users/passwords.ts'
import { createUser, emailKey, type User } from '../users/users.ts'

/** Below the issuer. */
export const setupPath = '/setup'
const lifetimeMs = 24 * 60 * 60 * 1000

type Ctx = Pick<Context, 'config' | 'store' | 'clock'>

/**
 * A link with which whoever sees the server's terminal becomes its first owner: 256 random bits, for one use within a
 * day. Nothing else makes an owner of nobody, and no password exists before somebody chooses one.
 * @returns undefined when there is an owner already
 */
export async function issueFirstOwnerLink(ctx: Ctx): Promise<string | undefined> {
  const { db } = ctx.store
  if (await hasOwner(db)) return undefined
  const token = randomSecret()
  const now = ctx.clock()
  await insertFirstOwnerTicket(db, token, { now, expiresAt: now + lifetimeMs })
  const url = new URL(setupPath, ctx.config.issuer)
  url.searchParams.set('ticket', token)
  return url.href
}

/** Whether the link can still be used: once, within its day, and only while there is no owner. */
export async function isFirstOwnerLinkOpen(ctx: Ctx, token: string): Promise<boolean> {
  const { db } = ctx.store
  return (await hasFirstOwnerTicket(db, token, ctx.clock())) && !(await hasOwner(db))
}

export type FirstOwnerOutcome =
  | { user: User }
  | { refused: 'link' }
  | { refused: 'invalid' | 'exists' }
  | { refused: 'weak'; problem: PasswordProblem }
  | { refused: 'busy'; retryAfterSeconds: number }

interface Wish {
  token: string
  email: string
  password: string
  ip: string
  userAgent: string | undefined
}

/** Opens the first account and makes it an owner: all of it, or nothing and the link stays good. */
export async function createFirstOwner(ctx: Ctx, wish: Wish): Promise<FirstOwnerOutcome> {
  if (!(await isFirstOwnerLinkOpen(ctx, wish.token))) return { refused: 'link' }
  const email = emailKey(wish.email)
  if (!emailSchema.safeParse(email).success) return { refused: 'invalid' }
  const connection = await findConnection(ctx.store.db, defaultConnectionName)
  if (!connection) throw new Error(`The connection ${defaultConnectionName} is missing`)
  try {
    const prepared = await preparePassword(wish.password, connection.options, { email })
    if ('problem' in prepared) return { refused: 'weak', problem: prepared.problem }
    return await ctx.store.transaction(async (tx) => {
      const inside = within(ctx, tx)
      const roleId = await lockOwnerRole(tx)
      if ((await hasOwner(tx)) || !(await useFirstOwnerTicket(tx, wish.token, ctx.clock())))
        return { refused: 'link' } as const
      const user = await createUser(inside, {
        connection: connection.name,
        email,
        emailVerified: true,
        passwordHash: prepared.hash,
      })
      await assignRoles(inside, user.userId, [roleId])
      await writeLog(tx, {
        type: 'ss',
        description: 'The first owner was set up with the link from the terminal',
        date: ctx.clock(),
        userId: user.userId,
        userName: user.email,
        connection: connection.name,
        ip: wish.ip,
        userAgent: wish.userAgent,
      })
      return { user }
    })
  } catch (error) {
    if (error instanceof BusyError) return { refused: 'busy', retryAfterSeconds: error.retryAfterSeconds }
    if (error instanceof ApiError && error.statusCode === 409) return { refused: 'exists' }
    throw error
  }
}
