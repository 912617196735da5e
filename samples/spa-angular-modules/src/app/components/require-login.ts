import { Component, effect, inject } from '@angular/core'
import { Router } from '@angular/router'
import { Session } from '../session'

/** Guards the pages below it: a visitor is sent to log in and comes back to the page they asked for. */
@Component({
  selector: 'app-require-login',
  standalone: false,
  template: `
    @if (session.isAuthenticated()) {
      <router-outlet />
    } @else if (session.failed()) {
      <app-page-frame title="Log in to see this page" />
    } @else {
      <app-page-loader
        [label]="session.isLoading() ? 'Looking for your session…' : 'Taking you to log in…'"
      />
    }
  `,
})
export class RequireLogin {
  protected readonly session = inject(Session)

  constructor() {
    const router = inject(Router)
    effect(() => {
      const { isLoading, isAuthenticated, failed } = this.session
      if (!isLoading() && !isAuthenticated() && !failed()) void this.session.continueTo(router.url)
    })
  }
}
