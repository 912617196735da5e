import { closeSync, constants, existsSync, openSync } from 'node:fs'
import { copyFile, link, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError } from '../errors.ts'
import { makePrivateFolder } from '../private-folder.ts'
import { codeOf } from '../values.ts'
import { lockStore } from './lock.ts'

/** The server holds a lock of the file for moments only. */
const BUSY_TIMEOUT_MS = 30_000

/**
 * Writes the store as it is at this moment into a new file, without room for deleted rows, while a server may write to it.
 * It reads in one transaction, so a server's write-ahead log grows until it has ended.
 * @throws StoreError when the target exists or cannot be written
 */
export async function backupSqlite(source: string, target: string): Promise<void> {
  const draft = `${target}.part`
  try {
    // VACUUM would create it readable for others.
    closeSync(openSync(draft, constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY, 0o600))
    try {
      reading(source, (database) => database.prepare('vacuum into ?').run(draft))
      checkStore(draft)
      await flush(draft)
      // Fails where the target exists, unlike a rename.
      await link(draft, target)
    } finally {
      await rm(draft, { force: true })
    }
    await flush(dirname(target))
  } catch (error) {
    if (error instanceof StoreError) throw error
    if (codeOf(error) === 'EEXIST')
      throw new StoreError(`${target} or ${draft} exists: name a new file, or delete that one.`, {
        cause: error,
      })
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreError(`The backup could not be written to ${target} (${reason}).`, { cause: error })
  }
}

/**
 * Replaces the store in `file` by a backup. The store that was there is kept beside it.
 * @param prepare brings the copy up to date before it is put in place; when it throws, nothing has changed
 * @returns the file that the old store is kept in; undefined where there was none
 * @throws StoreError while a server uses the store, or when the backup is damaged or none
 */
export async function restoreSqlite(
  backup: string,
  file: string,
  now: number,
  prepare: (copy: string) => Promise<void>,
): Promise<string | undefined> {
  if (!existsSync(backup)) throw new StoreError(`There is no ${backup}.`)
  const copy = `${file}.restoring`
  try {
    makePrivateFolder(dirname(file))
    const lock = lockStore(file)
    try {
      await removeStore(copy)
      await copyFile(backup, copy)
      checkStore(copy)
      await prepare(copy)
      await flush(copy)
      return await replaceStore(file, copy, `${file}.until-${compact(now)}`)
    } finally {
      await removeStore(copy)
      lock.release()
    }
  } catch (error) {
    if (error instanceof StoreError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new StoreError(`${backup} could not be restored (${reason}). The store is as it was.`, {
      cause: error,
    })
  }
}

/**
 * Puts the new store in place by one rename. The old one keeps its content under another name.
 * @returns where the old one is; undefined where there was none
 */
async function replaceStore(file: string, fresh: string, old: string): Promise<string | undefined> {
  const isThere = existsSync(file)
  if (isThere) {
    mergeWriteAheadLog(file)
    await link(file, old)
    // Of a store that is damaged. A write-ahead log belongs to the file that it was written for.
    await rename(`${file}-wal`, `${old}-wal`).catch(ignoreMissing)
  }
  await rm(`${file}-shm`, { force: true })
  await rename(fresh, file)
  await flush(dirname(file))
  return isThere ? old : undefined
}

/**
 * A server that was killed leaves a write-ahead log, and the old store would be two files, of which an interruption could
 * move one. The connection that closes last writes the log into the file and deletes it.
 */
function mergeWriteAheadLog(file: string): void {
  if (!existsSync(`${file}-wal`)) return
  const database = new DatabaseSync(file, { timeout: BUSY_TIMEOUT_MS })
  try {
    database.exec('pragma wal_checkpoint(truncate)')
  } catch {
    // A damaged store is what a backup is restored for.
  } finally {
    database.close()
  }
}

const compact = (time: number) => new Date(time).toISOString().replaceAll(/\D/g, '').slice(0, 14)

async function removeStore(file: string): Promise<void> {
  for (const end of ['', '-wal', '-shm', '-journal', '.lock']) await rm(`${file}${end}`, { force: true })
}

function ignoreMissing(error: unknown): void {
  if (codeOf(error) !== 'ENOENT') throw error
}

/** @throws StoreError unless the file is a whole store */
function checkStore(file: string): void {
  try {
    const isWhole = reading(file, (database) => {
      const [result] = database.prepare('pragma quick_check(1)').all()
      const known = database.prepare("select 1 from sqlite_schema where name = 'kysely_migration'").get()
      return result?.['quick_check'] === 'ok' && known !== undefined
    })
    if (isWhole) return
  } catch (error) {
    throw new StoreError(`${file} is damaged, or is not a Rolecall store.`, { cause: error })
  }
  throw new StoreError(`${file} is damaged, or is not a Rolecall store.`)
}

function reading<T>(file: string, work: (database: DatabaseSync) => T): T {
  const database = new DatabaseSync(file, { readOnly: true, timeout: BUSY_TIMEOUT_MS })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

/** Until then a file, or its name in the folder, may not be on the disk. */
async function flush(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
