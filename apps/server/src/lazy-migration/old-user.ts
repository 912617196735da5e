import { importedUser } from '@rolecall/contract'
import { z } from 'zod'
import type { PermissionRef } from '../apis/permission-refs.ts'
import { findInputProblem } from '../http/input-bounds.ts'
import { emailKey } from '../store/canonical.ts'
import type { NewUser } from '../users/user.ts'
import { userFromWire } from '../users/wire.ts'

/** A user as the other server describes them. */
export interface OldUser {
  profile: Omit<NewUser, 'connection' | 'passwordHash' | 'passwordScheme'>
  /** Names of roles. */
  roles: readonly string[]
  /** Permissions that they hold without a role. */
  permissions: readonly PermissionRef[]
}

/**
 * - `wrong`: there is no such user, or the password is wrong.
 * - `not_moved`: there is a reason why the user may not be moved by a password alone.
 * - `unavailable`: the other server did not answer, or not with what it should.
 * - `busy`: the other server was not asked.
 *
 * `reason` is for the log, without secrets. `pauseSeconds`: the other server wants no requests for this time.
 */
export type Refusal =
  | { refused: 'wrong'; reason: string }
  | { refused: 'not_moved'; reason: string }
  | { refused: 'unavailable' | 'busy'; reason: string; retryAfterSeconds: number; pauseSeconds?: number }

export type Answer = { user: OldUser } | Refusal

export const unavailable = (reason: string, pauseSeconds = 0): Refusal => ({
  refused: 'unavailable',
  reason,
  retryAfterSeconds: pauseSeconds || 10,
  ...(pauseSeconds > 0 && { pauseSeconds }),
})

const names = z.array(z.string().max(255)).max(1_000)

/**
 * Checks the user by the rules of an import.
 * @param email the address that was asked for. A server that answers for another one must not open its account
 */
export function readOldUser(
  given: object,
  email: string,
  { roles, permissions = [] }: { roles: unknown; permissions?: readonly PermissionRef[] },
): Answer {
  const problem = findInputProblem(given)
  if (problem !== undefined) return unavailable(`The user that it answered is invalid: ${problem}`)
  const present = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
  const parsed = importedUser.safeParse(present)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    return unavailable(
      `The user that it answered is invalid: ${issue?.path.join('.')} ${issue?.message ?? ''}`,
    )
  }
  const user = parsed.data
  if (emailKey(user.email) !== emailKey(email))
    return { refused: 'wrong', reason: 'It answered for another address' }
  if ((user.mfa_factors ?? []).length > 0) return secondFactor
  const named = names.safeParse(roles ?? [])
  if (!named.success) return unavailable('The roles that it answered are not a list of names')
  const { connection: _, ...profile } = userFromWire({ ...user, connection: '' })
  return { user: { profile, roles: named.data, permissions } }
}

/** A move would let the person log in without it. */
export const secondFactor: Refusal = {
  refused: 'not_moved',
  reason: 'The account has a second factor at the other server',
}
