import { codeOf } from './values.ts'

/** Records that a write failed because of the disk, even while reads succeed. */
export class WriteHealth {
  #isFailing = false
  #checking: Promise<void> | undefined

  note(error: unknown): void {
    if (isWriteFailure(error)) this.#isFailing = true
  }

  /** Once a write has failed, resolves when `write` succeeds. Concurrent calls share one write. */
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

/** Whether a write failed although the database answers: SQLITE_READONLY, _IOERR and _FULL; disk_full, io_error, a standby. */
function isWriteFailure(error: unknown): boolean {
  const code = codeOf(error)
  return typeof code === 'number'
    ? [8, 10, 13].includes(code & 0xff)
    : /^(53100|58030|25006)$/.test(String(code))
}
