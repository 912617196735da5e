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
