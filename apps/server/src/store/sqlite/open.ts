import { closeSync, openSync } from 'node:fs'
import { statfs } from 'node:fs/promises'
import { dirname } from 'node:path'
import { Kysely } from 'kysely'
import { StoreError } from '../errors.ts'
import { migrate } from '../migrate.ts'
import { makePrivateFolder } from '../private-folder.ts'
import type { Database } from '../schema.ts'
import type { OpenedStore } from '../store.ts'
import { TransactionScope } from '../transaction.ts'
import { codeOf } from '../values.ts'
import { WriteHealth } from '../write-health.ts'
import { Connection } from './connection.ts'
import { sqliteDialect } from './dialect.ts'
import { lockStore } from './lock.ts'
import { Writer } from './writer.ts'

const SQLITE_CORRUPT = 11
const SQLITE_FULL = 13
const SQLITE_NOTADB = 26
/** In WAL mode a read waits only for a recovery. The wait blocks the server's thread. */
const READER_BUSY_TIMEOUT_MS = 1_000
const TRANSACTION_LIMIT_MS = 10_000

/** Opens the store in `file`. Creates a missing folder or file, readable by this user alone. */
export async function openSqlite(file: string): Promise<OpenedStore> {
  const opened: (() => unknown)[] = []
  try {
    makePrivateFolder(dirname(file))
    const lock = lockStore(file)
    opened.push(() => lock.release())

    closeSync(openSync(file, 'a', 0o600))
    const writes = new WriteHealth()
    const writer = await Writer.open(file, writes)
    opened.push(() => writer.close())
    const reader = new Connection(file, { readOnly: true, busyTimeoutMs: READER_BUSY_TIMEOUT_MS })
    opened.push(() => reader.close())

    const scope = new TransactionScope()
    // A migration has no time limit, because no server answers before it has ended.
    await migrate(new Kysely<Database>({ dialect: sqliteDialect({ reader, writer }, scope) }), file)
    const db = new Kysely<Database>({
      dialect: sqliteDialect({ reader, writer, transactionLimitMs: TRANSACTION_LIMIT_MS }, scope),
    })
    return {
      kind: 'sqlite',
      db,
      writes,
      waiting: () => writer.waiting,
      async freeBytes() {
        const { bavail, bsize } = await statfs(dirname(file))
        return bavail * bsize
      },
      transaction: (work) => db.transaction().execute((tx) => scope.run(() => work(tx))),
      async close() {
        await db.destroy()
        lock.release()
      },
    }
  } catch (error) {
    for (const close of opened.toReversed()) await close()
    throw explain(file, error)
  }
}

function explain(file: string, error: unknown): unknown {
  if (error instanceof StoreError) return error
  const code = codeOf(error) ?? (error instanceof Error ? codeOf(error.cause) : undefined)
  if (code === undefined) return error
  if (code === SQLITE_NOTADB) {
    return new StoreError(`${file} is not a Rolecall store; move it away, or name another file.`, {
      cause: error,
    })
  }
  // The low byte of an extended code.
  const primary = typeof code === 'number' ? code & 0xff : code
  if (primary === SQLITE_CORRUPT)
    return new StoreError(`The store ${file} is damaged; restore it from a backup.`, { cause: error })
  if (primary === SQLITE_FULL)
    return new StoreError(`The disk of ${file} is full; make room on it.`, { cause: error })
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError(
    `The store ${file} cannot be opened (${reason}); make its folder writable for this user, or name another one.`,
    { cause: error },
  )
}
