import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { sql } from 'kysely'
import { behindTransaction, stores } from '../store/testing.ts'
import { type ManagementServer, startManagement, untilTheEnd } from './testing.ts'

/** What another caller writes to the row at the same time, and what this one sends. */
interface Case {
  make: { path: string; body: Record<string, unknown> }
  table: string
  written: string
  sent: Record<string, unknown>
  both: Record<string, unknown>
}

const cases: Record<string, Case> = {
  API: {
    make: { path: '/resource-servers', body: { identifier: 'https://at-once.example.com', name: 'first' } },
    table: 'apis',
    written: `name = 'written'`,
    sent: { token_lifetime: 60 },
    both: { name: 'written', token_lifetime: 60 },
  },
  role: {
    make: { path: '/roles', body: { name: 'at once' } },
    table: 'roles',
    written: `description = 'written'`,
    sent: { name: 'sent' },
    both: { name: 'sent', description: 'written' },
  },
  application: {
    make: { path: '/clients', body: { name: 'at once' } },
    table: 'applications',
    written: `data = jsonb_set(data, '{description}', '"written"')`,
    sent: { name: 'sent' },
    both: { name: 'sent', description: 'written' },
  },
  'log stream': {
    make: {
      path: '/log-streams',
      body: { type: 'http', status: 'paused', sink: { httpEndpoint: 'https://logs.example.com/' } },
    },
    table: 'log_streams',
    written: `name = 'written'`,
    sent: { isPriority: true },
    both: { name: 'written', isPriority: true },
  },
}

const kind = stores.find(({ name }) => name === 'PostgreSQL')

describe('two changes of one object at the same time', { timeout: 30_000, skip: !kind }, () => {
  const end = untilTheEnd()
  let server: ManagementServer

  before(async () => {
    assert.ok(kind)
    server = await startManagement(end, kind)
  })

  /** Sends the change while the row is written by another transaction, which is committed first. */
  const patch = (path: string, statement: string, body: object, etag?: string) =>
    behindTransaction(
      server.ctx.store,
      (tx) => sql.raw(statement).execute(tx),
      async () => {
        const all = server.managementApi.permissions.map(({ value }) => value)
        const token = await server.token(`${server.clientId}@clients`, all)
        return server.app.inject({
          method: 'PATCH',
          url: `/api/v2${path}`,
          headers: { authorization: `Bearer ${token}`, ...(etag !== undefined && { 'if-match': etag }) },
          payload: body,
        })
      },
    )
  const keyOf = (table: string) => (table === 'applications' ? 'client_id' : 'id')

  for (const [name, { make, table, written, sent, both }] of Object.entries(cases))
    it(`keep what the other one wrote to the ${name}, and If-Match refuses the second`, async () => {
      const made = await server.call('POST', make.path, make.body)
      assert.ok(made.status < 300, JSON.stringify(made.body))
      const id = String(made.body['client_id'] ?? made.body['id'])
      const path = `${make.path}/${id}`
      const statement = `update ${table} set ${written} where ${keyOf(table)} = '${id}'`

      const etag = String((await server.call('GET', path)).headers['etag'])
      const refused = await patch(path, statement, sent, etag)
      assert.equal(refused.statusCode, 412, refused.body)
      assert.equal((await patch(path, statement, sent)).statusCode, 200)
      const { body } = await server.call('GET', path)
      for (const [member, value] of Object.entries(both)) assert.deepEqual(body[member], value, member)
    })

  it('keep both settings of the tenant, also before there are any', async () => {
    const statement = `insert into settings (id, data, updated_at) values ('tenant', '{"friendly_name":"written"}', 0)`
    assert.equal(
      (await patch('/tenants/settings', statement, { support_email: 'help@example.com' })).statusCode,
      200,
    )
    const { body } = await server.call('GET', '/tenants/settings')
    assert.deepEqual([body['friendly_name'], body['support_email']], ['written', 'help@example.com'])
    const etag = String((await server.call('GET', '/tenants/settings')).headers['etag'])
    const again = `update settings set data = '{"friendly_name":"again"}' where id = 'tenant'`
    assert.equal((await patch('/tenants/settings', again, { support_url: '' }, etag)).statusCode, 412)
  })
})
