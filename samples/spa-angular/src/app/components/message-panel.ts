import {
  booleanAttribute,
  Component,
  computed,
  inject,
  input,
  type OnDestroy,
  type OnInit,
  signal,
} from '@angular/core'
import { Router } from '@angular/router'
import { CONFIGURATION } from '../configuration.token'
import { SessionEnded } from '../failure'
import { type Answer, fetchMessage } from '../messages'
import { Session } from '../session'
import { CodeBlock } from './code-block'
import { FailureNotice } from './failure-notice'
import { PageLoader } from './page-loader'

/** Asks the API for a message and prints the JSON it answers, success or refusal. */
@Component({
  selector: 'app-message-panel',
  imports: [CodeBlock, FailureNotice, PageLoader],
  template: `
    <app-code-block [title]="title()" [json]="answer()?.body">
      <p note class="code-block-note">
        <code>GET {{ path() }}</code>
        @if (answer(); as answer) {
          <span class="status" [attr.data-granted]="answer.status < 400">{{ answer.status }}</span>
        }
      </p>
      @if (failure() === undefined) {
        <app-page-loader label="Asking the API…" />
      } @else {
        <app-failure-notice
          [failure]="failure()"
          [action]="sessionEnded() ? 'Log in again' : 'Try again'"
          (act)="tryAgain()"
        />
      }
    </app-code-block>
  `,
})
export class MessagePanel implements OnInit, OnDestroy {
  readonly title = input.required<string>()
  /** Path of the message on the API server. */
  readonly path = input.required<string>()
  /** Whether the request carries the visitor's access token. */
  readonly withAccessToken = input(false, { transform: booleanAttribute })

  readonly #session = inject(Session)
  readonly #router = inject(Router)
  readonly #apiServerUrl = inject(CONFIGURATION).apiServerUrl
  readonly #controller = new AbortController()

  protected readonly answer = signal<Answer | undefined>(undefined)
  protected readonly failure = signal<unknown>(undefined)
  protected readonly sessionEnded = computed(() => this.failure() instanceof SessionEnded)

  ngOnInit(): void {
    void this.#ask()
  }

  ngOnDestroy(): void {
    this.#controller.abort()
  }

  protected tryAgain(): void {
    void (this.sessionEnded() ? this.#session.continueTo(this.#router.url) : this.#ask())
  }

  async #ask(): Promise<void> {
    this.failure.set(undefined)
    try {
      const getAccessToken = this.withAccessToken()
        ? (renew: boolean) => this.#session.getAccessToken(renew)
        : undefined
      const { signal: aborted } = this.#controller
      this.answer.set(await fetchMessage(this.#apiServerUrl, this.path(), getAccessToken, aborted))
    } catch (cause) {
      this.failure.set(cause)
    }
  }
}
