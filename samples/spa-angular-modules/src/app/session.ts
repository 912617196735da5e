import { Injectable, inject, signal } from '@angular/core'
import { toSignal } from '@angular/core/rxjs-interop'
import { AuthService } from '@auth0/auth0-angular'
import { firstValueFrom, type Observable } from 'rxjs'
import { CONFIGURATION } from './configuration.token'
import { authorizationServerUnreachable, tokenFailure } from './failure'

/** Who is logged in, and the three ways to the authorization server. */
@Injectable({ providedIn: 'root' })
export class Session {
  readonly #auth = inject(AuthService)
  readonly #authorizationServer = inject(CONFIGURATION).authorizationServer
  #leaving = false

  readonly isLoading = toSignal(this.#auth.isLoading$, { initialValue: true })
  readonly isAuthenticated = toSignal(this.#auth.isAuthenticated$, { initialValue: false })
  readonly user = toSignal(this.#auth.user$)
  /** Why coming back from the authorization server did not end in a session. */
  readonly error = toSignal(this.#auth.error$)
  /** Why the browser could not leave for the authorization server, and how to try again. */
  readonly failed = signal<{ cause: unknown; retry: () => void } | undefined>(undefined)

  /** For a page that needs a log-in: an existing session is used without asking. */
  continueTo(target: string): Promise<void> {
    return this.#leave(() => this.#auth.loginWithRedirect({ appState: { target } }))
  }

  /** For the button: asks for the password even if there is a session. */
  logIn(): Promise<void> {
    return this.#leave(() =>
      this.#auth.loginWithRedirect({
        appState: { target: '/profile' },
        authorizationParams: { prompt: 'login' },
      }),
    )
  }

  signUp(): Promise<void> {
    return this.#leave(() =>
      this.#auth.loginWithRedirect({
        appState: { target: '/profile' },
        authorizationParams: { prompt: 'login', screen_hint: 'signup' },
      }),
    )
  }

  logOut(): Promise<void> {
    return this.#leave(() => this.#auth.logout({ logoutParams: { returnTo: window.location.origin } }))
  }

  /** The current access token, or with `renew` a new one. @throws {Failure} */
  async getAccessToken(renew: boolean): Promise<string | undefined> {
    try {
      return await firstValueFrom(this.#auth.getAccessTokenSilently({ cacheMode: renew ? 'off' : 'on' }))
    } catch (cause) {
      throw tokenFailure(this.#authorizationServer, cause)
    }
  }

  async #leave(redirect: () => Observable<void>): Promise<void> {
    // The SDK keeps one log-in at a time: a second one would break the first.
    if (this.#leaving) return
    this.#leaving = true
    this.failed.set(undefined)
    try {
      await expectAnswer(this.#authorizationServer)
      await firstValueFrom(redirect(), { defaultValue: undefined })
    } catch (cause) {
      this.failed.set({ cause, retry: () => void this.#leave(redirect) })
    } finally {
      this.#leaving = false
    }
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
