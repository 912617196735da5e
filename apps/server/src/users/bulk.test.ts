import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { BulkResult } from '@rolecall/contract'
import { createApi } from '../apis/apis.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignRoles } from '../roles/assignments.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { currentPosition, marksAfter } from '../store/marks.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from './users.ts'

const audience = 'https://orders.test'
type Action = 'assign-roles' | 'remove-roles' | 'block' | 'unblock'

for (const kind of stores)
  describe(`changes of many users on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.now()
    let server: ManagementServer
    const clerk = { id: '', permission: { api: audience, permission: 'read:orders' } }
    let keeper = ''

    before(async () => {
      server = await startManagement(end, kind, () => now++)
      await transaction(server.ctx, async (tx) => {
        const permissions = [{ value: 'read:orders', description: '' }]
        await createApi(tx, server.ctx.sealer, { identifier: audience, permissions })
        clerk.id = (await createRole(tx, { name: 'Clerk' })).id
        await addPermissionsToRole(tx, clerk.id, [clerk.permission])
        keeper = (await createRole(tx, { name: 'Keeper' })).id
      })
    })

    let count = 0
    const newUser = async (roles: string[] = []) => {
      const { userId } = await transaction(server.ctx, async (tx) => {
        const email = `user-${++count}@x.test`
        const user = await createUser(tx, { connection: 'Username-Password-Authentication', email })
        if (roles.length > 0) await assignRoles(tx, user.userId, roles)
        return user
      })
      return userId
    }
    const run = async (action: Action, users: object[], as?: string) => {
      const { status, body } = await server.call('POST', `/rolecall/users/${action}`, { users }, as)
      assert.equal(status, 200, JSON.stringify(body))
      return body as unknown as BulkResult[]
    }
    const rolesOf = async (id: string) =>
      (await server.call('GET', `/users/${id}/roles`)).body.map((role) => String(role['name'])).toSorted()
    const isBlocked = async (id: string) => (await server.call('GET', `/users/${id}`)).body['blocked']
    const logOf = async (id: string | undefined) => (await server.call('GET', `/logs/${id}`)).body

    it('are made for each user alone: what was refused is in the answer, and the rest is done', async () => {
      const [one, two] = [await newUser(), await newUser([clerk.id])]
      const results = await run('assign-roles', [
        { user_id: one, roles: [clerk.id, keeper, clerk.id] },
        { user_id: 'auth0|gone', roles: [clerk.id] },
        { user_id: two, roles: [clerk.id] },
        { user_id: two, roles: ['rol_gone'] },
      ])
      const [first, gone, unchanged, noRole] = results
      assert.deepEqual(first?.roles?.toSorted(), [clerk.id, keeper].toSorted())
      assert.deepEqual(gone?.error, {
        statusCode: 404,
        error: 'Not Found',
        message: 'The user does not exist.',
        errorCode: 'inexistent_user',
      })
      assert.deepEqual(unchanged, { user_id: two }, 'nothing was changed')
      assert.equal(noRole?.error?.errorCode, 'inexistent_role')
      assert.deepEqual(await rolesOf(one), ['Clerk', 'Keeper'])
      assert.deepEqual(await rolesOf(two), ['Clerk'])
    })

    it('have a log entry and a mark for each user who was changed, and none for others', async () => {
      const [one, two] = [await newUser([clerk.id]), await newUser()]
      const { number } = await currentPosition(server.ctx.store.db)
      const [removed, unchanged] = await run(
        'remove-roles',
        [one, two].map((user_id) => ({ user_id, roles: [clerk.id] })),
      )
      assert.equal(unchanged?.change, undefined)
      const entry = await logOf(removed?.change)
      assert.equal(entry['type'], 'sapi')
      assert.equal(entry['description'], 'Take roles from a user')
      assert.deepEqual(entry['details']!['before'], { roles: [clerk.id] })
      const marks = await marksAfter(server.ctx.store.db, number, 10)
      assert.deepEqual(
        marks.map(({ effect, subject, permissions }) => ({ effect, subject, permissions })),
        [{ effect: 'loss', subject: one, permissions: ['read:orders'] }],
      )
      await run('assign-roles', [{ user_id: two, roles: [clerk.id] }])
      const [gain] = await marksAfter(server.ctx.store.db, number + 1, 10)
      assert.deepEqual([gain?.effect, gain?.subject], ['gain', two])
    })

    it('block and unblock, and leave the rest of the user alone', async () => {
      const id = await newUser([clerk.id])
      const [blocked] = await run('block', [{ user_id: id }])
      assert.equal(await isBlocked(id), true)
      assert.deepEqual(await run('block', [{ user_id: id }]), [{ user_id: id }], 'blocked already')
      assert.equal((await logOf(blocked?.change))['description'], 'Update a user')
      await run('unblock', [{ user_id: id }])
      assert.equal(await isBlocked(id), false)
      assert.deepEqual(await rolesOf(id), ['Clerk'])
    })

    it('give and take no more than the caller holds, and log each refusal with the user', async () => {
      const [plain, owner] = [await newUser(), await newUser([server.ownerRole.id])]
      const other = await newUser([server.ownerRole.id])
      const admin = await newUser()
      await server.call('POST', `/users/${admin}/permissions`, {
        permissions: ['update:users', 'read:users'].map((permission_name) => ({
          permission_name,
          resource_server_identifier: server.managementApi.identifier,
        })),
      })
      const token = await server.token(admin, ['update:users', 'read:users'])
      const [escalated, assigned] = await run(
        'assign-roles',
        [
          { user_id: plain, roles: [clerk.id, server.ownerRole.id] },
          { user_id: plain, roles: [clerk.id] },
        ],
        token,
      )
      assert.equal(escalated?.error?.errorCode, 'insufficient_privilege')
      assert.deepEqual(assigned?.roles, [clerk.id])
      for (const action of ['block', 'unblock', 'remove-roles'] as const) {
        const roles = action === 'remove-roles' ? { roles: [clerk.id] } : {}
        const [refused] = await run(action, [{ user_id: owner, ...roles }], token)
        assert.equal(refused?.error?.errorCode, 'insufficient_privilege', action)
        const entry = (await server.call('GET', '/logs?per_page=1')).body[0]
        assert.equal(entry?.['type'], 'fapi')
        assert.deepEqual(entry?.['details']!['target'], { type: 'user', id: owner })
      }
      assert.equal(await isBlocked(owner), false)
      assert.deepEqual(await rolesOf(plain), ['Clerk'])
      assert.deepEqual(await rolesOf(other), ['owner'])
    })

    it('keep an owner', async () => {
      const owners = (await server.call('GET', `/roles/${server.ownerRole.id}/users`)).body
      const ids = owners.map((user) => String(user['user_id']))
      assert.ok(ids.length > 1)
      const blocked = await run(
        'block',
        ids.map((user_id) => ({ user_id })),
      )
      assert.deepEqual(
        blocked.map(({ error }) => error?.errorCode),
        [...ids.slice(1).map(() => undefined), 'last_owner'],
      )
      const [last] = await run('remove-roles', [{ user_id: ids.at(-1), roles: [server.ownerRole.id] }])
      assert.equal(last?.error?.errorCode, 'last_owner')
    })

    it('refuse a body without users, with too many, and with a user without roles', async () => {
      for (const users of [
        [],
        Array.from({ length: 101 }, (_, index) => ({ user_id: `auth0|${index}`, roles: [clerk.id] })),
        [{ user_id: 'auth0|x', roles: [] }],
        [{ roles: [clerk.id] }],
        'auth0|x',
      ])
        assert.equal((await server.call('POST', '/rolecall/users/assign-roles', { users })).status, 400)
    })
  })
