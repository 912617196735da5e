import { after } from 'node:test'
import {
  type Context,
  createApplication,
  createClientGrant,
  findSystemApi,
  startServer,
  type TestServer,
  transaction,
} from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import { type TestTerminal, testTerminal } from '../testing.ts'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

export interface TestTenant extends TestServer, TestTerminal {}

/** For a tenant that all tests of a suite share: call it in `describe`, and hand it on in `before`. */
export function untilTheEnd(): Cleanup {
  const works: (() => Promise<void>)[] = []
  after(async () => {
    for (const work of works) await work()
  })
  return { after: (work) => void works.push(work) }
}

/** A server on a new store, and a terminal whose commands may do everything there. */
export async function testTenant(t: Cleanup, kind = stores[0]): Promise<TestTenant> {
  if (!kind) throw new Error('there is no store')
  const server = await startServer(t, kind)
  const tool = await addTool(server.ctx)
  const terminal = await testTerminal(t, {
    ROLECALL_ISSUER: server.issuer,
    ...tool,
  })
  return { ...server, ...terminal }
}

/** An application that may do everything. @returns the environment of its commands */
export async function addTool(ctx: Context): Promise<Record<string, string>> {
  const api = await findSystemApi(ctx.store.db)
  return transaction(ctx, async (tx) => {
    const { application, clientSecret } = await createApplication(tx, {
      name: 'Deployment',
      app_type: 'non_interactive',
    })
    if (!api || clientSecret === undefined) throw new Error('the server has started')
    const { clientId } = application
    await createClientGrant(tx, {
      clientId,
      apiId: api.id,
      scope: api.permissions.map(({ value }) => value),
    })
    return { ROLECALL_CLIENT_ID: clientId, ROLECALL_CLIENT_SECRET: clientSecret }
  })
}
