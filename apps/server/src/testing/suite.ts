import { after, before } from 'node:test'
import type { Store } from '../store/store.ts'
import { startServer, type TestServer } from './server.ts'
import { makeTutorial, type Tutorial } from './tutorial.ts'

type World = TestServer & Tutorial & { clientId: string }

/** For use inside `describe`: a server with the tutorial's objects, up while the suite runs. Read it inside tests only. */
export function tutorialServer(
  kind: { open(t: { after(clean: () => Promise<void>): void }): Promise<Store> },
  options: Parameters<typeof startServer>[2] = {},
): World {
  const world = {} as World
  const cleanups: (() => Promise<void>)[] = []
  before(async () => {
    const server = await startServer({ after: (clean) => cleanups.push(clean) }, kind, options)
    const tutorial = await makeTutorial(server.ctx)
    Object.assign(world, server, tutorial, { clientId: tutorial.spa.clientId })
  })
  after(async () => {
    for (const clean of cleanups) await clean()
  })
  return world
}
