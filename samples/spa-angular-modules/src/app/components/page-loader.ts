import { Component, input } from '@angular/core'

@Component({
  selector: 'app-page-loader',
  standalone: false,
  template: `<output class="loader"><span class="spinner" aria-hidden="true"></span>{{ label() }}</output>`,
})
export class PageLoader {
  readonly label = input.required<string>()
}
