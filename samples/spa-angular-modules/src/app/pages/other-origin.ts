import { Component, InjectionToken, inject } from '@angular/core'

export const HOME = new InjectionToken<string>('home')

/** Shown when the client was opened at an address that the authorization server does not send back to. */
@Component({
  selector: 'app-root',
  standalone: false,
  template: `
    <main class="standalone">
      <app-logo />
      <app-page-frame title="Open this client at its own address">
        <p lead class="lead">
          You are at <code>{{ origin }}</code
          >, but <code>NG_APP_AUTH0_CALLBACK_URL</code> says that this client lives at <code>{{ home }}</code
          >. Logging in works only there.
        </p>
        <p>
          <a [href]="home + pathname">Go to {{ home }}</a>
        </p>
      </app-page-frame>
    </main>
  `,
})
export class OtherOriginPage {
  protected readonly home = inject(HOME)
  protected readonly origin = window.location.origin
  protected readonly pathname = window.location.pathname
}
