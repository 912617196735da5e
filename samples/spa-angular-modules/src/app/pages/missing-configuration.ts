import { Component, InjectionToken, inject } from '@angular/core'
import type { Problem } from '../configuration'

export const PROBLEMS = new InjectionToken<Problem[]>('problems')

/** What a developer sees instead of a blank page while the client lacks its settings. */
@Component({
  selector: 'app-root',
  standalone: false,
  template: `
    <main class="standalone">
      <app-logo />
      <app-page-frame title="Missing configuration">
        <p lead class="lead">
          This client cannot start yet. Set these variables in its environment or in <code>.env</code>, as
          <code>.env.example</code> shows, then build it or start it again.
        </p>
        <div role="alert">
          <dl class="problems">
            @for (problem of problems; track problem.variable) {
              <div>
                <dt>
                  <code>{{ problem.variable }}</code>
                </dt>
                <dd>{{ problem.message }}</dd>
              </div>
            }
          </dl>
        </div>
      </app-page-frame>
    </main>
  `,
})
export class MissingConfigurationPage {
  protected readonly problems = inject(PROBLEMS)
}
