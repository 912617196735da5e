import { interactionPolicy } from 'oidc-provider'
import { findConnection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { listIdentities } from '../identities/store.ts'
import { emailKey, nameKey } from '../store/canonical.ts'
import type { Db } from '../store/store.ts'
import type { User } from '../users/user.ts'
import { userOf } from './account.ts'
import { mfaDescription } from './log-in-facts.ts'
import { text } from './request.ts'
import { lacksSecondStep } from './second-factor.ts'
import { isTooOld } from './session-model.ts'
import { tenantOf } from './tenant-rules.ts'

const { Check, Prompt, base } = interactionPolicy

/** The reason of a log-in whose user is signed in by a connection that the application does not accept. */
export const connectionDisabled = 'connection_disabled'

/** The reason of a log-in whose user is signed in with a password alone, where that is not enough. */
export const secondFactorMissing = 'second_factor'

/** When a person is asked: to log in, to choose an account (which is to log in), to consent. */
export function createInteractionPolicy(ctx: Context): interactionPolicy.DefaultPolicy {
  const policy = base()
  const login = policy.get('login')
  login?.checks.add(
    new Check(
      'account_gone',
      'End-User authentication is required',
      'login_required',
      ({ oidc }) => Boolean(oidc.session?.accountId) && !oidc.account,
    ),
  )
  login?.checks.add(
    new Check(
      connectionDisabled,
      'End-User authentication is required',
      'login_required',
      ({ oidc }) => oidc.account?.['accepted'] === false,
    ),
  )
  login?.checks.add(
    new Check('session_too_old', 'End-User authentication is required', 'login_required', (request) =>
      isTooOld(request.oidc.session, ctx.clock(), tenantOf(request).sessionSeconds),
    ),
  )
  login?.checks.add(
    new Check('other_user', 'The requested user is not signed in', 'login_required', async ({ oidc }) => {
      if (!oidc.session?.accountId || oidc.result?.login) return false
      const user = userOf(oidc.account)
      if (!user) return false
      const connection = text(oidc.params, 'connection')
      return (
        !isHinted(user, text(oidc.params, 'login_hint')) ||
        !(await logsInWith(ctx.store.db, user, connection))
      )
    }),
  )
  login?.checks.add(
    new Check(secondFactorMissing, mfaDescription, 'login_required', (request) =>
      lacksSecondStep(ctx, request),
    ),
  )
  // Auth0 lets first-party native applications in without a consent page; PKCE binds the code to its asker.
  policy.get('consent')?.checks.remove('native_client_prompt')
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0)
  return policy
}

/** Whether the user is the one that `login_hint` names. An empty parameter is no condition. */
function isHinted(user: User, hint: string): boolean {
  if (hint === '') return true
  return emailKey(hint) === emailKey(user.email) || nameKey(hint) === nameKey(user.username ?? user.email)
}

/** Whether the user logs in with a connection: it is the user's own, or one of an account at another provider. */
async function logsInWith(db: Db, user: User, name: string): Promise<boolean> {
  if (name === '' || user.connection === name) return true
  const connection = await findConnection(db, name)
  const identities = await listIdentities(db, user.userId)
  return identities.some(({ connectionId }) => connectionId === connection?.id)
}
