import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { tutorial } from '../seed/tutorial.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'

const api = tutorial.api.identifier
const read = { resource_server_identifier: api, permission_name: tutorial.permission.value }
const write = { resource_server_identifier: api, permission_name: 'write:admin-messages' }

for (const kind of stores)
  describe(`roles over HTTP on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    const call: ManagementServer['call'] = (...args) => server.call(...args)
    const newRole = async (name: string) => String((await call('POST', '/roles', { name })).body['id'])
    const newUser = async (email: string) =>
      (
        await transaction(server.ctx, (tx) =>
          createUser(tx, { connection: 'Username-Password-Authentication', email }),
        )
      ).userId

    before(async () => {
      server = await startManagement(end, kind)
      await call('POST', '/resource-servers', {
        identifier: api,
        name: tutorial.api.name,
        scopes: [tutorial.permission, { value: 'write:admin-messages' }],
      })
    })

    it('answer with Auth0’s irregular statuses', async () => {
      const created = await call('POST', '/roles', {
        name: tutorial.role.name,
        description: tutorial.role.description,
      })
      assert.equal(created.status, 200)
      const { id, ...rest } = created.body
      assert.match(String(id), /^rol_[A-Za-z0-9]{16}$/)
      assert.deepEqual(rest, {
        name: tutorial.role.name,
        description: tutorial.role.description,
        type: 'tenant',
      })
      const path = `/roles/${id}`
      assert.deepEqual((await call('GET', path)).body, created.body)
      const renamed = await call('PATCH', path, { description: 'Other' })
      assert.equal(renamed.status, 200)
      assert.deepEqual(renamed.body, Object.assign({}, created.body, { description: 'Other' }))
      const added = await call('POST', `${path}/permissions`, { permissions: [read] })
      assert.deepEqual([added.status, added.body], [201, {}])
      const assigned = await call('POST', `${path}/users`, { users: [await newUser('status@x.test')] })
      assert.deepEqual([assigned.status, assigned.body], [200, {}])
      const removed = await call('DELETE', `${path}/permissions`, { permissions: [read] })
      assert.deepEqual([removed.status, removed.body], [204, ''])
      const deleted = await call('DELETE', path)
      assert.deepEqual([deleted.status, deleted.body], [200, {}])
      assert.equal((await call('GET', path)).status, 404)
    })

    it('have one name each, in any case', async () => {
      await newRole('Clerk')
      const again = await call('POST', '/roles', { name: 'CLERK' })
      assert.equal(again.status, 409)
      const other = await newRole('porter')
      assert.equal((await call('PATCH', `/roles/${other}`, { name: 'clerk' })).status, 409)
      assert.equal((await call('PATCH', `/roles/${other}`, { name: 'Porter' })).status, 200)
    })

    it('are found by a part of their name, wildcards meaning themselves', async () => {
      await newRole('50% off_ice')
      const names = async (filter: string) =>
        (await call('GET', `/roles?name_filter=${encodeURIComponent(filter)}`)).body.map(({ name }) => name)
      assert.deepEqual(await names('LER'), ['Clerk'])
      assert.deepEqual(await names('% o'), ['50% off_ice'])
      assert.deepEqual(await names('f_i'), ['50% off_ice'])
      assert.deepEqual(await names('%_'), [])
    })

    it('are listed by name, by the number of their users or that of their permissions', async () => {
      const ids = await Promise.all(['sorted a', 'sorted b', 'sorted c'].map(newRole))
      const [a, b, c] = ids
      const users = [await newUser('sorted-1@x.test'), await newUser('sorted-2@x.test')]
      await call('POST', `/roles/${b}/users`, { users })
      await call('POST', `/roles/${a}/users`, { users: users.slice(1) })
      await call('POST', `/roles/${c}/permissions`, { permissions: [read, write] })
      await call('POST', `/roles/${b}/permissions`, { permissions: [read] })
      /** In pages of one, so that each checkpoint is tried too. */
      const order = async (sort: string) => {
        const found: unknown[] = []
        let from = ''
        do {
          const { body } = await call('GET', `/roles?name_filter=sorted&sort=${sort}&take=1${from}`)
          found.push(...body['roles']!.map(({ id }) => id))
          from = body['next'] ? `&from=${body['next']}` : ''
        } while (from)
        return found
      }
      assert.deepEqual(await order('name:1'), [a, b, c])
      assert.deepEqual(await order('name:-1'), [c, b, a])
      assert.deepEqual(await order('users:-1'), [b, a, c])
      assert.deepEqual(await order('users:1'), [c, a, b])
      assert.deepEqual(await order('permissions:-1'), [c, b, a])
      assert.equal((await call('GET', '/roles?sort=description:1')).status, 400)
    })

    it('of the server itself show when nobody asks for those of the tenant', async () => {
      const types = async (query: string) =>
        new Set((await call('GET', `/roles${query}`)).body.map(({ type }) => String(type)))
      assert.deepEqual(await types(''), new Set(['system', 'tenant']))
      assert.deepEqual(await types('?type=tenant'), new Set(['tenant']))
      assert.deepEqual(await types('?type=organization'), new Set())
    })

    it('take a permission twice, and lose it twice, without complaint', async () => {
      const path = `/roles/${await newRole('twice')}/permissions`
      for (const expected of [201, 201])
        assert.equal((await call('POST', path, { permissions: [read, read] })).status, expected)
      const { body } = await call('GET', path)
      assert.deepEqual(body, [
        {
          permission_name: tutorial.permission.value,
          description: tutorial.permission.description,
          resource_server_name: tutorial.api.name,
          resource_server_identifier: api,
        },
      ])
      for (const expected of [204, 204])
        assert.equal((await call('DELETE', path, { permissions: [read, write] })).status, expected)
      assert.deepEqual((await call('GET', path)).body, [])
    })

    it('take all permissions of a list or none', async () => {
      const path = `/roles/${await newRole('all-or-none')}/permissions`
      for (const unknown of [
        { ...read, permission_name: 'no:such' },
        { ...read, resource_server_identifier: 'https://no.test' },
      ]) {
        const { status, body } = await call('POST', path, { permissions: [read, unknown] })
        assert.equal(status, 404)
        assert.equal(body['errorCode'], 'inexistent_permission')
        assert.deepEqual((await call('GET', path)).body, [])
      }
    })

    it('are given to all users of a list or to none', async () => {
      const path = `/roles/${await newRole('given')}/users`
      const user = await newUser('given@x.test')
      const { status, body } = await call('POST', path, { users: [user, 'auth0|nobody'] })
      assert.deepEqual([status, body['errorCode']], [404, 'inexistent_user'])
      assert.deepEqual((await call('GET', path)).body, [])
      assert.equal((await call('POST', path, { users: [user] })).status, 200)
      const [member] = (await call('GET', path)).body
      assert.deepEqual(Object.keys(member!).toSorted(), [
        'email',
        'name',
        'picture',
        'rolecall_sources',
        'user_id',
      ])
      assert.equal(member!['user_id'], user)
    })

    it('show where each permission of a user comes from', async () => {
      const role = await newRole('source')
      const user = await newUser('source@x.test')
      const path = `/users/${encodeURIComponent(user)}`
      await call('POST', `/roles/${role}/permissions`, { permissions: [read] })
      assert.equal((await call('POST', `${path}/roles`, { roles: [role] })).status, 204)
      assert.equal((await call('POST', `${path}/permissions`, { permissions: [read, write] })).status, 201)
      const ofRole = { source_id: role, source_name: 'source', source_type: 'ROLE' }
      const direct = { source_id: '', source_name: '', source_type: 'DIRECT' }
      const { body } = await call('GET', `${path}/permissions`)
      assert.deepEqual(
        body.map(({ permission_name, sources }) => [permission_name, sources]),
        [
          [tutorial.permission.value, [direct, ofRole]],
          ['write:admin-messages', [direct]],
        ],
      )
      const effective = await call(
        'GET',
        `${path}/effective-permissions?resource_server_identifier=${api}&take=1`,
      )
      assert.deepEqual(effective.body['permissions']![0]!['sources'], ['direct', 'role'])
      assert.ok(effective.body['next'])
      const roles = await call('GET', `${path}/effective-roles`)
      assert.deepEqual(roles.body, {
        roles: [{ id: role, name: 'source', description: '', sources: ['direct'] }],
      })
      assert.deepEqual(
        (await call('GET', `${path}/roles`)).body.map(({ id }) => id),
        [role],
      )
      assert.equal((await call('DELETE', `${path}/permissions`, { permissions: [read, write] })).status, 204)
      assert.equal((await call('GET', `${path}/permissions`)).body.length, 1, 'the role still gives it')
      assert.equal((await call('DELETE', `${path}/roles`, { roles: [role] })).status, 204)
      assert.deepEqual((await call('GET', `${path}/permissions`)).body, [])
    })

    it('number 10,000, and a user may hold 1,000 of them', async () => {
      const { db } = server.ctx.store
      const rows = Array.from({ length: 10_000 }, (_, n) => ({
        id: `rol_many${n}`,
        name: `many ${n}`,
        name_key: `many ${String(n).padStart(5, '0')}`,
        description: '',
        is_system: false,
        created_at: 1,
        updated_at: 1,
        search_text: '',
      }))
      for (let start = 0; start < rows.length; start += 1_000)
        await db
          .insertInto('roles')
          .values(rows.slice(start, start + 1_000))
          .execute()
      assert.equal((await call('POST', '/roles', { name: 'one more' })).status, 200)
      const listed = await call('GET', '/roles?per_page=100&page=99&include_totals=true&name_filter=many')
      assert.equal(listed.body['total'], 10_000)
      assert.equal(listed.body['roles']!.length, 100)

      const user = await newUser('many@x.test')
      const path = `/users/${encodeURIComponent(user)}/roles`
      const roles = rows.slice(0, 1_000).map(({ id }) => id)
      assert.equal((await call('POST', path, { roles })).status, 204)
      assert.equal((await call('GET', `${path}?include_totals=true`)).body['total'], 1_000)
      const seen = new Set<string>()
      let next = ''
      do {
        const { body } = await call('GET', `${path}?take=100${next}`)
        for (const { id } of body['roles']!) seen.add(String(id))
        next = body['next'] ? `&from=${body['next']}` : ''
      } while (next)
      assert.equal(seen.size, 1_000)
      assert.equal((await call('DELETE', path, { roles })).status, 204)
      assert.deepEqual((await call('GET', path)).body, [])
    })
  })
