import { readFileSync } from 'node:fs'
import { access } from 'node:fs/promises'
import { join } from 'node:path'
import manifest from '../package.json' with { type: 'json' }
import { issueOwnerLink } from './accounts/owner-links.ts'
import { type Config, ConfigError } from './config.ts'
import { type Context, openContext } from './context.ts'
import { listKeys } from './keys/store.ts'
import { StoreInUseError } from './store/errors.ts'
import { currentPosition, startEpoch } from './store/marks.ts'

/** Also read by `scripts/bootstrap.js`, before anything is installed. */
export const usage = readFileSync(new URL('main.help.txt', import.meta.url), 'utf8').trimEnd()

/**
 * Runs a command on the server's store, without starting the server.
 * @returns what to print
 * @throws {ConfigError | StoreError} whose message tells an operator what to do
 */
export async function runCommand(command: string, readConfig: () => Config): Promise<string> {
  if (command === '--help' || command === '-h') return usage
  if (command === '--version' || command === '-v') return manifest.version
  if (command === 'owner-link') return ownerLink(readConfig())
  if (command === 'new-epoch') return newEpoch(readConfig())
  throw new ConfigError(`${command} is not a command.\n\n${usage}`)
}

async function ownerLink(config: Config): Promise<string> {
  await requireData(config)
  const ctx = await openExisting(config)
  try {
    await requireStarted(ctx)
    const link = await issueOwnerLink(ctx)
    const how = config.databaseUrl ? 'Open' : 'Start the server, then open'
    return `\n${how} this link within an hour. It works once, for anyone who has it:\n\n  ${link}\n`
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

async function newEpoch(config: Config): Promise<string> {
  await requireData(config)
  const ctx = await openExisting(config)
  try {
    await requireStarted(ctx)
    const { epoch } = await currentPosition(ctx.store.db)
    await startEpoch(ctx, epoch)
    return 'A new epoch of authorization has begun: each token that was issued before is renewed once.'
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

/** Opening missing files would create a new store or key, for which the link would be invalid. */
async function requireData({ dataDir, databaseUrl, sealingKey }: Config): Promise<void> {
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

async function requireStarted({ store }: Context): Promise<void> {
  const [key] = await listKeys(store.db)
  if (!key) throw new ConfigError('The store is empty. Start the server once first.')
}
