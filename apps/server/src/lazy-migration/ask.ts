import { type MigrationSettings, openMigrationSecrets } from '../connections/lazy-migration.ts'
import type { Connection } from '../connections/store.ts'
import type { Context } from '../context.ts'
import { OutboundError } from '../http/outbound.ts'
import { logInAtAuth0, lookUpAtAuth0 } from './auth0.ts'
import { enter } from './limits.ts'
import { type Answer, type Refusal, unavailable } from './old-user.ts'
import { askWebhook } from './webhook.ts'

/** For all requests of one log-in together. */
const timeoutMs = 5_000

type Deps = Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>

/** The lazy migration of a connection, if it is switched on. */
export function migrationOf({ options }: Connection): MigrationSettings | undefined {
  return options.lazy_migration?.enabled === true ? options.lazy_migration : undefined
}

/** The host that is asked, for the log. */
export const hostOf = (settings: MigrationSettings): string =>
  settings.source === 'auth0' ? settings.domain : new URL(settings.url).host

/** Checks a password at the other server. */
export async function askForPassword(
  ctx: Deps,
  connection: Connection,
  settings: MigrationSettings,
  credentials: { email: string; password: string; ip: string },
): Promise<Answer> {
  const answer = await ask(ctx, connection, (signal) => {
    const secrets = openMigrationSecrets(ctx.sealer, connection)
    const { localHosts } = ctx.config
    if (settings.source === 'webhook') {
      const question = { type: 'log_in' as const, connection: connection.name, ...credentials }
      return askWebhook(settings, secrets, question, { localHosts, signal })
    }
    return logInAtAuth0({ settings, secrets, localHosts, signal, now: ctx.clock() }, credentials)
  })
  return answer === 'cannot_look_up' ? unavailable('It answered 501') : answer
}

/** Looks a user up by the address. `cannot_look_up`: the other server has no way to, or there are no credentials for it. */
export async function askForUser(
  ctx: Deps,
  connection: Connection,
  settings: MigrationSettings,
  email: string,
): Promise<Answer | 'cannot_look_up'> {
  return ask(ctx, connection, (signal) => {
    const secrets = openMigrationSecrets(ctx.sealer, connection)
    const { localHosts } = ctx.config
    if (settings.source === 'webhook') {
      const question = { type: 'look_up' as const, connection: connection.name, email }
      return askWebhook(settings, secrets, question, { localHosts, signal })
    }
    return lookUpAtAuth0({ settings, secrets, localHosts, signal, now: ctx.clock() }, email)
  })
}

async function ask<T extends Answer | 'cannot_look_up'>(
  { store, clock }: Deps,
  { id }: Connection,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | Refusal> {
  const place = enter(store, id, clock())
  if (!('leave' in place))
    return { refused: 'busy', reason: 'Too many log-ins ask the other server', ...place }
  let pauseSeconds = 0
  try {
    const answer = await work(AbortSignal.timeout(timeoutMs))
    if (typeof answer === 'object' && 'pauseSeconds' in answer) pauseSeconds = answer.pauseSeconds ?? 0
    return answer
  } catch (error) {
    if (!(error instanceof OutboundError)) throw error
    return unavailable(`It could not be asked: ${error.message}`)
  } finally {
    place.leave(pauseSeconds)
  }
}
