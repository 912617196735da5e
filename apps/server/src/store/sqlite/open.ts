import { closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { type Dialect, Kysely } from 'kysely'
import { migrate } from '../migrate.ts'
import type { Database } from '../schema.ts'
import type { Store } from '../store.ts'
import { StoreError } from '../store-error.ts'
import { TransactionScope } from '../transaction-scope.ts'
import { codeOf } from '../values.ts'
import { sqliteDialect } from './dialect.ts'
import { lockStore } from './lock.ts'

const SQLITE_NOTADB = 26

/** Opens the store in `file`, making the folder and the file, readable by this user alone, when they are absent. */
export async function openSqlite(file: string): Promise<Store> {
  const lock = describeFailure(file, () => {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    return lockStore(file)
  })
  try {
    const scope = new TransactionScope()
    const dialect: Dialect = describeFailure(file, () => {
      closeSync(openSync(file, 'a', 0o600))
      return sqliteDialect(file, scope)
    })
    const db = new Kysely<Database>({ dialect })
    try {
      await migrate(db, file)
    } catch (error) {
      await db.destroy()
      throw error
    }
    return {
      kind: 'sqlite',
      db,
      transaction: (work) => db.transaction().execute((tx) => scope.run(() => work(tx))),
      async close() {
        await db.destroy()
        lock.release()
      },
    }
  } catch (error) {
    lock.release()
    throw explain(file, error)
  }
}

function describeFailure<T>(file: string, open: () => T): T {
  try {
    return open()
  } catch (error) {
    throw explain(file, error)
  }
}

function explain(file: string, error: unknown): unknown {
  const code = codeOf(error)
  if (error instanceof StoreError) return error
  if (code === SQLITE_NOTADB) {
    return new StoreError(`${file} is not a Rolecall store; move it away, or name another file.`, {
      cause: error,
    })
  }
  if (code === undefined) return error
  const reason = error instanceof Error ? error.message : String(error)
  return new StoreError(
    `The store ${file} cannot be opened (${reason}); make its folder writable for this user, or name another one.`,
    { cause: error },
  )
}
