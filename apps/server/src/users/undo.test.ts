import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { BulkResult, UndoResult } from '@rolecall/contract'
import { changeHeader } from '@rolecall/contract'
import { createApi } from '../apis/apis.ts'
import { maxLoggedMembers } from '../logs/log.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignPermissions, assignRoles } from '../roles/assignments.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { currentPosition, marksAfter } from '../store/marks.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from './users.ts'

const orders = 'https://orders.test'
const bills = 'https://bills.test'
const many = Array.from({ length: maxLoggedMembers }, (_, index) => `many:${index}`)

type Method = Parameters<ManagementServer['call']>[0]

for (const kind of stores)
  describe(`an undo on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.now()
    let server: ManagementServer
    let other = ''

    before(async () => {
      server = await startManagement(end, kind, () => now++)
      const administrator = await newUser([server.ownerRole.id])
      const all = server.managementApi.permissions.map(({ value }) => value)
      other = await server.token(administrator, all)
      await transaction(server.ctx, async (tx) => {
        for (const identifier of [orders, bills])
          await createApi(tx, server.ctx.sealer, {
            identifier,
            permissions: ['read', 'write', ...many].map((value) => ({ value, description: '' })),
          })
      })
    })

    let count = 0
    const newRole = (permissions: string[] = []) =>
      transaction(server.ctx, async (tx) => {
        const { id } = await createRole(tx, { name: `role ${++count}` })
        const refs = permissions.map((permission) => ({ api: orders, permission }))
        if (refs.length > 0) await addPermissionsToRole(tx, id, refs)
        return id
      })
    const newUser = (roles: string[] = [], permissions: string[] = []) =>
      transaction(server.ctx, async (tx) => {
        const email = `user-${++count}@x.test`
        const { userId } = await createUser(tx, { connection: 'Username-Password-Authentication', email })
        if (roles.length > 0) await assignRoles(tx, userId, roles)
        const refs = permissions.map((permission) => ({ api: orders, permission }))
        if (refs.length > 0) await assignPermissions(tx, userId, refs)
        return userId
      })
    /** Makes a change. @returns the id of its log entry */
    const make = async (method: Method, path: string, body: unknown, as?: string) => {
      const answer = await server.call(method, path, body, as)
      assert.ok(answer.status < 300, `${path}: ${JSON.stringify(answer.body)}`)
      return String(answer.headers[changeHeader])
    }
    const undo = async (changes: string[], as?: string) => {
      const { status, body } = await server.call('POST', '/rolecall/undo', { changes }, as)
      assert.equal(status, 200, JSON.stringify(body))
      return body as unknown as UndoResult[]
    }
    const refs = (names: string[], api = orders) => ({
      permissions: names.map((permission_name) => ({ permission_name, resource_server_identifier: api })),
    })
    const listed = async (path: string, of: string) =>
      (await server.call('GET', path)).body.map((one) => String(one[of])).toSorted()
    const rolesOf = (id: string) => listed(`/users/${id}/roles`, 'id')
    const permissionsOf = (path: string) => listed(`${path}/permissions`, 'permission_name')

    it('gives back the roles that were taken, and not those that the user did not have', async () => {
      const [had, hadNot] = [await newRole(['read']), await newRole()]
      const id = await newUser([had])
      const change = await make('DELETE', `/users/${id}/roles`, { roles: [had, hadNot] })
      const { number } = await currentPosition(server.ctx.store.db)
      const [result] = await undo([change])
      assert.deepEqual(await rolesOf(id), [had])
      assert.equal(result?.left, undefined)
      const entry = (await server.call('GET', `/logs/${result?.undone}`)).body
      assert.equal(entry['description'], 'Assign roles to a user')
      assert.deepEqual(entry['details']!['after'], { roles: [had] })
      const marks = await marksAfter(server.ctx.store.db, number, 10)
      assert.deepEqual(
        marks.map(({ effect, subject }) => [effect, subject]),
        [['gain', id]],
      )
    })

    it('takes back the roles that were given, and not those that the user had', async () => {
      const [had, given] = [await newRole(), await newRole()]
      const id = await newUser([had])
      const change = await make('POST', `/users/${id}/roles`, { roles: [had, given] })
      await undo([change])
      assert.deepEqual(await rolesOf(id), [had])
    })

    it('leaves a role that somebody else has changed since, says so, and reverses the rest', async () => {
      const [first, second] = [await newRole(), await newRole()]
      const id = await newUser([first, second])
      const change = await make('DELETE', `/users/${id}/roles`, { roles: [first, second] })
      // A second administrator gives the role and takes it again: it must stay away.
      await make('POST', `/roles/${second}/users`, { users: [id] }, other)
      await make('DELETE', `/users/${id}/roles`, { roles: [second] }, other)
      const [result] = await undo([change])
      assert.deepEqual(await rolesOf(id), [first])
      const { name } = (await server.call('GET', `/roles/${second}`)).body
      assert.deepEqual(result?.left, [name])
    })

    it('leaves a role that somebody else wanted to take too, after it was gone', async () => {
      const role = await newRole()
      const id = await newUser([role])
      const change = await make('DELETE', `/users/${id}/roles`, { roles: [role] })
      await make('DELETE', `/users/${id}/roles`, { roles: [role] }, other)
      const [result] = await undo([change])
      assert.equal(result?.undone, undefined)
      assert.equal(result?.left?.length, 1)
      assert.deepEqual(await rolesOf(id), [])
    })

    it('is not stopped by other changes of the user, of which there may be many', async () => {
      const [first, second] = [await newRole(), await newRole()]
      const id = await newUser([first, second])
      const change = await make('DELETE', `/users/${id}/roles`, { roles: [first] })
      await make('DELETE', `/users/${id}/roles`, { roles: [second] }, other)
      await make('PATCH', `/users/${id}`, { name: 'Another name' }, other)
      assert.deepEqual((await undo([change]))[0]?.left, undefined)
      assert.deepEqual(await rolesOf(id), [first])
    })

    it('leaves a role and a permission that are deleted since', async () => {
      const role = await newRole()
      const api = (
        await server.call('POST', '/resource-servers', {
          identifier: 'https://gone.test',
          scopes: [{ value: 'old' }],
        })
      ).body['id']
      const id = await newUser([role])
      const removed = await make('DELETE', `/users/${id}/roles`, { roles: [role] })
      const given = await make('POST', `/users/${id}/permissions`, refs(['old'], 'https://gone.test'))
      const taken = await make('DELETE', `/users/${id}/permissions`, refs(['old'], 'https://gone.test'))
      await make('DELETE', `/roles/${role}`, undefined, other)
      await make('DELETE', `/resource-servers/${String(api)}`, undefined, other)
      const results = await undo([removed, given, taken])
      assert.deepEqual(
        results.map(({ undone, left }) => [undone, left?.length]),
        [
          [undefined, 1],
          [undefined, 1],
          [undefined, 1],
        ],
      )
    })

    it('reverses changes of the permissions of a role by permission and API', async () => {
      const role = await newRole(['read', 'write'])
      await make('POST', `/roles/${role}/permissions`, refs(['read'], bills))
      // Of the three, one is gone already.
      await make('DELETE', `/roles/${role}/permissions`, refs(['write']), other)
      const change = await make('DELETE', `/roles/${role}/permissions`, {
        permissions: [...refs(['read', 'write']).permissions, ...refs(['read'], bills).permissions],
      })
      await make('POST', `/roles/${role}/permissions`, refs(['read'], bills), other)
      await make('POST', `/roles/${role}/users`, { users: [await newUser()] }, other)
      const [result] = await undo([change])
      assert.deepEqual(result?.left, ['read'])
      assert.deepEqual(await permissionsOf(`/roles/${role}`), ['read', 'read'])
      const added = await make('POST', `/roles/${role}/permissions`, refs(['read', 'write']))
      await undo([added])
      assert.deepEqual(await permissionsOf(`/roles/${role}`), ['read', 'read'])
    })

    it('reverses changes of the direct permissions of a user', async () => {
      const id = await newUser([], ['read'])
      const given = await make('POST', `/users/${id}/permissions`, refs(['read', 'write']))
      await undo([given])
      assert.deepEqual(await permissionsOf(`/users/${id}`), ['read'])
      const taken = await make('DELETE', `/users/${id}/permissions`, refs(['read', 'write']))
      await undo([taken])
      assert.deepEqual(await permissionsOf(`/users/${id}`), ['read'])
    })

    it('ends a block, unless the user was edited since, and is done once', async () => {
      const [one, two] = [await newUser(), await newUser()]
      const isBlocked = async (id: string) => (await server.call('GET', `/users/${id}`)).body['blocked']
      const single = await make('PATCH', `/users/${one}`, { blocked: true })
      const blocked = (await server.call('POST', '/rolecall/users/block', { users: [{ user_id: two }] }))
        .body as unknown as BulkResult[]
      await make('PATCH', `/users/${two}`, { app_metadata: { reason: 'fraud' } }, other)
      const results = await undo([single, String(blocked[0]?.change)])
      assert.deepEqual([await isBlocked(one), await isBlocked(two)], [false, true])
      assert.equal(results[1]?.left?.length, 1)
      await make('PATCH', `/users/${one}`, { blocked: true }, other)
      assert.equal((await undo([single]))[0]?.left?.length, 1)
      assert.equal(await isBlocked(one), true)
      const renamed = await make('PATCH', `/users/${one}`, { blocked: false, name: 'x' })
      assert.equal((await undo([renamed]))[0]?.error?.errorCode, 'operation_not_supported')
    })

    it('is refused for changes of others, for what is no change, and for what cannot be undone', async () => {
      const role = await newRole()
      const id = await newUser([role])
      const theirs = await make('DELETE', `/users/${id}/roles`, { roles: [role] }, other)
      const created = await make('POST', '/roles', { name: `role ${++count}` })
      const large = await make('POST', `/roles/${role}/permissions`, refs(many))
      const results = await undo([theirs, 'no-entry', created, large])
      assert.deepEqual(
        results.map(({ error }) => error?.errorCode),
        ['inexistent_change', 'inexistent_change', 'operation_not_supported', 'operation_not_supported'],
      )
      assert.deepEqual(await rolesOf(id), [])
      for (const changes of [[], [''], 'x', Array.from({ length: 101 }, () => 'x')])
        assert.equal((await server.call('POST', '/rolecall/undo', { changes })).status, 400)
    })

    it('gives and takes no more than the caller may, and each refusal is logged', async () => {
      const administrator = await newUser()
      await make('POST', `/users/${administrator}/permissions`, {
        permissions: ['update:users', 'update:roles', 'read:users'].map((permission_name) => ({
          permission_name,
          resource_server_identifier: server.managementApi.identifier,
        })),
      })
      const token = await server.token(administrator, ['update:users', 'update:roles', 'read:users'])
      const users = await server.token(administrator, ['update:users'])
      const mighty = await newRole()
      const id = await newUser([mighty])
      const removed = await make('DELETE', `/users/${id}/roles`, { roles: [mighty] }, token)
      const plain = await newRole(['read'])
      const narrowed = await make('DELETE', `/roles/${plain}/permissions`, refs(['read']), token)
      // The role becomes mightier than the administrator.
      await make(
        'POST',
        `/roles/${mighty}/permissions`,
        refs(['delete:users'], server.managementApi.identifier),
      )
      assert.equal((await undo([removed], token))[0]?.error?.errorCode, 'insufficient_privilege')
      assert.equal((await undo([narrowed], users))[0]?.error?.errorCode, 'insufficient_scope')
      const entry = (await server.call('GET', '/logs?per_page=1')).body[0]
      assert.equal(entry?.['type'], 'fapi')
      assert.deepEqual(await rolesOf(id), [])
      assert.deepEqual(await permissionsOf(`/roles/${plain}`), [])
      const [given] = await undo([narrowed], token)
      assert.ok(given?.undone)
    })

    it('keeps an owner', async () => {
      const first = await newUser()
      const owners = await listed(`/roles/${server.ownerRole.id}/users`, 'user_id')
      const given = await make('POST', `/users/${first}/roles`, { roles: [server.ownerRole.id] })
      for (const id of owners) await make('DELETE', `/users/${id}/roles`, { roles: [server.ownerRole.id] })
      assert.equal((await undo([given]))[0]?.error?.errorCode, 'last_owner')
      assert.deepEqual(await rolesOf(first), [server.ownerRole.id])
    })
  })
