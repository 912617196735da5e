/** The server with a new store, and beside it routes that do a part of its work and nothing else (`peer.ts`). */
import {
  createApi,
  createApplication,
  createClientGrant,
  ensureSystemObjects,
  logIn,
  makeTutorial,
  openContext,
  openKeyRing,
  readConfig,
  redeem,
  transaction,
} from '@rolecall/server/test-kit'
import { memorySavers, nodeFlags } from '../../../scripts/node-flags.js'
import { freePort, startOnCore, startOnCores, within } from '../process.ts'
import { connections } from './load.ts'

/** What `npm run server` starts programs with. */
export const asStarted = { ...memorySavers(process.cwd()), NODE_OPTIONS: nodeFlags.join(' ') }
const scope = 'read:bench'
export type Alg = 'RS256' | 'ES256'

/** What was stored before the start: an application that may get tokens for APIs, and one that users log in to. */
export interface Seeded {
  env: Record<string, string>
  issuer: string
  /** The body of a token request of the machine. */
  credentials: Record<Alg, Record<string, string>>
  spaId: string
}

/** @param folder for the server's data */
export async function seed(folder: string): Promise<Seeded> {
  const port = String(await freePort())
  const env = { ...asStarted, PORT: port, DATA_DIR: folder, LOG_LEVEL: 'warn', TRUST_PROXY: '127.0.0.1' }
  const ctx = await openContext(readConfig(env))
  try {
    await ensureSystemObjects(ctx)
    await (await openKeyRing(ctx)).require('ES256')
    const { spa } = await makeTutorial(ctx)
    return await transaction(ctx, async (tx) => {
      const machine = await createApplication(tx, { name: 'Bench', app_type: 'non_interactive' })
      const { clientId } = machine.application
      const bodyFor = async (alg: Alg) => {
        const audience = `https://${alg.toLowerCase()}.bench.example.com`
        const permissions = [{ value: scope, description: 'Read the bench' }]
        const fields = { name: alg, identifier: audience, permissions, signingAlg: alg }
        const { id: apiId } = await createApi(tx, ctx.sealer, fields)
        await createClientGrant(tx, { clientId, apiId, scope: [scope] })
        const client_secret = machine.clientSecret ?? ''
        return { grant_type: 'client_credentials', client_id: clientId, client_secret, audience }
      }
      const credentials = { RS256: await bodyFor('RS256'), ES256: await bodyFor('ES256') }
      return { env, issuer: `http://localhost:${port}/`, credentials, spaId: spa.clientId }
    })
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

const usage = 'bench/src/oauth/usage.ts'

export const startServer = ({ env }: Pick<Seeded, 'env'>) =>
  startOnCore('apps/server/src/main.ts', env, usage)
export const startServerOnCores = ({ env }: Seeded) => startOnCores('apps/server/src/main.ts', env, usage)
export const startPeer = async () =>
  startOnCore('bench/src/oauth/peer.ts', { ...asStarted, PORT: String(await freePort()) }, usage)

const logInSeconds = 20

/**
 * One log-in, from the authorization request over the page with the form to the tokens.
 * @param params of the authorization request
 * @returns the refresh token
 */
export async function logInOnce(
  { issuer, spaId }: Pick<Seeded, 'issuer' | 'spaId'>,
  email = 'admin@example.com',
  params: Record<string, string> = {},
): Promise<string> {
  const login = await within(logInSeconds, 'a log-in', logIn({ issuer }, spaId, email, params))
  const { status, body } = await within(logInSeconds, 'a code exchange', redeem({ issuer }, spaId, login))
  if (status !== 200)
    throw new Error(`The token request was answered with ${status}: ${body.error_description}`)
  return body.refresh_token
}

/** A refresh token for each connection of a load. */
export async function refreshTokens(seeded: Seeded): Promise<string[]> {
  const tokens: string[] = []
  while (tokens.length < connections) tokens.push(await logInOnce(seeded))
  return tokens
}
