import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { createInterface } from 'node:readline/promises'
import { makePrivateFolder } from '../../apps/server/src/store/private-folder.ts'
import { lockStore } from '../../apps/server/src/store/sqlite/lock.ts'
import type { Options } from './options.ts'
import { mapStoreError, StartProblem } from './problem.ts'

const store = 'rolecall.db'

/** What a reset deletes: only what the system itself puts into the folder, as `--dir` may name any. */
const contents = [store, `${store}-wal`, `${store}-shm`, `${store}.lock`].concat(
  'sealing.key',
  'credentials.json',
  'lab.json',
  'logs',
  'web',
  'tls',
)

/** Makes the folder, for this user alone. @throws {StartProblem} when nothing can be written there */
export async function requireWritableFolder(dir: string): Promise<void> {
  const probe = join(dir, `.probe-${randomBytes(6).toString('hex')}`)
  try {
    makePrivateFolder(dir)
    await chmod(dir, 0o700)
    await writeFile(probe, '')
    await rm(probe)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error)
    throw new StartProblem(`The folder ${dir} cannot be written (${code}): choose another with --dir.`)
  }
}

/**
 * Deletes the data, unless the user at the terminal answers no.
 * @throws {StartProblem} while a server uses the data, when the answer is no, or when there is no terminal to ask at
 */
export async function resetFolder({ dir, yes }: Pick<Options, 'dir' | 'yes'>): Promise<void> {
  const present = contents.filter((name) => existsSync(join(dir, name)))
  if (present.length === 0) return
  if (existsSync(join(dir, store))) await mapStoreError(() => lockStore(join(dir, store)).release())
  if (!yes && !process.stdin.isTTY)
    throw new StartProblem(
      `There is no terminal to ask at whether to delete all data in ${dir}: add --yes to delete it.`,
    )
  if (!yes && !(await confirm(`Delete all data in ${relative('', dir) || dir}? (y/N) `)))
    throw new StartProblem('Nothing was deleted, and nothing was started.')
  for (const name of present) await rm(join(dir, name), { recursive: true, force: true })
}

async function confirm(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout })
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim())
  } finally {
    terminal.close()
  }
}
