import assert from 'node:assert/strict'
import { beforeEach, describe, it, type TestContext } from 'node:test'
import { type ManagementServer, startManagement } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { assignPermissions, assignRoles } from './assignments.ts'

for (const kind of stores)
  describe(`management privileges on ${kind.name}`, () => {
    let server: ManagementServer
    let audience: string
    let all: string[]
    let owner: { id: string; path: string }

    const newUser = async (email: string, scopes: readonly string[] = []) => {
      const { userId } = await transaction(server.ctx, (tx) =>
        createUser(tx, {
          connection: 'Username-Password-Authentication',
          email,
        }),
      )
      if (scopes.length > 0)
        await transaction(server.ctx, (tx) =>
          assignPermissions(
            tx,
            userId,
            scopes.map((permission) => ({ api: audience, permission })),
          ),
        )
      return { id: userId, path: `/users/${encodeURIComponent(userId)}` }
    }
    const permission = (name: string) => ({
      permissions: [{ resource_server_identifier: audience, permission_name: name }],
    })
    const tokenOf = (user: { id: string }) => server.token(user.id, all)
    const expectRefusal = async (
      status: number,
      errorCode: string,
      ...args: Parameters<ManagementServer['call']>
    ) => {
      const answer = await server.call(...args)
      assert.deepEqual(
        [answer.status, answer.body['errorCode']],
        [status, errorCode],
        `${args[0]} ${args[1]}`,
      )
    }

    beforeEach(async (t) => {
      server = await startManagement(t as TestContext, kind)
      audience = server.managementApi.identifier
      all = server.managementApi.permissions.map(({ value }) => value)
      owner = await newUser('owner@x.test')
      await transaction(server.ctx, (tx) => assignRoles(tx, owner.id, [server.ownerRole.id]))
    })

    it('nobody gives away a scope that they do not hold, by no way', async () => {
      const held = ['update:users', 'update:roles', 'create:roles', 'delete:roles', 'create:client_grants']
      const helper = await newUser('helper@x.test', held)
      const token = await tokenOf(helper)
      const friend = await newUser('friend@x.test')
      const { body: role } = await server.call('POST', '/roles', { name: 'rising' }, token)
      const rising = `/roles/${role['id']}`

      const refused = ['insufficient_privilege'] as const
      await expectRefusal(403, ...refused, 'POST', `${rising}/permissions`, permission('delete:users'), token)
      await expectRefusal(
        403,
        ...refused,
        'POST',
        `${friend.path}/permissions`,
        permission('delete:users'),
        token,
      )
      await expectRefusal(
        403,
        ...refused,
        'POST',
        `${helper.path}/permissions`,
        permission('delete:users'),
        token,
      )
      await expectRefusal(
        403,
        ...refused,
        'POST',
        `${friend.path}/roles`,
        { roles: [server.ownerRole.id] },
        token,
      )
      await expectRefusal(
        403,
        ...refused,
        'POST',
        `${helper.path}/roles`,
        { roles: [server.ownerRole.id] },
        token,
      )
      const users = { users: [friend.id] }
      await expectRefusal(403, ...refused, 'POST', `/roles/${server.ownerRole.id}/users`, users, token)
      const grant = { client_id: server.clientId, audience, scope: ['delete:users'], subject_type: 'user' }
      const granted = await server.call('POST', '/client-grants', grant, token)
      assert.equal(granted.status, 403)

      const allowed = await server.call('POST', `${rising}/permissions`, permission('update:users'), token)
      assert.equal(allowed.status, 201)
      assert.equal(
        (await server.call('POST', `${friend.path}/roles`, { roles: [role['id']] }, token)).status,
        204,
      )
    })

    it('nobody acts on a user who holds more than they do', async () => {
      const helper = await newUser('helper@x.test', [
        'update:users',
        'delete:users',
        'delete:sessions',
        'delete:refresh_tokens',
      ])
      const token = await tokenOf(helper)
      for (const change of [
        { password: 'correct horse battery' },
        { email: 'mine@x.test' },
        { blocked: true },
        { name: 'x' },
      ])
        await expectRefusal(403, 'insufficient_privilege', 'PATCH', owner.path, change, token)
      await expectRefusal(403, 'insufficient_privilege', 'DELETE', owner.path, undefined, token)
      await expectRefusal(403, 'insufficient_privilege', 'DELETE', `${owner.path}/sessions`, undefined, token)
      const roles = { roles: [server.ownerRole.id] }
      await expectRefusal(403, 'insufficient_privilege', 'DELETE', `${owner.path}/roles`, roles, token)
      const friend = await newUser('friend@x.test')
      assert.equal((await server.call('PATCH', friend.path, { name: 'x' }, token)).status, 200)
      assert.equal(
        (await server.call('PATCH', helper.path, { name: 'x' }, token)).status,
        200,
        'themselves they may',
      )
    })

    it('the last owner keeps their access, whoever asks and by whatever way', async () => {
      const roles = { roles: [server.ownerRole.id] }
      for (const token of [undefined, await tokenOf(owner)]) {
        await expectRefusal(409, 'last_owner', 'DELETE', owner.path, undefined, token)
        await expectRefusal(409, 'last_owner', 'PATCH', owner.path, { blocked: true }, token)
        await expectRefusal(409, 'last_owner', 'DELETE', `${owner.path}/roles`, roles, token)
      }
      assert.equal((await server.call('GET', owner.path)).body['blocked'], false)
      const second = await newUser('second@x.test')
      await server.call('POST', `${second.path}/roles`, roles)
      assert.equal((await server.call('DELETE', owner.path)).status, 204)
      await expectRefusal(409, 'last_owner', 'DELETE', second.path)
    })

    it('an owner by a role of the tenant, or by permissions of their own, counts as one', async () => {
      const permissions = all.map((permission_name) => ({
        resource_server_identifier: audience,
        permission_name,
      }))
      const second = await newUser('second@x.test')
      const { body: role } = await server.call('POST', '/roles', { name: 'almighty' })
      await server.call('POST', `/roles/${role['id']}/permissions`, { permissions: permissions.slice(1) })
      await server.call('POST', `${second.path}/roles`, { roles: [role['id']] })
      await expectRefusal(409, 'last_owner', 'DELETE', owner.path)
      await server.call('POST', `${second.path}/permissions`, { permissions: permissions.slice(0, 1) })
      assert.equal((await server.call('DELETE', owner.path)).status, 204)
      await expectRefusal(409, 'last_owner', 'DELETE', `/roles/${role['id']}`)
      const some = { permissions: permissions.slice(5, 6) }
      await expectRefusal(409, 'last_owner', 'DELETE', `/roles/${role['id']}/permissions`, some)
      const own = { permissions: permissions.slice(0, 1) }
      await expectRefusal(409, 'last_owner', 'DELETE', `${second.path}/permissions`, own)
    })

    it('two owners who remove each other at once do not both succeed', async () => {
      const second = await newUser('second@x.test')
      await transaction(server.ctx, (tx) => assignRoles(tx, second.id, [server.ownerRole.id]))
      const statuses = await Promise.all([
        server.call('DELETE', owner.path, undefined, await tokenOf(second)),
        server.call('DELETE', second.path, undefined, await tokenOf(owner)),
      ])
      const succeeded = statuses.filter(({ status }) => status === 204)
      assert.equal(succeeded.length, 1, statuses.map(({ status }) => status).join())
    })

    it('the owner role cannot be renamed, emptied or deleted', async () => {
      const path = `/roles/${server.ownerRole.id}`
      await expectRefusal(403, 'operation_not_allowed', 'PATCH', path, { name: 'x' })
      await expectRefusal(403, 'operation_not_allowed', 'DELETE', path)
      await expectRefusal(
        403,
        'operation_not_allowed',
        'DELETE',
        `${path}/permissions`,
        permission('read:users'),
      )
      await expectRefusal(
        403,
        'operation_not_allowed',
        'POST',
        `${path}/permissions`,
        permission('read:users'),
      )
    })

    it('every change is in the log with who, what, before and after; a refused one too', async () => {
      const token = await tokenOf(owner)
      const { body: role } = await server.call('POST', '/roles', { name: 'logged' }, token)
      await server.call('PATCH', `/roles/${role['id']}`, { name: 'renamed' }, token)
      await server.call('POST', '/roles', { name: 'renamed' }, token)
      await server.call('DELETE', `/roles/${server.ownerRole.id}`, undefined, token)
      const { body: logs } = await server.call('GET', `${owner.path}/logs`)
      assert.deepEqual(
        logs.map(({ type, description }) => [type, description]),
        [
          [
            'fapi',
            'DELETE /api/v2/roles/:id refused: The role owner is kept by the system and cannot be changed',
          ],
          ['fapi', 'POST /api/v2/roles refused: A role with the same name already exists'],
          ['sapi', 'Update a role'],
          ['sapi', 'Create a role'],
        ],
      )
      const details = logs[2]!['details']!
      assert.equal(details['before']!['name'], 'logged')
      assert.equal(details['after']!['name'], 'renamed')
      assert.equal(details['request']!['path'], `/api/v2/roles/${role['id']}`)
      assert.equal(logs[2]!['user_id'], owner.id)
      assert.equal(logs[2]!['client_id'], server.dashboard.clientId)
      assert.equal(logs[2]!['ip'], '127.0.0.1')
    })
  })
