import { DatabaseSync } from 'node:sqlite'
import { StoreInUseError } from '../errors.ts'
import { codeOf } from '../values.ts'

const SQLITE_BUSY = 5

/**
 * Locks the store for one server: an exclusive transaction on a second file, which the system ends with the process. Two
 * servers on one file would not see each other's changes in their caches.
 * Only SQLite may open the `.lock` and store files: closing any descriptor of a file drops the process's POSIX locks on it
 * (https://sqlite.org/howtocorrupt.html §2.2).
 */
export function lockStore(file: string): { release(): void } {
  const lock = new DatabaseSync(`${file}.lock`, { timeout: 0 })
  try {
    lock.exec('begin exclusive')
  } catch (error) {
    lock.close()
    if (codeOf(error) !== SQLITE_BUSY) throw error
    throw new StoreInUseError(
      `Another server is using ${file}; stop it first, or give this one a file of its own.`,
    )
  }
  return {
    release() {
      if (lock.isOpen) lock.close()
    },
  }
}
