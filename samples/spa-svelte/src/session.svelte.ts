import { Auth0Client, type User } from '@auth0/auth0-spa-js'
import { createContext } from 'svelte'
import type { Configuration } from './configuration.ts'
import { authorizationServerUnreachable, loginFailure, tokenFailure } from './failure.ts'
import { navigate } from './router.svelte.ts'

interface AppState {
  /** Path to open after the log-in. */
  target: string
}

export type Session = ReturnType<typeof createSession>

/** Any component below `App` gets the session by `getSession()`. */
export const [getSession, setSession] = createContext<Session>()

/** Auth0's SDK as reactive state. */
export function createSession(configuration: Configuration) {
  const { authorizationServer, clientId, callbackUrl, audience, useRefreshTokens } = configuration
  const client = new Auth0Client({
    domain: authorizationServer,
    clientId,
    authorizationParams: { redirect_uri: callbackUrl, audience },
    // The SDK waits 60 s for a server that does not answer, which looks like a hang.
    authorizeTimeoutInSeconds: 15,
    // A refresh token in memory is lost on reload, so this way of renewal needs localStorage.
    useRefreshTokens,
    useRefreshTokensFallback: useRefreshTokens,
    cacheLocation: useRefreshTokens ? 'localstorage' : 'memory',
  })
  let user = $state.raw<User>()
  let isLoading = $state(true)
  /** Why coming back from the authorization server did not end in a session. */
  let loginError = $state.raw<Error>()
  /** Why the browser could not leave for the authorization server, and how to try again. */
  let failed = $state.raw<{ cause: unknown; retry: () => void }>()
  let leaving = false

  async function restore(): Promise<void> {
    try {
      const query = new URLSearchParams(window.location.search)
      if (query.has('state') && (query.has('code') || query.has('error'))) {
        const { appState } = await client.handleRedirectCallback<AppState>()
        navigate(appState?.target ?? '/profile', { replace: true })
      } else await client.checkSession()
      user = await client.getUser()
    } catch (cause) {
      loginError = loginFailure(
        authorizationServer,
        cause instanceof Error ? cause : new Error(String(cause)),
      )
      navigate('/callback', { replace: true })
    } finally {
      isLoading = false
    }
  }

  async function leave(redirect: () => Promise<void>): Promise<void> {
    // The SDK keeps one log-in at a time: a second one would break the first.
    if (leaving) return
    leaving = true
    failed = undefined
    try {
      await expectAnswer(authorizationServer)
      await redirect()
    } catch (cause) {
      failed = { cause, retry: () => void leave(redirect) }
    } finally {
      leaving = false
    }
  }

  function goToLogIn(target: string, authorizationParams: { prompt?: 'login'; screen_hint?: 'signup' } = {}) {
    return leave(() => client.loginWithRedirect<AppState>({ appState: { target }, authorizationParams }))
  }

  void restore()
  return {
    configuration,
    get user() {
      return user
    },
    get isLoading() {
      return isLoading
    },
    get loginError() {
      return loginError
    },
    get failed() {
      return failed
    },
    clearFailure() {
      failed = undefined
    },
    /** For a page that needs a log-in: an existing session is used without asking. */
    continueTo: (target: string) => goToLogIn(target),
    /** For the button: asks for the password even if there is a session. */
    logIn: () => goToLogIn('/profile', { prompt: 'login' }),
    signUp: () => goToLogIn('/profile', { prompt: 'login', screen_hint: 'signup' }),
    logOut: () => leave(() => client.logout({ logoutParams: { returnTo: window.location.origin } })),
    /** The current access token, or with `renew` a new one. @throws {Failure} */
    async getAccessToken(renew: boolean): Promise<string | undefined> {
      try {
        return await client.getTokenSilently({ cacheMode: renew ? 'off' : 'on' })
      } catch (cause) {
        throw tokenFailure(authorizationServer, cause)
      }
    },
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
