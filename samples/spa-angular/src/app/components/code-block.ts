import { Component, computed, input } from '@angular/core'
import { jsonTokens } from '../json-tokens'

let blocks = 0

/** A titled block of JSON. An element with the attribute `note` is shown next to the title. */
@Component({
  selector: 'app-code-block',
  template: `
    <section class="code-block" [attr.aria-labelledby]="titleId">
      <header>
        <h2 [id]="titleId">{{ title() }}</h2>
        <ng-content select="[note]" />
      </header>
      <div class="code-block-body" aria-live="polite">
        @if (json() === undefined) {
          <ng-content />
        } @else {
          <pre><code>@for (token of tokens(); track $index) {<span [class]="token.kind && 'json-' + token.kind">{{ token.text }}</span>}</code></pre>
        }
      </div>
    </section>
  `,
})
export class CodeBlock {
  readonly title = input.required<string>()
  /** Printed when present; until then the content is shown. */
  readonly json = input<unknown>()

  protected readonly titleId = `code-block-${(blocks += 1)}`
  protected readonly tokens = computed(() => jsonTokens(JSON.stringify(this.json(), null, 2)))
}
