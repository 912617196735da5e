import type { FactorPolicy } from '@rolecall/contract'
import type { Context } from '../context.ts'
import type { User } from '../users/user.ts'
import { isKey, listMethods } from './store.ts'
import { relyingPartyOf } from './webauthn.ts'

/** What the second step of a log-in accepts: a security key or passkey, a code of an app, a recovery code. */
export type StepKind = 'key' | 'totp' | 'recovery'

/** What the user has, and the tenant allows. The first is asked for unless the user chooses another. */
export async function usableKinds(
  { store, config }: Pick<Context, 'store' | 'config'>,
  user: Pick<User, 'userId'>,
  { factors }: FactorPolicy,
): Promise<StepKind[]> {
  const methods = await listMethods(store.db, user.userId)
  const has: Record<StepKind, boolean> = {
    key: factors['webauthn-roaming'] && relyingPartyOf(config) !== undefined && methods.some(isKey),
    totp: factors.otp && methods.some(({ type }) => type === 'totp'),
    recovery: factors['recovery-code'] && methods.some(({ type }) => type === 'recovery'),
  }
  return (['key', 'totp', 'recovery'] as const).filter((kind) => has[kind])
}
