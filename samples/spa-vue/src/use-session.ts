import { useAuth0 } from '@auth0/auth0-vue'
import { shallowRef } from 'vue'
import { authorizationServerUnreachable } from './failure.ts'
import { useConfiguration } from './use-configuration.ts'

/** Why the browser could not leave for the authorization server, and how to try again. */
const failed = shallowRef<{ cause: unknown; retry: () => void }>()
let leaving = false

/** The three ways to the authorization server. Each ends with the browser leaving, or with `failed`. */
export function useSession() {
  const { loginWithRedirect, logout } = useAuth0()
  const { authorizationServer } = useConfiguration()

  async function leave(redirect: () => Promise<void>): Promise<void> {
    // The SDK keeps one log-in at a time: a second one would break the first.
    if (leaving) return
    leaving = true
    failed.value = undefined
    try {
      await expectAnswer(authorizationServer)
      await redirect()
    } catch (cause) {
      failed.value = { cause, retry: () => void leave(redirect) }
    } finally {
      leaving = false
    }
  }

  return {
    failed,
    /** For a page that needs a log-in: an existing session is used without asking. */
    continueTo: (target: string) => leave(() => loginWithRedirect({ appState: { target } })),
    /** For the button: asks for the password even if there is a session. */
    logIn: () =>
      leave(() =>
        loginWithRedirect({ appState: { target: '/profile' }, authorizationParams: { prompt: 'login' } }),
      ),
    signUp: () =>
      leave(() =>
        loginWithRedirect({
          appState: { target: '/profile' },
          authorizationParams: { prompt: 'login', screen_hint: 'signup' },
        }),
      ),
    logOut: () => leave(() => logout({ logoutParams: { returnTo: window.location.origin } })),
  }
}

/** Without this check a visitor would lose the page to the browser's own error page while the server is down. */
async function expectAnswer(authorizationServer: string): Promise<void> {
  try {
    await fetch(`${authorizationServer}/.well-known/openid-configuration`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(5_000),
    })
  } catch (cause) {
    throw authorizationServerUnreachable(authorizationServer, cause)
  }
}
