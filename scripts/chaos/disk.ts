import { closeSync, openSync, rmSync, writeSync } from 'node:fs'
import { join } from 'node:path'

/** A file system that a file fills. */
export class Disk {
  readonly #file: string

  constructor(folder: string) {
    this.#file = join(folder, 'filler')
  }

  fill(): void {
    const file = openSync(this.#file, 'w')
    try {
      for (const size of [1_048_576, 4_096]) {
        const block = Buffer.alloc(size)
        while (writeSync(file, block) === size);
      }
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
    } finally {
      closeSync(file)
    }
  }

  empty(): void {
    rmSync(this.#file, { force: true })
  }
}
