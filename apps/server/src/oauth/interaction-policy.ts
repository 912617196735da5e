import { interactionPolicy } from 'oidc-provider'
import type { Context } from '../context.ts'
import { emailKey, nameKey } from '../store/canonical.ts'
import { findUser } from '../users/store.ts'
import { text } from './request.ts'
import { tenantOf } from './tenant-rules.ts'

const { Check, Prompt, base } = interactionPolicy

/** The reason of a log-in whose user is signed in by a connection that the application does not accept. */
export const connectionDisabled = 'connection_disabled'

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
    new Check('session_too_old', 'End-User authentication is required', 'login_required', (request) => {
      const { session } = request.oidc
      return (
        Boolean(session?.loginTs) &&
        ctx.clock() / 1000 > (session?.loginTs ?? 0) + tenantOf(request).sessionSeconds
      )
    }),
  )
  login?.checks.add(
    new Check('other_user', 'The requested user is not signed in', 'login_required', async ({ oidc }) => {
      const [hint, connection] = [text(oidc.params, 'login_hint'), text(oidc.params, 'connection')]
      const userId = oidc.session?.accountId
      if (!userId || oidc.result?.login || !(hint || connection)) return false
      const user = await findUser(ctx.store.db, userId)
      if (!user) return true
      const isNamed =
        emailKey(hint) === emailKey(user.email) || nameKey(hint) === nameKey(user.username ?? user.email)
      return (hint !== '' && !isNamed) || (connection !== '' && user.connection !== connection)
    }),
  )
  // Auth0 lets first-party native applications in without a consent page; PKCE binds the code to its asker.
  policy.get('consent')?.checks.remove('native_client_prompt')
  policy.add(new Prompt({ name: 'select_account', requestable: true }), 0)
  return policy
}
