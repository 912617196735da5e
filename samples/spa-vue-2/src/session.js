import { Auth0Client } from '@auth0/auth0-spa-js'
import Vue from 'vue'
import { authorizationServerUnreachable, loginFailure, tokenFailure } from './failure.js'

/** Auth0's SDK as reactive state. Every component reaches it as `this.$session`. */
export function createSession(configuration, router) {
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
  let leaving = false

  return new Vue({
    data: {
      user: undefined,
      isLoading: true,
      /** Why coming back from the authorization server did not end in a session. */
      loginError: undefined,
      /** Why the browser could not leave for the authorization server, and how to try again. */
      failed: undefined,
    },
    created() {
      void this.restore()
    },
    methods: {
      async restore() {
        try {
          const query = new URLSearchParams(window.location.search)
          if (query.has('state') && (query.has('code') || query.has('error'))) {
            const { appState } = await client.handleRedirectCallback()
            this.user = await client.getUser()
            await router.replace(appState?.target ?? '/profile')
          } else {
            await client.checkSession()
            this.user = await client.getUser()
          }
        } catch (cause) {
          this.loginError = loginFailure(authorizationServer, cause)
          if (router.currentRoute.fullPath !== '/callback') await router.replace('/callback')
        } finally {
          this.isLoading = false
        }
      },
      async leave(redirect) {
        // The SDK keeps one log-in at a time: a second one would break the first.
        if (leaving) return
        leaving = true
        this.failed = undefined
        try {
          await expectAnswer(authorizationServer)
          await redirect()
        } catch (cause) {
          this.failed = { cause, retry: () => void this.leave(redirect) }
        } finally {
          leaving = false
        }
      },
      goToLogIn(target, authorizationParams = {}) {
        return this.leave(() => client.loginWithRedirect({ appState: { target }, authorizationParams }))
      },
      /** For a page that needs a log-in: an existing session is used without asking. */
      continueTo(target) {
        return this.goToLogIn(target)
      },
      /** For the button: asks for the password even if there is a session. */
      logIn() {
        return this.goToLogIn('/profile', { prompt: 'login' })
      },
      signUp() {
        return this.goToLogIn('/profile', { prompt: 'login', screen_hint: 'signup' })
      },
      logOut() {
        return this.leave(() => client.logout({ logoutParams: { returnTo: window.location.origin } }))
      },
      /** The current access token, or with `renew` a new one. @throws {Failure} */
      async getAccessToken(renew) {
        try {
          return await client.getTokenSilently({ cacheMode: renew ? 'off' : 'on' })
        } catch (cause) {
          throw tokenFailure(authorizationServer, cause)
        }
      },
    },
  })
}

/** Without this check a visitor would lose the page to the browser's own error page while the server is down. */
async function expectAnswer(authorizationServer) {
  try {
    await fetch(`${authorizationServer}/.well-known/openid-configuration`, {
      cache: 'no-store',
      signal: AbortSignal.timeout(5_000),
    })
  } catch (cause) {
    throw authorizationServerUnreachable(authorizationServer, cause)
  }
}
