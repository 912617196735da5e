import { isWriteFailure } from './unavailable.ts'

/** Remembers that a write failed for want of space, while reads may go on. */
export class WriteHealth {
  #isFailing = false
  #checking: Promise<void> | undefined

  note(error: unknown): void {
    if (isWriteFailure(error)) this.#isFailing = true
  }

  /** Once a write has failed, resolves when `write` succeeds. All who ask at the same time share one. */
  async check(write: () => Promise<void>): Promise<void> {
    if (!this.#isFailing) return
    this.#checking ??= this.#try(write).finally(() => {
      this.#checking = undefined
    })
    await this.#checking
  }

  async #try(write: () => Promise<void>): Promise<void> {
    await write()
    this.#isFailing = false
  }
}
