import { issueFirstOwnerLink } from './accounts/owner-links.ts'
import { createApp } from './app.ts'
import { runCommand } from './commands.ts'
import { type Config, ConfigError, readConfig } from './config.ts'
import { type Context, openContext } from './context.ts'
import { whenSampleClient } from './dashboard/sample.ts'
import { collectAfterStart } from './heap.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { isDamaged, isUnavailable, StoreError } from './store/errors.ts'
import { ensureSystemObjects } from './system-objects.ts'

try {
  const command = process.argv.slice(2)
  if (command.length === 0) await serve(readConfig(process.env))
  else console.log(await runCommand(command, () => readConfig(process.env)))
} catch (error) {
  const message = messageFor(error)
  if (message === undefined) throw error
  console.error(message)
  process.exitCode = 1
}

async function serve(config: Config): Promise<void> {
  const ctx = await openContext(config)
  try {
    await start(ctx)
  } catch (error) {
    await closeContext(ctx)
    throw error
  }
}

async function start(ctx: Context): Promise<void> {
  const { config } = ctx
  await ensureSystemObjects(ctx)
  const app = await createApp(ctx, await openKeyRing(ctx))
  try {
    await app.ready()
    collectAfterStart()
    await app.connections.listen(config.host, config.port)
  } catch (error) {
    await app.close()
    throw error
  }
  const stop = async (signal: string) => {
    app.log.info(`${signal}: stopping within ${config.shutdownSeconds} seconds`)
    const limitMs = config.shutdownSeconds * 1000
    setTimeout(() => {
      app.log.error('stopping took too long: ending with work unfinished')
      process.exit(1)
    }, limitMs).unref()
    // The last fifth of the time is for log entries, mail and the files of the store.
    await app.connections.drain(limitMs * 0.8)
    await app.close()
    await closeContext(ctx)
    // All is stored. A request to a collector of traces that does not answer would go on.
    process.exit()
  }
  let isStopping = false
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      if (isStopping) process.exit(1)
      isStopping = true
      void stop(signal)
    })
  app.log.info(`Rolecall answers at ${config.issuer}`)
  // Printed and not logged, because logs are stored and the link is a secret. A launcher prints its own link.
  const setup = process.send ? undefined : await issueFirstOwnerLink(ctx)
  if (setup)
    console.log(`\nNobody may use the dashboard yet. Set up its first owner, within a day:\n\n  ${setup}\n`)
  // A launcher that started this process with an IPC channel waits for these messages.
  process.send?.({ ready: true })
  if (process.send)
    whenSampleClient(
      ctx,
      (clientId) => process.send?.({ clientId }),
      (error) => app.log.error(error, 'the application of the sample client could not be looked up'),
    )
}

async function closeContext({ mailer, store }: Context): Promise<void> {
  await mailer.close()
  await store.close()
}

/** A message for an error that an operator can fix. Other errors are bugs and show their stack. */
function messageFor(error: unknown): string | undefined {
  if (error instanceof ConfigError || error instanceof StoreError) return error.message
  if (isDamaged(error)) return 'The store is damaged: restore it from a backup.'
  if (!(error instanceof Error)) return undefined
  return (
    listenMessage(error) ?? (isUnavailable(error) ? `The store cannot be used: ${error.message}` : undefined)
  )
}

function listenMessage(
  error: NodeJS.ErrnoException & { address?: string; port?: number },
): string | undefined {
  const place = error.port === undefined ? 'HOST' : `${error.address}:${error.port}`
  if (error.code === 'EADDRINUSE')
    return `${place} is in use by another program: stop that one, or set PORT or HOST (of metrics: METRICS_PORT or METRICS_HOST) to another.`
  if (error.code === 'EACCES' && error.syscall === 'listen')
    return `${place} may not be listened on by this user: set PORT above 1023.`
  if (error.code === 'EADDRNOTAVAIL' || error.syscall === 'getaddrinfo')
    return `${place} is no address of this machine: set HOST to one, such as 127.0.0.1 or 0.0.0.0.`
  return undefined
}
