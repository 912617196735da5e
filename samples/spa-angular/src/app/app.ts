import { afterNextRender, Component, type ElementRef, Injector, inject, viewChild } from '@angular/core'
import { takeUntilDestroyed } from '@angular/core/rxjs-interop'
import { NavigationEnd, Router, RouterLink, RouterLinkActive, RouterOutlet } from '@angular/router'
import { filter, skip } from 'rxjs'
import { AppLogo } from './components/app-logo'
import { FailureNotice } from './components/failure-notice'
import { PageFrame } from './components/page-frame'
import { SessionButtons } from './components/session-buttons'
import { CONFIGURATION } from './configuration.token'
import { Session } from './session'
import { ShownErrors } from './shown-errors'

@Component({
  selector: 'app-root',
  imports: [AppLogo, FailureNotice, PageFrame, RouterLink, RouterLinkActive, RouterOutlet, SessionButtons],
  template: `
    <a class="skip-link" [href]="router.url + '#main'">Skip to the content</a>
    <header class="header">
      <div class="header-row">
        <a routerLink="/" class="brand">
          <app-logo />
          <span>Rolecall <span class="brand-part">Hello World</span></span>
        </a>
        <nav class="tabs" aria-label="Main">
          <a routerLink="/profile" routerLinkActive="active" ariaCurrentWhenActive="page">Profile</a>
          <a routerLink="/public" routerLinkActive="active" ariaCurrentWhenActive="page">Public</a>
          @if (session.isAuthenticated()) {
            <a routerLink="/protected" routerLinkActive="active" ariaCurrentWhenActive="page">Protected</a>
            <a routerLink="/admin" routerLinkActive="active" ariaCurrentWhenActive="page">Admin</a>
          }
        </nav>
        <app-session-buttons />
      </div>
    </header>
    <main id="main" #main tabindex="-1">
      @if (session.failed(); as failed) {
        <app-failure-notice [failure]="failed.cause" action="Try again" (act)="failed.retry()" />
      }
      @if (errors.last(); as error) {
        <app-page-frame title="This page failed"><app-failure-notice [failure]="error" /></app-page-frame>
      }
      <div [hidden]="errors.last() !== undefined"><router-outlet /></div>
    </main>
    <footer class="footer">
      <dl>
        <div>
          <dt>Authorization server</dt>
          <dd>{{ configuration.authorizationServer }}</dd>
        </div>
        <div>
          <dt>API server</dt>
          <dd>{{ configuration.apiServerUrl }}</dd>
        </div>
      </dl>
    </footer>
  `,
})
export class App {
  readonly #injector = inject(Injector)
  protected readonly router = inject(Router)
  protected readonly session = inject(Session)
  protected readonly errors = inject(ShownErrors)
  protected readonly configuration = inject(CONFIGURATION)
  private readonly main = viewChild.required<ElementRef<HTMLElement>>('main')

  constructor() {
    this.router.events
      .pipe(
        filter((event) => event instanceof NavigationEnd),
        skip(1),
        takeUntilDestroyed(),
      )
      .subscribe(() => {
        this.session.failed.set(undefined)
        this.errors.last.set(undefined)
        // A screen reader announces a new page when the focus moves to it.
        afterNextRender(() => this.main().nativeElement.focus(), { injector: this.#injector })
      })
  }
}
