import { Component, computed, input, output } from '@angular/core'
import { Failure } from '../failure'

@Component({
  selector: 'app-failure-notice',
  template: `
    <div class="notice" role="alert">
      <p class="notice-title">{{ title() }}</p>
      <p>{{ message() }}</p>
      @if (action(); as label) {
        <button type="button" class="button" (click)="act.emit()">{{ label }}</button>
      }
    </div>
  `,
})
export class FailureNotice {
  readonly failure = input.required<unknown>()
  /** Label of the button that offers a way on. */
  readonly action = input<string>()
  readonly act = output()

  protected readonly title = computed(() => {
    const failure = this.failure()
    return failure instanceof Failure ? failure.title : 'Something went wrong'
  })
  protected readonly message = computed(() => {
    const failure = this.failure()
    return failure instanceof Error ? failure.message : String(failure)
  })
}
