import { readFileSync } from 'node:fs'
import { access, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { issueOwnerLink } from './accounts/owner-links.ts'
import { sealedSecrets } from './apis/apis.ts'
import { type Config, ConfigError } from './config.ts'
import { sealedMigrationSecrets } from './connections/lazy-migration.ts'
import { findConnection } from './connections/store.ts'
import { type Context, openContext } from './context.ts'
import { resealColumn } from './crypto/reseal.ts'
import { beginKeyRotation, endKeyRotation, openSealer, resealCheck } from './crypto/sealing-key.ts'
import { resetFactors } from './factors/factors.ts'
import { sealedFactorSecrets } from './factors/store.ts'
import { exportWithHashes } from './jobs/hash-export.ts'
import { sealedBatches } from './jobs/store.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { sealedKeys } from './keys/signing-key.ts'
import { listKeys } from './keys/store.ts'
import { writeLog } from './logs/log.ts'
import { sealedPayloads } from './sessions/store.ts'
import { copyStore } from './store/copy.ts'
import { StoreError, StoreInUseError } from './store/errors.ts'
import { currentPosition, startEpoch } from './store/marks.ts'
import { openStore } from './store/open-store.ts'
import { backupSqlite, restoreSqlite } from './store/sqlite/backup.ts'
import type { Store } from './store/store.ts'
import { transaction } from './store/transaction.ts'
import { sealedSinks } from './streams/streams.ts'
import { findUsersByEmail } from './users/lists.ts'

/** Also read by `scripts/bootstrap.js`, before anything is installed. */
export const usage = readFileSync(new URL('main.help.txt', import.meta.url), 'utf8').trimEnd()

/** Every value that the sealing key has sealed. */
const sealedColumns = [
  sealedKeys,
  sealedSecrets,
  sealedMigrationSecrets,
  sealedBatches,
  sealedSinks,
  sealedFactorSecrets,
  sealedPayloads,
]

/** By the words that begin them, with the number of parameters that follow. */
const commands: readonly (readonly [
  words: string,
  parameters: number,
  run: (config: Config, first: string, second: string) => Promise<string>,
])[] = [
  ['owner-link', 0, ownerLink],
  ['reset-factors', 1, removeFactors],
  ['rotate-keys', 0, rotateKeys],
  ['rotate-keys --emergency', 0, replaceKeys],
  ['rotate-sealing-key', 0, rotateSealingKey],
  ['backup', 1, backup],
  ['restore', 1, restore],
  ['copy', 2, copy],
  ['new-epoch', 0, newEpoch],
  ['export-users', 2, exportUsers],
]

/**
 * Runs a command on the server's store, without starting the server.
 * @returns what to print
 * @throws {ConfigError | StoreError} whose message tells an operator what to do
 */
export async function runCommand(given: readonly string[], readConfig: () => Config): Promise<string> {
  if (given.includes('--help') || given.includes('-h')) return usage
  if (given[0] === '--version' || given[0] === '-v') return manifest.version
  for (const [words, parameters, run] of commands) {
    const end = given.length - parameters
    if (given.slice(0, end).join(' ') !== words) continue
    const [first = '', second = ''] = given.slice(end)
    return run(readConfig(), first, second)
  }
  throw new ConfigError(`${given.join(' ')} is not a command.\n\n${usage}`)
}

async function ownerLink(config: Config): Promise<string> {
  const link = await withStore(config, issueOwnerLink)
  const how = config.databaseUrl ? 'Open' : 'Start the server, then open'
  return `\n${how} this link within an hour. It works once, for anyone who has it:\n\n  ${link}\n`
}

async function removeFactors(config: Config, email: string): Promise<string> {
  const removed = await withStore(config, (ctx) =>
    transaction(ctx, async (tx) => {
      const users = await findUsersByEmail(tx.db, email)
      const reason = 'Every second factor was removed on the command line of the server'
      const all = []
      for (const { userId } of users) all.push(...(await resetFactors(ctx, tx, userId, { reason })))
      return users.length === 0 ? undefined : all.length
    }),
  )
  if (removed === undefined) throw new ConfigError(`No user has the address ${email}.`)
  return `${removed} second factors of ${email} were removed, recovery codes included. All sessions of the account have ended. The next log-in needs the password alone, or sets up a new factor where one is required.`
}

async function newEpoch(config: Config): Promise<string> {
  await withStore(config, beginEpoch)
  return 'A new epoch of authorization has begun: each token that was issued before is renewed once.'
}

async function beginEpoch({ store, clock }: Pick<Context, 'store' | 'clock'>): Promise<void> {
  const { epoch } = await currentPosition(store.db)
  await startEpoch({ store, clock }, epoch)
}

async function exportUsers(config: Config, connection: string, target: string): Promise<string> {
  return withStore(config, async ({ store, clock }) => {
    if (!(await findConnection(store.db, connection)))
      throw new ConfigError(`There is no connection ${connection}.`)
    const file = await open(target, 'wx', 0o600).catch((error: unknown) => {
      throw new ConfigError(
        `${target} cannot be written: ${error instanceof Error ? error.message : String(error)}`,
      )
    })
    try {
      const { users, withoutHash } = await exportWithHashes(store.db, connection, async (line) => {
        await file.appendFile(line)
      })
      await file.sync()
      await writeLog(store.db, {
        type: 'w',
        description: `${users} users were exported with their password hashes on the command line of the server`,
        connection,
        date: clock(),
      })
      const said = `${users} users were written to ${target}. Whoever has the file can guess their passwords: delete it when it is imported.`
      if (withoutHash.length === 0) return said
      return `${said}\n\nThe hashes of these users were imported in a fast scheme and are stored hashed again, so they were left out:\n${withoutHash.map((email) => `  ${email}`).join('\n')}`
    } catch (error) {
      await rm(target, { force: true })
      throw error
    } finally {
      await file.close()
    }
  })
}

async function rotateKeys(config: Config): Promise<string> {
  const { kid } = await withStore(config, async (ctx) => {
    const keys = await openKeyRing(ctx)
    return keys.rotate('The signing keys were rotated on the command line of the server')
  })
  return `Tokens are signed with the key ${kid} from now on. Those that were issued before stay valid.`
}

async function replaceKeys(config: Config): Promise<string> {
  await withStore(config, async (ctx) => {
    const keys = await openKeyRing(ctx)
    await keys.replaceAll('All signing keys were revoked on the command line of the server')
  })
  return 'All signing keys are revoked, and new ones sign from now on. APIs refuse tokens from before as soon as they fetch the keys again: the guard within a minute.'
}

async function rotateSealingKey(config: Config): Promise<string> {
  if (config.sealingKey !== undefined && config.previousSealingKey === undefined)
    throw new ConfigError(
      'Give the new key as SEALING_KEY, and the one until now as SEALING_KEY_PREVIOUS, to the servers and to this command.',
    )
  if (config.sealingKey === undefined) {
    // Not while a server uses the store, which would go on with the old key.
    await withStore(config, async () => {})
    await beginKeyRotation(config)
  }
  const changed = await withStore(config, async (ctx) => {
    let total = 0
    let unreadable = 0
    for (const column of sealedColumns) {
      const result = await resealColumn(ctx, column)
      total += result.changed
      unreadable += result.unreadable
    }
    if (unreadable > 0)
      throw new StoreError(
        `${unreadable} values open neither with the new key nor with the one before, and were left. The previous key was kept.`,
      )
    await resealCheck(ctx.store.db, ctx.sealer, ctx.clock())
    return total
  })
  const said = `${changed} values were sealed with the new key.`
  if (config.sealingKey !== undefined) return `${said} Remove SEALING_KEY_PREVIOUS from the servers.`
  const retired = await endKeyRotation(config, Date.now())
  return `${said} The old key is in ${retired}: keep it with the backups from before, and not on this machine.`
}

async function backup(config: Config, target: string): Promise<string> {
  const file = fileOf(config, 'pg_dump')
  await requireData(config)
  await backupSqlite(file, target)
  return `The store was copied to ${target}. Keep the sealing key in another place: without it the copy cannot be used.`
}

async function restore(config: Config, source: string): Promise<string> {
  const file = fileOf(config, 'pg_restore, and then the command new-epoch')
  const old = await restoreSqlite(source, file, Date.now(), async (copied) => {
    const store = await openStore({ file: copied })
    try {
      await requireStarted(store)
      await openSealer(config, store.db, Date.now())
      await beginEpoch({ store, clock: Date.now })
    } finally {
      await store.close()
    }
  })
  const kept = old === undefined ? '' : ` The store until now is in ${old}.`
  return `The store is the one of ${source}. A new epoch of authorization has begun: each token that was issued before is renewed once.${kept}`
}

/** The file store. @throws ConfigError for PostgreSQL */
function fileOf({ dataDir, databaseUrl }: Config, instead: string): string {
  if (databaseUrl !== undefined)
    throw new ConfigError(`This command is for the file store. With PostgreSQL use ${instead}.`)
  return join(dataDir, 'rolecall.db')
}

async function copy(config: Config, from: string, to: string): Promise<string> {
  const { dataDir, databaseUrl, databaseLimits: limits } = config
  if ([from, to].toSorted().join(' ') !== 'file postgres')
    throw new ConfigError(`A store is copied from file to postgres, or from postgres to file.\n\n${usage}`)
  if (databaseUrl === undefined) throw new ConfigError('Give the database as DATABASE_URL.')
  const file = join(dataDir, 'rolecall.db')
  if (from === 'file') await requireData({ ...config, databaseUrl: undefined })
  const stores: Store[] = []
  try {
    for (const kind of [from, to])
      stores.push(await openStore(kind === 'file' ? { file } : { databaseUrl, limits }))
    const [source, target] = stores
    if (!source || !target) throw new Error('both stores are open')
    await requireStarted(source)
    const tables = await copyStore(source, target)
    await beginEpoch({ store: target, clock: Date.now })
    const lines = tables.filter(({ rows }) => rows > 0).map(({ table, rows }) => `  ${table}  ${rows}`)
    return `Rows copied, and compared by their checksums:\n${lines.join('\n')}\nThe sealing key is the same for both stores. A new epoch of authorization has begun in the copy.`
  } finally {
    for (const store of stores) await store.close()
  }
}

/** Opens the store that a server has started with. */
async function withStore<T>(config: Config, work: (ctx: Context) => Promise<T>): Promise<T> {
  await requireData(config)
  const ctx = await openExisting(config)
  try {
    await requireStarted(ctx.store)
    return await work(ctx)
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

/** Opening missing files would create a new store or key, for which the result would be worth nothing. */
async function requireData({
  dataDir,
  databaseUrl,
  sealingKey,
}: Pick<Config, 'dataDir' | 'sealingKey'> & { databaseUrl?: string | undefined }): Promise<void> {
  const files = [...(databaseUrl ? [] : ['rolecall.db']), ...(sealingKey ? [] : ['sealing.key'])]
  for (const file of files)
    await access(join(dataDir, file)).catch(() => {
      throw new ConfigError(
        `There is no ${file} in ${dataDir}. Run this command with the environment of the server (DATA_DIR, DATABASE_URL, SEALING_KEY), after the server has started once.`,
      )
    })
}

async function openExisting(config: Config): Promise<Context> {
  try {
    return await openContext(config)
  } catch (error) {
    if (!(error instanceof StoreInUseError)) throw error
    throw new StoreInUseError(
      `The server is using the store in ${config.dataDir}. Stop the server, run this command, and start the server again.`,
    )
  }
}

async function requireStarted({ db }: Store): Promise<void> {
  const [key] = await listKeys(db)
  if (!key) throw new ConfigError('The store is empty. Start the server once first.')
}
