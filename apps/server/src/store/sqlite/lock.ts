import { DatabaseSync } from 'node:sqlite'
import { StoreInUseError } from '../errors.ts'
import { codeOf } from '../values.ts'

const SQLITE_BUSY = 5

/**
 * Holds the store for one server: an exclusive transaction on a file beside it, which the system ends with the process,
 * however it dies. Two servers on one file would each trust their own caches.
 * Nothing may open the `.lock` or store file by other means than SQLite: closing any descriptor of a file drops the
 * process's POSIX locks on it (https://sqlite.org/howtocorrupt.html §2.2).
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
