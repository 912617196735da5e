/**
 * How many people a core logs in by password, each from the authorization request over the page with the form to the
 * tokens, and how late the server's event loop is meanwhile. The server has the first core, the browsers another.
 */

import {
  ensureSystemObjects,
  logIn,
  makeTutorial,
  openContext,
  readConfig,
  redeem,
} from '@rolecall/server/test-kit'
import { freePort, startOnCore } from '../process.ts'
import type { BenchRow } from '../results.ts'

const browsers = 8
const warmUpSeconds = 3
const seconds = 10

export async function logIns(folder: string): Promise<BenchRow[]> {
  const env = { PORT: String(await freePort()), DATA_DIR: folder, LOG_LEVEL: 'warn' }
  const clientId = await seed(env)
  await using server = await startOnCore('apps/server/src/main.ts', env, 'bench/src/oauth/event-loop.ts')
  const issuer = `http://localhost:${env.PORT}/`
  await logInFor(warmUpSeconds, issuer, clientId)
  await server.ask('how late?')
  const perSecond = (await logInFor(seconds, issuer, clientId)) / seconds
  const late = Number(await server.ask('how late?'))
  return [
    {
      what: 'log-ins by password on one core, argon2id at 19 MiB and two passes',
      value: perSecond,
      unit: 'per second',
      goal: '≥ 30',
      met: perSecond >= 30,
    },
    { what: 'event loop late meanwhile, p99', value: late, unit: 'ms', goal: '< 20', met: late < 20 },
  ]
}

/** @returns log-ins that were completed */
async function logInFor(length: number, issuer: string, clientId: string): Promise<number> {
  const until = performance.now() + length * 1000
  let completed = 0
  const browse = async (): Promise<void> => {
    while (performance.now() < until) {
      const login = await logIn({ issuer }, clientId, 'admin@example.com')
      const { status, body } = await redeem({ issuer }, clientId, login)
      if (status !== 200)
        throw new Error(`The token request was answered with ${status}: ${body.error_description}`)
      completed += 1
    }
  }
  await Promise.all(Array.from({ length: browsers }, browse))
  return completed
}

/** @returns the id of an application to log in to */
async function seed(env: Record<string, string>): Promise<string> {
  const ctx = await openContext(readConfig(env))
  await ensureSystemObjects(ctx)
  const { spa } = await makeTutorial(ctx)
  await ctx.mailer.close()
  await ctx.store.close()
  return spa.clientId
}
