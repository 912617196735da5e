/**
 * Tokens by client credentials, compared with a route that only signs the same claims with the same kind of key. Both
 * servers run on one core, the load on the other, in turns.
 */

import {
  createApi,
  createApplication,
  createClientGrant,
  ensureSystemObjects,
  openContext,
  readConfig,
  transaction,
} from '@rolecall/server/test-kit'
import autocannon from 'autocannon'
import { freePort, startOnCore } from '../process.ts'
import { type BenchRow, median } from '../results.ts'

const audience = 'https://bench.example.com'
const rounds = 3
const seconds = 4

/** @param folder for the server's data */
export async function clientCredentials(folder: string): Promise<BenchRow> {
  const port = await freePort()
  const env = { PORT: String(port), DATA_DIR: folder, LOG_LEVEL: 'warn' }
  const body = await seed(env)
  await using server = await startOnCore('apps/server/src/main.ts', env)
  await using peer = await startOnCore('bench/src/oauth/sign.ts', { PORT: String(await freePort()) })
  const ratios: number[] = []
  for (let round = 0; round < rounds; round++) {
    const signed = await requestsPerSecond(peer.address, body)
    const issued = await requestsPerSecond(`${server.address}oauth/token`, body)
    ratios.push(issued / signed)
  }
  const value = median(ratios)
  const what = 'client-credentials tokens, RS256 ÷ a route that only signs'
  return { what, value, unit: 'ratio', goal: '≥ 0.80', met: value >= 0.8 }
}

/** @returns the body of a token request that the seeded store answers */
async function seed(env: Record<string, string>): Promise<string> {
  const ctx = await openContext(readConfig(env))
  await ensureSystemObjects(ctx)
  const api = await transaction(ctx, (tx) =>
    createApi(tx, ctx.sealer, {
      name: 'Bench',
      identifier: audience,
      permissions: [{ value: 'read:bench', description: 'Read the bench' }],
    }),
  )
  const { application, clientSecret } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Bench',
      app_type: 'non_interactive',
    }),
  )
  await transaction(ctx, (tx) =>
    createClientGrant(tx, { clientId: application.clientId, apiId: api.id, scope: ['read:bench'] }),
  )
  await ctx.mailer.close()
  await ctx.store.close()
  return new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: application.clientId,
    client_secret: clientSecret ?? '',
    audience,
  }).toString()
}

async function requestsPerSecond(url: string, body: string): Promise<number> {
  const result = await autocannon({
    url,
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body,
    connections: 16,
    duration: seconds,
  })
  if (result.non2xx > 0 || result.errors > 0)
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`)
  return result.requests.average
}
