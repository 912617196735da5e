import { createApp } from './app.ts'
import { runCommand } from './commands.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { openContext } from './context.ts'
import { issueFirstOwnerLink } from './dashboard/first-owner.ts'
import { collectAfterStart } from './heap.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { StoreError } from './store/store.ts'
import { ensureSystemObjects } from './tenant/system-objects.ts'

try {
  const [command] = process.argv.slice(2)
  if (command === undefined) await serve(readConfig(process.env))
  else console.log(await runCommand(command, () => readConfig(process.env)))
} catch (error) {
  if (!isForOperators(error)) throw error
  console.error(error.message)
  process.exitCode = 1
}

async function serve(config: Config): Promise<void> {
  const ctx = await openContext(config)
  await ensureSystemObjects(ctx)
  const app = await createApp(ctx, await openKeyRing(ctx))
  const stop = async (signal: string) => {
    app.log.info(`${signal}: closing`)
    await app.close()
    await ctx.mailer.close()
    await ctx.store.close()
  }
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void stop(signal))
  await app.ready()
  collectAfterStart()
  await app.listen({ host: config.host, port: config.port })
  app.log.info(`Rolecall answers at ${config.issuer}`)
  // Straight to the terminal: the log is kept, and this is a secret. A launcher shows one of its own.
  const setup = process.send ? undefined : await issueFirstOwnerLink(ctx)
  if (setup)
    console.log(`\nNobody may use the dashboard yet. Set up its first owner, within a day:\n\n  ${setup}\n`)
  // A launcher that started this process with an IPC channel learns that it may go on.
  process.send?.({ ready: true })
}

/** Errors whose message is a sentence to act on; others are bugs and show their stack. */
function isForOperators(error: unknown): error is Error {
  return (
    error instanceof ConfigError ||
    error instanceof StoreError ||
    (error instanceof Error && 'code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES'))
  )
}
