import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { findClientGrant } from './store.ts'

const audience = 'https://orders.example.com'

for (const kind of stores)
  describe(`client grants over HTTP on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    let apiId: string
    const newClient = async () => String((await call('POST', '/clients', { name: 'App' })).body['client_id'])

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
      const scopes = ['read:orders', 'write:orders', 'delete:orders'].map((value) => ({ value }))
      apiId = String(
        (await call('POST', '/resource-servers', { identifier: audience, name: 'Orders', scopes })).body[
          'id'
        ],
      )
    })

    it('are made, found, changed and taken away', async () => {
      const client_id = await newClient()
      const made = await call('POST', '/client-grants', {
        client_id,
        audience,
        scope: ['write:orders', 'read:orders', 'write:orders'],
      })
      assert.equal(made.status, 201)
      const { id } = made.body
      assert.match(String(id), /^cgr_[A-Za-z0-9]{16}$/)
      const granted = {
        id,
        client_id,
        audience,
        scope: ['write:orders', 'read:orders'],
        subject_type: 'client',
      }
      assert.deepEqual(made.body, granted)
      assert.deepEqual((await call('GET', `/client-grants/${id}`)).body, made.body)
      assert.deepEqual((await call('GET', `/client-grants?client_id=${client_id}`)).body, [made.body])
      assert.deepEqual((await call('GET', `/client-grants?client_id=${client_id}&audience=none`)).body, [])
      const changed = await call('PATCH', `/client-grants/${id}`, {
        scope: ['delete:orders'],
        organization_usage: 'deny',
      })
      assert.deepEqual(changed.body, {
        ...granted,
        scope: ['delete:orders'],
        organization_usage: 'deny',
      })
      assert.equal((await call('DELETE', `/client-grants/${id}`)).status, 204)
      assert.equal(await findClientGrant(server.ctx.store.db, client_id, apiId), undefined)
    })

    it('are one for each application, API and kind of subject', async () => {
      const client_id = await newClient()
      const body = { client_id, audience, scope: [] }
      assert.equal((await call('POST', '/client-grants', body)).status, 201)
      assert.equal((await call('POST', '/client-grants', body)).status, 409)
      assert.equal((await call('POST', '/client-grants', { ...body, subject_type: 'user' })).status, 201)
      assert.equal(
        (await call('GET', `/client-grants?client_id=${client_id}&subject_type=user`)).body.length,
        1,
      )
    })

    it('may stand for every permission, also those of later', async () => {
      const client_id = await newClient()
      const made = await call('POST', '/client-grants', { client_id, audience, allow_all_scopes: true })
      assert.equal(made.body['allow_all_scopes'], true)
      assert.equal((await findClientGrant(server.ctx.store.db, client_id, apiId))?.allowAllScopes, true)
      const narrowed = await call('PATCH', `/client-grants/${made.body['id']}`, { scope: ['read:orders'] })
      assert.deepEqual(
        [narrowed.body['allow_all_scopes'], narrowed.body['scope']],
        [undefined, ['read:orders']],
      )
    })

    it('name an application, an API and permissions that exist, or nothing is kept', async () => {
      const client_id = await newClient()
      const cases = [
        [404, { client_id: 'nobody', audience, scope: [] }],
        [404, { client_id, audience: 'https://nowhere.example', scope: [] }],
        [400, { client_id, audience, scope: ['read:orders', 'fly:orders'] }],
        [400, { client_id, audience, scope: 'read:orders' }],
        [400, { client_id }],
      ] as const
      for (const [status, body] of cases)
        assert.equal((await call('POST', '/client-grants', body)).status, status)
      assert.deepEqual((await call('GET', `/client-grants?client_id=${client_id}`)).body, [])
    })

    it('lose a permission that its API loses', async () => {
      const identifier = 'https://shrinking.example.com'
      const api = await call('POST', '/resource-servers', {
        identifier,
        name: 'Shrinking',
        scopes: [{ value: 'a' }, { value: 'b' }],
      })
      const client_id = await newClient()
      const { id } = (
        await call('POST', '/client-grants', { client_id, audience: identifier, scope: ['a', 'b'] })
      ).body
      await call('PATCH', `/resource-servers/${api.body['id']}`, { scopes: [{ value: 'b' }] })
      assert.deepEqual((await call('GET', `/client-grants/${id}`)).body['scope'], ['b'])
      await call('DELETE', `/resource-servers/${api.body['id']}`)
      assert.equal((await call('GET', `/client-grants/${id}`)).status, 404)
    })

    it('of the server itself are not listed and cannot be changed', async () => {
      const rows = server.ctx.store.db
        .selectFrom('client_grants')
        .select('id')
        .where('client_id', '=', server.dashboard.clientId)
      const { id } = await rows.executeTakeFirstOrThrow()
      assert.equal((await call('GET', `/client-grants/${id}`)).body['is_system'], true)
      assert.deepEqual((await call('GET', `/client-grants?client_id=${server.dashboard.clientId}`)).body, [])
      assert.equal((await call('PATCH', `/client-grants/${id}`, { scope: [] })).status, 403)
      assert.equal((await call('DELETE', `/client-grants/${id}`)).status, 403)
    })

    it('on the Management API hold nothing that the caller does not hold', async () => {
      const client_id = await newClient()
      const management = server.managementApi.identifier
      const scopes = ['create:client_grants', 'update:client_grants', 'read:roles']
      const weak = await server.token(`${server.clientId}@clients`, scopes)
      for (const body of [{ scope: ['delete:users'] }, { allow_all_scopes: true }]) {
        const refused = await call(
          'POST',
          '/client-grants',
          { client_id, audience: management, ...body },
          weak,
        )
        assert.deepEqual([refused.status, refused.body['errorCode']], [403, 'insufficient_privilege'])
      }
      const given = await call(
        'POST',
        '/client-grants',
        { client_id, audience: management, scope: ['read:roles'] },
        weak,
      )
      assert.equal(given.status, 201)
      const raised = await call(
        'PATCH',
        `/client-grants/${given.body['id']}`,
        { scope: ['read:roles', 'delete:users'] },
        weak,
      )
      assert.equal(raised.status, 403)
      assert.equal(
        (await call('PATCH', `/client-grants/${given.body['id']}`, { allow_all_scopes: true }, weak)).status,
        403,
      )
    })
  })
