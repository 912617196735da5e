import { issueFirstOwnerLink } from '../../apps/server/src/accounts/owner-links.ts'
import { type Config, ConfigError, readConfig } from '../../apps/server/src/config.ts'
import { openContext } from '../../apps/server/src/context.ts'
import {
  type SampleAddresses,
  sampleClientId,
  sampleSetting,
} from '../../apps/server/src/dashboard/sample.ts'
import { ensureSystemObjects } from '../../apps/server/src/system-objects.ts'
import { readSetting, writeSetting } from '../../apps/server/src/tenant/store.ts'
import { type Credentials, generateCredentials, readCredentials, withApiCredentials } from './credentials.ts'
import { mapStoreError, StartProblem } from './problem.ts'
import { allowClientAt, createTutorial, ensureApiApplication, tutorialSetting } from './tutorial.ts'

export interface Access {
  credentials?: Credentials
  /** Of the client; absent until an application has its callback URL. */
  clientId?: string | undefined
  /** Absent when there is an owner. */
  setUpLink?: string | undefined
}

export interface PrepareOptions {
  /** The server's environment. */
  env: NodeJS.ProcessEnv
  clientUrl: string
  apiUrl: string
  dir: string
  empty: boolean
}

/**
 * Prepares the store for the server. The first start decides whether the store has the tutorial's objects.
 * @returns the credentials of the tutorial's users, or without them the link that creates the first owner
 * @throws {StartProblem}
 */
export async function prepareStore({ env, clientUrl, apiUrl, dir, empty }: PrepareOptions): Promise<Access> {
  const ctx = await mapStoreError(() => openContext(configOf(env)))
  try {
    const system = await ensureSystemObjects(ctx)
    const sample: SampleAddresses = { client_url: clientUrl, api_url: apiUrl }
    await writeSetting(ctx.store.db, sampleSetting, sample, ctx.clock())
    const tutorial = await readSetting<{ made: boolean }>(ctx.store.db, tutorialSetting)
    if (empty && tutorial?.made)
      throw new StartProblem(
        `${dir} holds the tutorial's objects already: start without --empty, name another folder with --dir, or add --reset.`,
      )
    if (empty && !tutorial) await writeSetting(ctx.store.db, tutorialSetting, { made: false }, ctx.clock())
    if (empty || tutorial?.made === false)
      return { setUpLink: await issueFirstOwnerLink(ctx), clientId: await sampleClientId(ctx.store.db) }
    const credentials = await withApiCredentials(dir, await credentialsIn(dir, tutorial !== undefined))
    if (tutorial) await allowClientAt(ctx, credentials.applications.spa.client_id, clientUrl)
    else await createTutorial(ctx, system, credentials, clientUrl)
    await ensureApiApplication(ctx, credentials.applications.api)
    return { credentials, clientId: credentials.applications.spa.client_id }
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

async function credentialsIn(dir: string, hasTutorial: boolean): Promise<Credentials> {
  const known = await readCredentials(dir)
  if (hasTutorial && !known)
    throw new StartProblem(
      `${dir}/credentials.json is gone, and with it the passwords of the tutorial's users: put it back, or start over with --reset.`,
    )
  return known ?? generateCredentials(dir)
}

function configOf(env: NodeJS.ProcessEnv): Config {
  try {
    return readConfig(env)
  } catch (error) {
    throw error instanceof ConfigError ? new StartProblem(error.message) : error
  }
}
