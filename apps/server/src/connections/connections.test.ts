import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { defaultConnectionName } from './connections.ts'
import { connectionOf, findConnection, isEnabled } from './store.ts'

for (const kind of stores)
  describe(`connections over HTTP on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    const newClient = async () => String((await call('POST', '/clients', { name: 'App' })).body['client_id'])

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
    })

    it('begin with the one that Auth0’s tools expect, which new applications sign in with', async () => {
      const { db } = server.ctx.store
      const clientId = await newClient()
      const connection = await connectionOf(db, clientId)
      assert.equal(connection?.name, defaultConnectionName)
      assert.equal(await isEnabled(db, connection?.id ?? '', clientId), true)
      await call('PATCH', '/tenants/settings', { flags: { enable_client_connections: false } })
      assert.equal(await connectionOf(db, await newClient()), undefined)
      await call('PATCH', '/tenants/settings', { flags: { enable_client_connections: true } })
    })

    it('are made, found by name, changed and deleted', async () => {
      const clientId = await newClient()
      const made = await call('POST', '/connections', {
        name: 'Customers-2',
        strategy: 'auth0',
        options: { disable_signup: true, passwordPolicy: 'excellent' },
        enabled_clients: [clientId],
        metadata: { team: 'sales' },
      })
      assert.equal(made.status, 201)
      const { id, options, ...rest } = made.body
      assert.match(String(id), /^con_[A-Za-z0-9]{16}$/)
      assert.equal(options?.['disable_signup'], true)
      assert.deepEqual(rest, {
        name: 'Customers-2',
        strategy: 'auth0',
        realms: ['Customers-2'],
        is_domain_connection: false,
        enabled_clients: [clientId],
        metadata: { team: 'sales' },
      })
      const found = await call('GET', '/connections?take=1&name=Customers-2&include_fields=true')
      assert.deepEqual(found.body, { connections: [made.body] })
      assert.deepEqual((await call('GET', `/connections/${id}?fields=name`)).body, { name: 'Customers-2' })
      const patched = await call('PATCH', `/connections/${id}`, {
        options: { requires_username: true },
        enabled_clients: [],
      })
      assert.deepEqual(
        patched.body['options'],
        { requires_username: true },
        'options are replaced as a whole',
      )
      assert.deepEqual(patched.body['enabled_clients'], [])
      assert.equal((await call('DELETE', `/connections/${id}`)).status, 204)
      assert.equal((await call('GET', `/connections/${id}`)).body['errorCode'], 'inexistent_connection')
    })

    it('are listed by strategy, once or repeated, in three forms', async () => {
      assert.equal((await call('GET', '/connections?strategy=auth0')).body.length, 1)
      assert.deepEqual((await call('GET', '/connections?strategy=google-oauth2&strategy=samlp')).body, [])
      const counted = (await call('GET', '/connections?include_totals=true')).body
      assert.deepEqual([counted['total'], counted['connections']?.length], [1, 1])
      const checkpoint = (await call('GET', '/connections?include_totals=true&take=50&strategy=auth0')).body
      assert.deepEqual(Object.keys(checkpoint), ['connections'])
    })

    it('switch applications on and off in one step, all or none', async () => {
      const [one, two] = [await newClient(), await newClient()]
      const connection = await findConnection(server.ctx.store.db, defaultConnectionName)
      const path = `/connections/${connection?.id}/clients`
      const broken = await call('PATCH', path, [
        { client_id: one, status: false },
        { client_id: 'nobody', status: true },
      ])
      assert.equal(broken.status, 404)
      const enabled = async () => {
        const ids: unknown[] = []
        let from = ''
        do {
          const page = (await call('GET', `${path}?take=1${from && `&from=${from}`}`)).body
          ids.push(...(page['clients']?.map((item) => item['client_id']) ?? []))
          from = String(page['next'] ?? '')
        } while (from)
        return ids
      }
      assert.ok((await enabled()).includes(one))
      const done = await call('PATCH', path, [
        { client_id: one, status: false },
        { client_id: two, status: true },
      ])
      assert.deepEqual([done.status, done.body], [204, ''])
      const after = await enabled()
      assert.deepEqual([after.includes(one), after.includes(two)], [false, true])
      const connections = (await call('GET', `/clients/${two}/connections?take=5`)).body['connections']
      assert.deepEqual(
        connections?.map((item) => item['name']),
        [defaultConnectionName],
      )
    })

    it('refuse a taken name, another strategy, and what is no name', async () => {
      const refused = async (body: object) => (await call('POST', '/connections', body)).status
      assert.equal(await refused({ name: defaultConnectionName, strategy: 'auth0' }), 409)
      const { body } = await call('POST', '/connections', { name: 'Social', strategy: 'google-oauth2' })
      assert.equal(
        body['message'],
        "Payload validation error: 'is not supported: must be one of auth0, oidc, github' on property strategy",
      )
      for (const name of ['', '-a', 'a-', 'a b', 'a\n', 'é', 'x'.repeat(129)])
        assert.equal(await refused({ name, strategy: 'auth0' }), 400, JSON.stringify(name))
      assert.equal(
        await refused({ name: 'Types', strategy: 'auth0', options: { disable_signup: 'yes' } }),
        400,
      )
      assert.equal(await refused({ name: 'Nobody', strategy: 'auth0', enabled_clients: ['nobody'] }), 404)
      assert.equal(await findConnection(server.ctx.store.db, 'Nobody'), undefined)
    })

    it('stay as long as somebody signs in with them', async () => {
      const { id } = (await call('POST', '/connections', { name: 'Lived-in', strategy: 'auth0' })).body
      await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'Lived-in', email: 'ada@example.com' }),
      )
      const refused = await call('DELETE', `/connections/${id}`)
      assert.deepEqual([refused.status, refused.body['errorCode']], [400, 'operation_not_supported'])
    })
  })
