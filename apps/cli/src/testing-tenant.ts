import type { TestContext } from 'node:test'
import {
  addPermissionsToRole,
  assignRoles,
  type Context,
  createApi,
  createApplication,
  createClientGrant,
  createRole,
  createUser,
  findSystemApi,
  startServer,
  transaction,
} from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import { type TestTerminal, testTerminal } from './testing.ts'

export const orders = 'https://orders.example.com'

/** A server with an API, a role, two users and an application, and a terminal with the credentials of another application. */
export interface TestTenant extends TestTerminal {
  issuer: string
  ctx: Context
  /** The application that has a grant for reading. */
  worker: { clientId: string }
}

export async function testTenant(t: TestContext): Promise<TestTenant> {
  const [kind] = stores
  if (!kind) throw new Error('there is a store')
  const { ctx, issuer } = await startServer(t, kind)
  const managementApi = await findSystemApi(ctx.store.db)
  if (!managementApi) throw new Error('the server has created it')
  const tool = await transaction(ctx, async (tx) => {
    const made = await createApplication(tx, { name: 'Command line', app_type: 'non_interactive' })
    const { clientId } = made.application
    await createClientGrant(tx, { clientId, apiId: managementApi.id, allowAllScopes: true })
    return made
  })
  const worker = await transaction(ctx, async (tx) => {
    const api = await createApi(tx, ctx.sealer, {
      identifier: orders,
      name: 'Orders',
      enforcePolicies: true,
      permissions: [
        { value: 'read:orders', description: 'Read orders */' },
        { value: 'write:orders', description: '' },
        { value: "purge:o'rders", description: 'Nobody can hold it' },
      ],
    })
    const clerk = await createRole(tx, { name: 'clerk', description: 'May read' })
    await addPermissionsToRole(tx, clerk.id, [{ api: orders, permission: 'read:orders' }])
    const ada = await createUser(tx, {
      connection: 'Username-Password-Authentication',
      email: 'ada@example.com',
    })
    await createUser(tx, { connection: 'Username-Password-Authentication', email: 'bob@example.com' })
    await assignRoles(tx, ada.userId, [clerk.id])
    const { application } = await createApplication(tx, { name: 'Worker', app_type: 'non_interactive' })
    await createClientGrant(tx, { clientId: application.clientId, apiId: api.id, scope: ['write:orders'] })
    return application
  })
  const terminal = await testTerminal(t, {
    ROLECALL_ISSUER: issuer,
    ROLECALL_CLIENT_ID: tool.application.clientId,
    ROLECALL_CLIENT_SECRET: tool.clientSecret ?? '',
  })
  return { ...terminal, issuer, ctx, worker }
}
