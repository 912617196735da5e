import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { sql } from 'kysely'
import { openStore } from './open-store.ts'
import type { Db, Store } from './store.ts'
import { administer, databaseAt, startTestPostgres, TEMPLATE } from './testing-postgres.ts'

export { startTestPostgres } from './testing-postgres.ts'

/** The context of a test, or `{ after }` of node:test for a whole file. */
interface Cleanup {
  after(clean: () => Promise<void>): void
}

const kinds: readonly { name: string; open: (t: Cleanup) => Promise<Store> }[] = [
  {
    name: 'node:sqlite',
    async open(t) {
      const folder = await makeFolder()
      return closing(t, await openStore({ file: join(folder, 'rolecall.db') }), () => removeFolder(folder))
    },
  },
  {
    name: 'PostgreSQL',
    async open(t) {
      const { databaseUrl, drop } = await makeDatabase()
      return closing(t, await openStore({ databaseUrl }), drop)
    },
  },
]

/**
 * The kinds of store there are, for suites that hold on each: `for (const { name, open } of stores) describe(name, …)`.
 * Each call opens a new, empty, migrated store, which goes when the test is over. `npm run test:unit` leaves PostgreSQL to
 * `npm test`, and says so.
 */
export const stores = kinds.filter(({ name }) => name !== process.env.ROLECALL_TEST_WITHOUT)

/** A folder that goes when the test is over. */
export async function temporaryFolder(t: Cleanup): Promise<string> {
  const folder = await makeFolder()
  t.after(() => removeFolder(folder))
  return folder
}

/** The URL of a database, migrated or empty, that goes when the test is over. */
export async function temporaryDatabase(t: Cleanup, { empty = false } = {}): Promise<string> {
  const { databaseUrl, drop } = await makeDatabase(empty ? 'template1' : TEMPLATE)
  t.after(drop)
  return databaseUrl
}

/** In one step, because hooks run in the order in which they were registered. */
function closing(t: Cleanup, store: Store, remove: () => Promise<void>): Store {
  t.after(async () => {
    try {
      await store.close()
    } finally {
      await remove()
    }
  })
  return store
}

function makeFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'rolecall-test-'))
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true })
}

async function makeDatabase(template = TEMPLATE) {
  const url = await postgres()
  const name = `test_${randomBytes(8).toString('hex')}`
  await administer(url, `create database ${name} template ${template}`)
  const drop = () => administer(url, `drop database ${name} with (force)`)
  return { databaseUrl: databaseAt(url, name), drop }
}

let own: ReturnType<typeof startTestPostgres> | undefined

/** The run's cluster where `scripts/test.ts` has started one, else one that ends with this process. */
async function postgres(): Promise<string> {
  if (process.env.ROLECALL_TEST_POSTGRES_URL) return process.env.ROLECALL_TEST_POSTGRES_URL
  own ??= startTestPostgres()
  return (await own).url
}

/**
 * Begins `work` while another transaction has written and not committed, and commits that one when `work` waits for its
 * lock. PostgreSQL alone.
 */
export async function behindTransaction<T>(
  store: Store,
  write: (tx: Db) => Promise<unknown>,
  work: () => Promise<T>,
): Promise<T> {
  const written = Promise.withResolvers<void>()
  const blocked = Promise.withResolvers<void>()
  const other = store.transaction(async (tx) => {
    await write(tx)
    written.resolve()
    await blocked.promise
  })
  await Promise.race([written.promise, other])
  const result = work()
  const isOver = result.then(
    () => true,
    () => true,
  )
  while (!(await isBlocked(store)) && !(await Promise.race([isOver, setImmediate(false)])));
  blocked.resolve()
  await other
  return result
}

async function isBlocked({ db }: Store): Promise<boolean> {
  const { rows } = await sql`
    select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`.execute(
    db,
  )
  return rows.length > 0
}
