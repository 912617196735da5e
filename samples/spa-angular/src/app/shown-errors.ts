import { type ErrorHandler, Injectable, signal } from '@angular/core'

/** Keeps the last unexpected error, so that the page can show it. */
@Injectable({ providedIn: 'root' })
export class ShownErrors implements ErrorHandler {
  readonly last = signal<unknown>(undefined)

  handleError(error: unknown): void {
    console.error(error)
    // After a failed rendering: Angular schedules no other one for what changes during it.
    queueMicrotask(() => this.last.set(error))
  }
}
