import type { Auth0Plugin } from '@auth0/auth0-vue'
import { type Plugin, reactive } from 'vue'
import { authorizationServerUnreachable } from './failure.ts'

/** The three ways to the authorization server. Each ends with the browser leaving, or with `failed`. */
export interface Session {
  /** Why the browser could not leave for the authorization server, and how to try again. */
  failed: { cause: unknown; retry: () => void } | undefined
  /** For a page that needs a log-in: an existing session is used without asking. */
  continueTo(target: string): Promise<void>
  /** For the button: asks for the password even if there is a session. */
  logIn(): Promise<void>
  signUp(): Promise<void>
  logOut(): Promise<void>
}

/** Gives every component `this.$session`. */
export function createSession(auth0: Auth0Plugin, authorizationServer: string): Plugin {
  let leaving = false

  async function leave(redirect: () => Promise<void>): Promise<void> {
    // The SDK keeps one log-in at a time: a second one would break the first.
    if (leaving) return
    leaving = true
    session.failed = undefined
    try {
      await expectAnswer(authorizationServer)
      await redirect()
    } catch (cause) {
      session.failed = { cause, retry: () => void leave(redirect) }
    } finally {
      leaving = false
    }
  }

  const session: Session = reactive({
    failed: undefined,
    continueTo: (target: string) => leave(() => auth0.loginWithRedirect({ appState: { target } })),
    logIn: () =>
      leave(() =>
        auth0.loginWithRedirect({
          appState: { target: '/profile' },
          authorizationParams: { prompt: 'login' },
        }),
      ),
    signUp: () =>
      leave(() =>
        auth0.loginWithRedirect({
          appState: { target: '/profile' },
          authorizationParams: { prompt: 'login', screen_hint: 'signup' },
        }),
      ),
    logOut: () => leave(() => auth0.logout({ logoutParams: { returnTo: window.location.origin } })),
  })
  return { install: (app) => void (app.config.globalProperties.$session = session) }
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
