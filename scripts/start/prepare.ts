import { issueFirstOwnerLink } from '../../apps/server/src/accounts/owner-links.ts'
import { type Config, ConfigError, readConfig } from '../../apps/server/src/config.ts'
import { openContext } from '../../apps/server/src/context.ts'
import { ensureSystemObjects } from '../../apps/server/src/system-objects.ts'
import { readSetting, writeSetting } from '../../apps/server/src/tenant/store.ts'
import { type Credentials, generateCredentials, readCredentials } from './credentials.ts'
import { explained, StartProblem } from './problem.ts'
import { allowClientAt, createTutorial, tutorialSetting } from './tutorial.ts'

export interface Access {
  credentials?: Credentials
  /** Once somebody may use the dashboard there is none. */
  setUpLink?: string | undefined
}

export interface Wish {
  /** The server's environment. */
  env: NodeJS.ProcessEnv
  clientUrl: string
  dir: string
  empty: boolean
}

/**
 * Brings the store to where the server may take over. What the first start decided about the tutorial's objects holds
 * for every later one.
 * @returns who may log in, or without the tutorial's objects the link that makes the first owner
 * @throws {StartProblem}
 */
export async function prepareStore({ env, clientUrl, dir, empty }: Wish): Promise<Access> {
  const ctx = await explained(() => openContext(configOf(env)))
  try {
    const system = await ensureSystemObjects(ctx)
    const tutorial = await readSetting<{ made: boolean }>(ctx.store.db, tutorialSetting)
    if (empty && tutorial?.made)
      throw new StartProblem(
        `${dir} holds the tutorial's objects already: start without --empty, name another folder with --dir, or add --reset.`,
      )
    if (empty && !tutorial) await writeSetting(ctx.store.db, tutorialSetting, { made: false }, ctx.clock())
    if (empty || tutorial?.made === false) return { setUpLink: await issueFirstOwnerLink(ctx) }
    const known = await readCredentials(dir)
    if (tutorial && !known)
      throw new StartProblem(
        `${dir}/credentials.json is gone, and with it the passwords of the tutorial's users: put it back, or start over with --reset.`,
      )
    const credentials = known ?? (await generateCredentials(dir))
    if (tutorial) await allowClientAt(ctx, credentials.applications.spa.client_id, clientUrl)
    else await createTutorial(ctx, system, credentials, clientUrl)
    return { credentials }
  } finally {
    await ctx.mailer.close()
    await ctx.store.close()
  }
}

function configOf(env: NodeJS.ProcessEnv): Config {
  try {
    return readConfig(env)
  } catch (error) {
    throw error instanceof ConfigError ? new StartProblem(error.message) : error
  }
}
