import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { findClientGrant } from '../applications/store.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { reservedNamesWarning } from './apis.ts'
import { replacePermissions } from './store.ts'

for (const kind of stores)
  describe(`APIs over HTTP on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    const call: ManagementServer['call'] = (...args) => server.call(...args)

    before(async () => {
      server = await startManagement(end, kind)
    })

    it('are created with Auth0’s defaults and shapes', async () => {
      const { status, body, headers } = await call('POST', '/resource-servers', {
        identifier: 'https://defaults.test',
        name: 'Defaults',
        disable_self_service_change_password: 'an unknown member is ignored',
      })
      assert.equal(status, 201)
      const { id, ...rest } = body
      assert.match(String(id), /^[0-9a-f]{24}$/)
      assert.deepEqual(rest, {
        name: 'Defaults',
        identifier: 'https://defaults.test',
        signing_alg: 'RS256',
        allow_offline_access: false,
        skip_consent_for_verifiable_first_party_clients: false,
        token_lifetime: 86_400,
        token_lifetime_for_web: 7_200,
        subject_type_authorization: {
          user: { policy: 'allow_all' },
          client: { policy: 'require_client_grant' },
        },
      })
      const reset = Number(headers['x-ratelimit-reset'])
      assert.ok(Math.abs(reset - Date.now() / 1000) < 5, 'the reset is in epoch seconds')
    })

    it('are found by id and by their encoded identifier, however odd it is', async () => {
      for (const identifier of [
        'https://odd.test/a b?c=d#e',
        'urn:x:ä/%2F',
        'x'.repeat(600),
        'é'.repeat(600),
      ]) {
        const created = await call('POST', '/resource-servers', { identifier })
        assert.equal(created.status, 201, identifier)
        for (const id of [String(created.body['id']), identifier]) {
          const found = await call('GET', `/resource-servers/${encodeURIComponent(id)}`)
          assert.equal(found.status, 200, id)
          assert.deepEqual(found.body, created.body)
        }
        assert.equal(
          (await call('DELETE', `/resource-servers/${encodeURIComponent(identifier)}`)).status,
          204,
        )
      }
    })

    for (const value of [
      'openid',
      'profile',
      'email',
      'address',
      'phone',
      'offline_access',
      'Email',
      'OPENID',
    ])
      it(`have no permission named ${value}: it is refused with a sentence at creation and update`, async () => {
        const identifier = `https://reserved.test/${value}`
        const scopes = [{ value: 'read:a', description: 'A' }, { value }]
        const message = `Payload validation error: '${value} is a scope of OpenID Connect and cannot be a permission; choose another name, such as read:${value.toLowerCase()}' on property scopes.1.value`
        const refused = await call('POST', '/resource-servers', { identifier, scopes })
        assert.deepEqual(
          [refused.status, refused.body['errorCode'], refused.body['message']],
          [400, 'invalid_body', message],
        )
        assert.equal((await call('POST', '/resource-servers', { identifier })).status, 201)
        const path = `/resource-servers/${encodeURIComponent(identifier)}`
        const patched = await call('PATCH', path, { scopes })
        assert.deepEqual([patched.status, patched.body['message']], [400, message])
        assert.equal('scopes' in (await call('GET', path)).body, false)
      })

    for (const value of [' email', 'email ', 'e mail', '\temail'])
      it(`have no permission with white space in its name: ${JSON.stringify(value)}`, async () => {
        const body = { identifier: 'https://blank.test', scopes: [{ value }] }
        assert.equal((await call('POST', '/resource-servers', body)).status, 400)
      })

    it('keep a reserved name that an earlier release stored, until it is left out', async () => {
      const created = await call('POST', '/resource-servers', { identifier: 'https://stored.test' })
      const id = String(created.body['id'])
      const email = { value: 'email', description: 'Mail' }
      await replacePermissions(server.ctx.store.db, id, [email])
      assert.match(
        (await reservedNamesWarning(server.ctx.store.db)) ?? '',
        /rename them.*: email of https:\/\/stored\.test$/,
      )
      const other = { value: 'read:mail', description: 'Read mail' }
      const kept = await call('PATCH', `/resource-servers/${id}`, { scopes: [email, other] })
      assert.deepEqual([kept.status, kept.body['scopes']], [200, [email, other]])
      const renamed = await call('PATCH', `/resource-servers/${id}`, { scopes: [other] })
      assert.equal(renamed.status, 200)
      const again = await call('PATCH', `/resource-servers/${id}`, { scopes: [other, email] })
      assert.equal(again.status, 400)
      assert.equal(await reservedNamesWarning(server.ctx.store.db), undefined)
    })

    it('keep what tools send and no rule reads', async () => {
      const extra = {
        token_encryption: null,
        consent_policy: 'standard',
        authorization_details: [{ type: 'payment' }],
        proof_of_possession: { mechanism: 'dpop', required: false },
        subject_type_authorization: { user: { policy: 'deny_all' } },
      }
      const created = await call('POST', '/resource-servers', { identifier: 'https://extra.test', ...extra })
      assert.equal(created.status, 201)
      const { body } = await call('GET', `/resource-servers/${created.body['id']}`)
      assert.deepEqual(body['proof_of_possession'], extra.proof_of_possession)
      assert.deepEqual(body['authorization_details'], extra.authorization_details)
      assert.deepEqual(body['subject_type_authorization'], {
        user: { policy: 'deny_all' },
        client: { policy: 'require_client_grant' },
      })
    })

    it('change what is named and nothing else; the identifier never', async () => {
      const { body: created } = await call('POST', '/resource-servers', {
        identifier: 'https://change.test',
        scopes: [{ value: 'b', description: 'B' }, { value: 'a' }],
      })
      const path = `/resource-servers/${created['id']}`
      const on = await call('PATCH', path, { enforce_policies: true, token_dialect: 'access_token_authz' })
      assert.equal(on.status, 200)
      assert.deepEqual(
        on.body,
        Object.assign({}, created, { enforce_policies: true, token_dialect: 'access_token_authz' }),
      )
      assert.deepEqual(on.body['scopes'], [
        { value: 'b', description: 'B' },
        { value: 'a', description: '' },
      ])
      const off = await call('PATCH', path, {
        enforce_policies: null,
        token_dialect: null,
        token_lifetime: 60,
      })
      assert.deepEqual(
        off.body,
        Object.assign({}, created, { token_lifetime: 60, token_lifetime_for_web: 60 }),
      )
      const moved = await call('PATCH', path, { identifier: 'https://elsewhere.test' })
      assert.equal(moved.status, 400)
      assert.equal(moved.body['errorCode'], 'invalid_body')
    })

    it('answer 409 for an identifier that is taken, and keep nothing of the attempt', async () => {
      const first = await call('POST', '/resource-servers', {
        identifier: 'https://taken.test',
        name: 'First',
      })
      const second = await call('POST', '/resource-servers', {
        identifier: 'https://taken.test',
        name: 'Second',
        scopes: [{ value: 'x' }],
      })
      assert.equal(second.status, 409)
      const { body } = await call('GET', `/resource-servers/${first.body['id']}`)
      assert.deepEqual(body, first.body)
    })

    it('are signed with an algorithm that they name; an unknown one is refused, not replaced in silence', async () => {
      for (const alg of ['PS256', 'ES256', 'EdDSA']) {
        const identifier = `https://${alg}.test`
        const { status, body } = await call('POST', '/resource-servers', { identifier, signing_alg: alg })
        assert.deepEqual([status, body['signing_alg']], [201, alg])
        assert.equal((await call('DELETE', `/resource-servers/${body['id']}`)).status, 204)
      }
      for (const alg of ['RS512', 'ES384', 'none']) {
        const { status, body } = await call('POST', '/resource-servers', {
          identifier: `https://${alg}.test`,
          signing_alg: alg,
        })
        assert.equal(status, 400)
        assert.equal(body['errorCode'], 'invalid_body')
      }
    })

    it('show an HS256 secret to those who may change the API, and to nobody in the log', async () => {
      const secret = 'a-secret-of-some-length'
      const { body } = await call('POST', '/resource-servers', {
        identifier: 'https://hs.test',
        signing_alg: 'HS256',
        signing_secret: secret,
      })
      assert.equal(body['signing_secret'], secret)
      const path = `/resource-servers/${body['id']}`
      assert.equal((await call('GET', path)).body['signing_secret'], secret)
      const reader = await server.token(`${server.clientId}@clients`, ['read:resource_servers'])
      assert.equal((await call('GET', path, undefined, reader)).body['signing_secret'], undefined)
      const list = await call('GET', '/resource-servers')
      assert.ok(!JSON.stringify(list.body).includes(secret))
      const row = await server.ctx.store.db
        .selectFrom('apis')
        .selectAll()
        .where('id', '=', String(body['id']))
        .execute()
      assert.ok(!JSON.stringify(row).includes(secret))
      const logs = await server.ctx.store.db.selectFrom('logs').select('data').execute()
      assert.ok(!JSON.stringify(logs).includes(secret))
    })

    it('come in three forms of pages', async () => {
      const { body: all } = await call('GET', '/resource-servers')
      assert.ok(Array.isArray(all) && all.length >= 5)
      const counted = await call('GET', '/resource-servers?page=1&per_page=2&include_totals=true')
      assert.deepEqual(counted.body, {
        start: 2,
        limit: 2,
        total: all.length,
        resource_servers: all.slice(2, 4),
      })
      const beyond = await call('GET', '/resource-servers?page=900&per_page=100&include_totals=true')
      assert.deepEqual(beyond.body['resource_servers'], [])
      const first = await call('GET', '/resource-servers?include_totals=true&take=3')
      assert.deepEqual(Object.keys(first.body).toSorted(), ['next', 'resource_servers'])
      const rest = await call('GET', `/resource-servers?take=100&from=${first.body['next']}`)
      assert.deepEqual(Object.keys(rest.body), ['resource_servers'])
      assert.deepEqual([...first.body['resource_servers']!, ...rest.body['resource_servers']!], all)
      const one = await call(
        'GET',
        `/resource-servers?identifiers=https://taken.test&identifiers=https://hs.test`,
      )
      assert.deepEqual(
        one.body.map(({ identifier }) => identifier),
        ['https://hs.test', 'https://taken.test'],
      )
    })

    it('take a removed permission, and a removed API, from roles, users and grants', async () => {
      const identifier = 'https://cascade.test'
      const scopes = ['keep', 'drop'].map((value) => ({ value }))
      const { body: api } = await call('POST', '/resource-servers', { identifier, scopes })
      const { body: role } = await call('POST', '/roles', { name: 'cascade' })
      const { userId } = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'c', email: 'cascade@x.test' }),
      )
      const user = encodeURIComponent(userId)
      const permissions = scopes.map(({ value }) => ({
        resource_server_identifier: identifier,
        permission_name: value,
      }))
      await call('POST', `/roles/${role['id']}/permissions`, { permissions })
      await call('POST', `/users/${user}/permissions`, { permissions })
      await call('POST', `/users/${user}/roles`, { roles: [role['id']] })
      const grant = await call('POST', '/client-grants', {
        client_id: server.clientId,
        audience: identifier,
        scope: ['keep', 'drop'],
      })
      assert.equal(grant.status, 201, JSON.stringify(grant.body))
      const apiId = String(api['id'])
      const { db } = server.ctx.store
      assert.deepEqual(await effectivePermissions(db, userId, apiId), ['drop', 'keep'])

      await call('PATCH', `/resource-servers/${apiId}`, { scopes: [{ value: 'keep' }] })
      assert.deepEqual(await effectivePermissions(db, userId, apiId), ['keep'])
      const left = await call('GET', `/roles/${role['id']}/permissions`)
      assert.deepEqual(
        left.body.map(({ permission_name }) => permission_name),
        ['keep'],
      )
      assert.deepEqual((await findClientGrant(db, server.clientId, apiId))?.scope, ['keep'])

      assert.equal((await call('DELETE', `/resource-servers/${apiId}`)).status, 204)
      assert.deepEqual(await effectivePermissions(db, userId, apiId), [])
      assert.deepEqual((await call('GET', `/roles/${role['id']}/permissions`)).body, [])
      assert.deepEqual((await call('GET', `/users/${user}/permissions`)).body, [])
      assert.equal(await findClientGrant(db, server.clientId, apiId), undefined)
    })

    it('of the system cannot be changed, by nobody', async () => {
      const id = encodeURIComponent(server.managementApi.identifier)
      const { body: original } = await call('GET', `/resource-servers/${id}`)
      assert.equal(original['name'], 'Auth0 Management API')
      assert.equal(original['is_system'], true)
      for (const [method, body] of [
        ['PATCH', { name: 'Mine' }],
        ['PATCH', { scopes: [] }],
        ['DELETE', undefined],
      ] as const) {
        const { status } = await call(method, `/resource-servers/${id}`, body)
        assert.equal(status, 403)
      }
      assert.deepEqual((await call('GET', `/resource-servers/${id}`)).body, original)
    })

    it('hold 5,000 permissions', async () => {
      const scopes = Array.from({ length: 5_000 }, (_, n) => ({ value: `read:thing-${n}`, description: '' }))
      const { status, body } = await call('POST', '/resource-servers', {
        identifier: 'https://many.test',
        scopes,
      })
      assert.equal(status, 201)
      assert.deepEqual(body['scopes'], scopes)
      const { body: role } = await call('POST', '/roles', { name: 'many' })
      const permissions = scopes.map(({ value }) => ({
        resource_server_identifier: 'https://many.test',
        permission_name: value,
      }))
      assert.equal((await call('POST', `/roles/${role['id']}/permissions`, { permissions })).status, 201)
      const counted = await call('GET', `/roles/${role['id']}/permissions?include_totals=true&per_page=1`)
      assert.equal(counted.body['total'], 5_000)
      assert.equal((await call('DELETE', `/roles/${role['id']}/permissions`, { permissions })).status, 204)
      const more = [...scopes, { value: 'one-more', description: '' }]
      assert.equal((await call('POST', '/resource-servers', { identifier: 'x', scopes: more })).status, 400)
    })
  })
