import { Component, effect, inject, input } from '@angular/core'
import { Title } from '@angular/platform-browser'

/** A page's title, in the tab and as its heading. An element with the attribute `lead` says what it is about. */
@Component({
  selector: 'app-page-frame',
  template: `
    <div class="page">
      <h1>{{ title() }}</h1>
      <ng-content select="[lead]" />
      <ng-content />
    </div>
  `,
})
export class PageFrame {
  readonly title = input.required<string>()

  constructor() {
    const title = inject(Title)
    effect(() => title.setTitle(`${this.title()} · Rolecall Hello World`))
  }
}
