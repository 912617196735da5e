import { Component, computed, effect, inject } from '@angular/core'
import { Router } from '@angular/router'
import { CONFIGURATION } from '../configuration.token'
import { loginFailure } from '../failure'
import { Session } from '../session'

/** The SDK redeems the code and opens the next page. This page shows progress and failure. */
@Component({
  selector: 'app-callback',
  standalone: false,
  template: `
    @if (failure(); as failure) {
      <app-page-frame title="Log-in not completed">
        <app-failure-notice [failure]="failure" action="Try again" (act)="session.logIn()" />
      </app-page-frame>
    } @else {
      <app-page-loader label="Completing your log-in…" />
    }
  `,
})
export class CallbackPage {
  readonly #authorizationServer = inject(CONFIGURATION).authorizationServer
  protected readonly session = inject(Session)
  protected readonly failure = computed(() => {
    const error = this.session.error()
    return error && loginFailure(this.#authorizationServer, error)
  })

  constructor() {
    const router = inject(Router)
    const returning = new URLSearchParams(window.location.search).has('state')
    effect(() => {
      if (this.session.isLoading() || returning || this.failure()) return
      void router.navigateByUrl(this.session.isAuthenticated() ? '/profile' : '/', { replaceUrl: true })
    })
  }
}
