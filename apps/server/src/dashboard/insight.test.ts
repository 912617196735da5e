import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { tutorial } from '../seed/tutorial.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'

const identifier = tutorial.api.identifier
const ref = (permission_name: string) => ({ permission_name, resource_server_identifier: identifier })

for (const kind of stores)
  describe(`what the dashboard asks beyond Auth0's API on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    const call: ManagementServer['call'] = (...args) => server.call(...args)
    const ids = { api: '', a: '', b: '' }

    // ada holds both roles, bob role A alone, cleo role A and one permission directly.
    before(async () => {
      server = await startManagement(end, kind)
      const scopes = ['read', 'write'].map((value) => ({ value, description: value }))
      ids.api = String(
        (await call('POST', '/resource-servers', { identifier, name: 'Hello', scopes })).body['id'],
      )
      for (const [name, permissions] of [
        ['a', ['read', 'write']],
        ['b', ['read']],
      ] as const) {
        ids[name] = String((await call('POST', '/roles', { name })).body['id'])
        await call('POST', `/roles/${ids[name]}/permissions`, { permissions: permissions.map(ref) })
      }
      const users = await Promise.all(
        ['ada', 'bob', 'cleo'].map(async (name) => {
          const connection = 'Username-Password-Authentication'
          return (
            await transaction(server.ctx, (tx) =>
              createUser(tx, { connection, email: `${name}@example.com` }),
            )
          ).userId
        }),
      )
      await call('POST', `/roles/${ids.a}/users`, { users })
      await call('POST', `/roles/${ids.b}/users`, { users: users.slice(0, 1) })
      await call('POST', `/users/${users[2]}/permissions`, { permissions: [ref('write')] })
    })

    const impact = async (query: string) => (await call('GET', `/rolecall/impact?${query}`)).body

    it('counts who holds a permission, by whatever way', async () => {
      assert.deepEqual(await impact(`api=${ids.api}&permission=write`), {
        users: 3,
        roles: 1,
        direct: 1,
        applications: 0,
      })
      assert.deepEqual(await impact(`api=${ids.api}`), { users: 3, roles: 2, direct: 1, applications: 0 })
    })

    it('counts as losers of a role only those who have nothing else that gives the same', async () => {
      const losing = async (query: string) => (await impact(query))['users']
      // Without A, ada still reads through B, and cleo still writes.
      assert.equal(await losing(`role=${ids.a}&api=${ids.api}&permission=read`), 2)
      assert.equal(await losing(`role=${ids.a}&api=${ids.api}&permission=write`), 2)
      assert.equal(await losing(`role=${ids.a}`), 3)
      // Every holder of B also holds A.
      assert.equal(await losing(`role=${ids.b}`), 0)
    })

    it('gives the whole grid of an API at once', async () => {
      const { body } = await call('GET', `/rolecall/role-permissions?api=${ids.api}`)
      const pairs = body.map(
        (pair) => `${String(pair['role_id']) === ids.a ? 'a' : 'b'} ${pair['permission_name']}`,
      )
      assert.deepEqual(pairs.toSorted(), ['a read', 'a write', 'b read'])
      assert.equal((await call('GET', '/rolecall/role-permissions?api=none')).status, 404)
    })

    it('counts the users and permissions of the roles of a page, and lists the roles of its users', async () => {
      const counted = await call('GET', `/rolecall/role-counts?roles=${ids.a},${ids.b},rol_none`)
      assert.deepEqual(counted.body, [
        { role_id: ids.a, users: 3, permissions: 2 },
        { role_id: ids.b, users: 1, permissions: 1 },
        { role_id: 'rol_none', users: 0, permissions: 0 },
      ])
      const { body } = await call('GET', '/users?sort=email:1')
      const userIds = body.map((user) => String(user['user_id']))
      const held = await call('GET', `/rolecall/user-roles?users=${encodeURIComponent(userIds.join(','))}`)
      assert.deepEqual(
        held.body.map((one) => `${userIds.indexOf(String(one['user_id']))} ${one['name']}`).toSorted(),
        ['0 a', '0 b', '1 a', '2 a'],
      )
      for (const query of ['roles=', 'roles=a,,b', `roles=${'a,'.repeat(101)}a`])
        assert.equal((await call('GET', `/rolecall/role-counts?${query}`)).status, 400, query)
    })

    it('finds users by role, and by a permission that they hold in any way', async () => {
      const emails = async (query: string) =>
        (await call('GET', `/users?sort=email:1&${query}`)).body.map(({ email }) => String(email)[0])
      assert.deepEqual(await emails(`role=${ids.b}`), ['a'])
      assert.deepEqual(await emails('role=rol_none'), [])
      const of = (permission: string) =>
        `permission=${permission}&resource_server=${encodeURIComponent(identifier)}`
      assert.deepEqual(await emails(of('write')), ['a', 'b', 'c'])
      assert.deepEqual(await emails(`${of('read')}&search=bob`), ['b'])
      assert.deepEqual(await emails(of('none')), [])
      assert.deepEqual(await emails(`role=${ids.a}&q=${encodeURIComponent('email:a* OR email:c*')}`), [
        'a',
        'c',
      ])
      const counted = await call('GET', `/users?role=${ids.a}&search=example&include_totals=true&per_page=1`)
      assert.deepEqual([counted.body['total'], counted.body['users']!.length], [3, 1])
      assert.equal((await call('GET', '/users?permission=read')).status, 400)
      assert.equal((await call('GET', `/users?search=${'a'.repeat(301)}`)).status, 400)
    })

    it('searches roles, APIs and applications by any part of their names and ids', async () => {
      const names = async (path: string) =>
        (await call('GET', path)).body.map((one) => String(one['name'] ?? one['id']))
      await call('POST', '/roles', { name: 'Éditeur en chef' })
      await call('POST', '/clients', { name: '山田の店' })
      assert.deepEqual(await names('/roles?search=CHEF%20é'), ['Éditeur en chef'])
      assert.deepEqual(await names(`/roles?search=${ids.a.slice(4, 14)}`), ['a'])
      assert.deepEqual(await names(`/resource-servers?search=${identifier.slice(10, 20)}`), ['Hello'])
      assert.deepEqual(await names('/resource-servers?search=nothing'), [])
      assert.deepEqual(await names(`/clients?search=${encodeURIComponent('の店')}`), ['山田の店'])
    })

    it('lists who holds a permission without a role, page by page', async () => {
      const path = `/rolecall/direct-holders?api=${ids.api}`
      const { body } = await call('GET', `${path}&include_totals=true`)
      assert.deepEqual(
        [body['total'], body['holders']!.map(({ email, permission_name }) => `${email} ${permission_name}`)],
        [1, ['cleo@example.com write']],
      )
      const first = (await call('GET', `${path}&take=1`)).body
      assert.deepEqual([first['holders']!.length, first['next']], [1, undefined])
      assert.equal((await call('GET', '/rolecall/direct-holders?api=none')).status, 404)
    })

    it('counts log-ins and refusals of 24 hours', async () => {
      const { body } = await call('GET', '/rolecall/log-counts')
      assert.equal(body.length, 24)
      assert.deepEqual(Object.keys(body[0] ?? {}), ['hour', 'logins', 'refusals'])
    })

    it('refuses a change to another version than it names, and changes nothing (RFC 9110 §13.1.1)', async () => {
      const patch = (etag: string, description: string) =>
        server.app.inject({
          method: 'PATCH',
          url: `/api/v2/roles/${ids.a}`,
          headers: { authorization: `Bearer ${token}`, 'if-match': etag },
          payload: { description },
        })
      const all = server.managementApi.permissions.map(({ value }) => value)
      const token = await server.token(`${server.clientId}@clients`, all)
      const read = async () => {
        const { headers, body } = await call('GET', `/roles/${ids.a}`)
        return { etag: String(headers['etag']), description: String(body['description']) }
      }
      const { etag } = await read()
      assert.match(etag, /^"[\w-]{43}"$/)
      assert.equal((await patch(etag, 'one')).statusCode, 200)
      const stale = await patch(etag, 'two')
      assert.equal(stale.statusCode, 412)
      assert.equal(stale.json().errorCode, 'precondition_failed')
      assert.equal((await read()).description, 'one')
      assert.equal((await patch((await read()).etag, 'three')).statusCode, 200)
      assert.equal((await call('PATCH', `/roles/${ids.a}`, { description: 'four' })).status, 200)
    })
  })
