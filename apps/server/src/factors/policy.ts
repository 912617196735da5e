import type { FactorPolicy } from '@rolecall/contract'
import { isOwner } from '../roles/owners.ts'
import { heldRoleIds } from '../roles/store.ts'
import type { Db } from '../store/store.ts'
import type { User } from '../users/user.ts'

/** The `acr` of a log-in with two factors (OpenID PAPE 1.0 §4), as Auth0 has it. */
export const multiFactor = 'http://schemas.openid.net/pape/policies/2007/06/multi-factor'

/** Whether the second step is switched off: by the policy, or because there is no factor to set up. */
export function isOff({ policy, factors }: FactorPolicy): boolean {
  return policy === 'never' || !(factors.otp || factors['webauthn-roaming'])
}

/**
 * Whether the policy requires a second factor of the user. Rows are read only for requirements that are set.
 * @param apis the identifiers of the APIs that a token is requested for
 */
export async function isSecondFactorRequired(
  db: Db,
  policy: FactorPolicy,
  user: Pick<User, 'userId'>,
  apis: readonly string[] = [],
): Promise<boolean> {
  if (isOff(policy)) return false
  if (policy.policy === 'required') return true
  if (apis.some((api) => policy.apis.includes(api))) return true
  if (policy.roles.length > 0 && (await heldRoleIds(db, user.userId, policy.roles)).length > 0) return true
  return policy.owners && (await isOwner(db, user.userId))
}

/** Whether a log-in of the user has a second step: where it is required, and for everyone who has set a factor up. */
export async function needsSecondStep(
  db: Db,
  policy: FactorPolicy,
  user: Pick<User, 'userId' | 'secondFactor'>,
  apis: readonly string[] = [],
): Promise<boolean> {
  if (isOff(policy)) return false
  return user.secondFactor || isSecondFactorRequired(db, policy, user, apis)
}
