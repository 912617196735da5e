import { after, before } from 'node:test'
import { type Lab, type Launcher, launch, type Site, site } from '../start/launcher.ts'

/** The whole system as `npm start` runs it, on separate ports and in a separate folder. */
export interface System {
  readonly lab: Lab
  /** The folder of its data. */
  readonly dir: string
  /** Starts it again with the same data and addresses. @param env replaces the `env` given to `useSystem` */
  start(env?: NodeJS.ProcessEnv): Promise<void>
  stop(): Promise<void>
}

/**
 * Runs the system once for the calling file.
 * @param defaultEnv added to the environment the tests were started with
 * @param options of the launcher
 */
export function useSystem(defaultEnv: NodeJS.ProcessEnv = {}, options: string[] = []): System {
  let place: Site
  let lab: Lab
  let launcher: Launcher | undefined
  const cleanups: (() => void)[] = []

  const system = {
    get lab() {
      return lab
    },
    get dir() {
      return place.dir
    },
    async start(env = defaultEnv) {
      launcher = launch([...place.args, ...options], env)
      await launcher.running()
      lab = await place.readLab()
    },
    async stop() {
      launcher?.process.kill('SIGTERM')
      await launcher?.ended
      launcher = undefined
    },
  }

  before(async () => {
    place = await site({ after: (clean) => cleanups.push(clean) })
    await system.start()
  })
  after(async () => {
    await system.stop()
    for (const clean of cleanups) clean()
  })
  return system
}
