import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createApi } from '../apis/apis.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { currentPosition, marksAfter } from '../store/marks.ts'
import { behindTransaction, stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { deleteUser } from '../users/users.ts'
import { effectivePermissions } from './effective-permissions.ts'
import { dropProviderRoles, setProviderRoles } from './provider-roles.ts'
import { addPermissionsToRole } from './role-permissions.ts'
import { createRole, deleteRole } from './roles.ts'
import { addProvider, addProviderUser, linkIdentity, logInWith } from './testing-provider.ts'

const orders = 'https://orders.test'

for (const kind of stores)
  describe(`roles from a provider on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let api = ''
    let corporate: { id: string; name: string }

    before(async () => {
      server = await startManagement(end, kind)
      const permissions = ['read', 'write'].map((value) => ({ value, description: '' }))
      const made = await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, { identifier: orders, permissions }),
      )
      api = made.id
      corporate = await addProvider(server.ctx, 'Corporate')
    })

    let count = 0
    const newRole = (permission: string) =>
      transaction(server.ctx, async (tx) => {
        const { id } = await createRole(tx, { name: `role ${++count}` })
        await addPermissionsToRole(tx, id, [{ api: orders, permission }])
        return id
      })
    const newUser = async () => {
      const subject = `sub-${++count}`
      const userId = await addProviderUser(server.ctx, corporate, subject)
      const logIn = (...roles: string[]) => logInWith(server.ctx, corporate, subject, userId, roles)
      return { subject, userId, logIn }
    }
    const rolesOf = async (id: string) =>
      (await server.call('GET', `/users/${id}/roles`)).body.map((role) => String(role['id'])).toSorted()
    const permissionsOf = (id: string) => effectivePermissions(server.ctx.store.db, id, api)
    /** The marks of what `work` does, as `-read` for a loss. */
    const marksOf = async (work: () => Promise<unknown>) => {
      const { db } = server.ctx.store
      const { number } = await currentPosition(db)
      await work()
      return (await marksAfter(db, number, 20)).map(({ effect, subject, permissions = [] }) =>
        [effect === 'loss' ? `-${permissions.join()}` : `+${permissions.join()}`, subject].join(' '),
      )
    }
    const assign = (id: string, ...roles: string[]) => server.call('POST', `/users/${id}/roles`, { roles })
    const unassign = (id: string, ...roles: string[]) =>
      server.call('DELETE', `/users/${id}/roles`, { roles })
    /** Oldest first. */
    const entriesOf = async (id: string) => (await server.call('GET', `/users/${id}/logs`)).body.toReversed()

    it('are what the last log-in gave', async () => {
      const [reader, writer] = [await newRole('read'), await newRole('write')]
      const { userId, logIn } = await newUser()
      assert.deepEqual(await marksOf(() => logIn(reader)), [`+read ${userId}`])
      assert.deepEqual(await permissionsOf(userId), ['read'])
      assert.deepEqual(await marksOf(() => logIn(writer)), [`+write ${userId}`, `-read ${userId}`])
      assert.deepEqual(await permissionsOf(userId), ['write'])
      assert.deepEqual(await logIn(), { gained: [], lost: [writer] })
      assert.deepEqual(await rolesOf(userId), [])
    })

    it('are in the log with the connection, and nothing is written where they are the same', async () => {
      const reader = await newRole('read')
      const { userId, logIn } = await newUser()
      await logIn(reader)
      const { db } = server.ctx.store
      const rows = async () => ({
        changes: (await db.selectFrom('changes').select('seq').execute()).length,
        logs: (await db.selectFrom('logs').select('log_id').execute()).length,
        marks: (await currentPosition(db)).number,
      })
      const written = await rows()
      assert.deepEqual(await logIn(reader, reader), { gained: [], lost: [] })
      assert.deepEqual(await rows(), written)
      await logIn()
      const entries = await entriesOf(userId)
      assert.deepEqual(
        entries.map((entry) => [entry['type'], entry['description'], entry['connection']]),
        [
          ['sapi', 'Receive roles from a provider', 'Corporate'],
          ['sapi', 'Lose roles from a provider', 'Corporate'],
        ],
      )
      assert.deepEqual(entries[0]!['details']!['after'], { roles: [reader] })
      assert.deepEqual(entries[1]!['details']!['before'], { roles: [reader] })
    })

    it('leave out roles that do not exist, without writing for them alone', async () => {
      const reader = await newRole('read')
      const { userId, logIn } = await newUser()
      assert.deepEqual(await logIn('rol_none', reader), { gained: [reader], lost: [] })
      assert.deepEqual(await marksOf(() => logIn('rol_none', 'rol_other', reader)), [])
      assert.deepEqual(await rolesOf(userId), [reader])
    })

    it('are not given for an identity of somebody else', async () => {
      const reader = await newRole('read')
      const [one, other] = [await newUser(), await newUser()]
      await logInWith(server.ctx, corporate, one.subject, other.userId, [reader])
      assert.deepEqual([await rolesOf(one.userId), await rolesOf(other.userId)], [[], []])
    })

    it('stay when an assignment is taken, and an assignment stays when they go', async () => {
      const reader = await newRole('read')
      const { userId, logIn } = await newUser()
      await logIn(reader)
      assert.equal((await assign(userId, reader)).status, 204)
      assert.deepEqual(await marksOf(() => logIn()), [])
      assert.deepEqual(await rolesOf(userId), [reader])
      await logIn(reader)
      assert.deepEqual(await marksOf(() => unassign(userId, reader)), [])
      assert.deepEqual(await rolesOf(userId), [reader])
      assert.deepEqual(await marksOf(() => logIn()), [`-read ${userId}`])
      assert.deepEqual(await rolesOf(userId), [])
      assert.deepEqual(
        (await entriesOf(userId)).map((entry) => entry['description']),
        [
          'Receive roles from a provider',
          'Lose roles from a provider',
          'Receive roles from a provider',
          'Lose roles from a provider',
        ],
      )
    })

    it('are shown with their connection', async () => {
      const roleId = await newRole('read')
      const { name } = (await server.call('GET', `/roles/${roleId}`)).body
      const { userId, logIn } = await newUser()
      await logIn(roleId)
      const given = { source_type: 'CONNECTION', source_id: corporate.id, source_name: 'Corporate' }
      const direct = { source_type: 'DIRECT', source_id: '', source_name: '' }
      const shown = async () => ({
        roles: (await server.call('GET', `/users/${userId}/roles`)).body[0]!['rolecall_sources'],
        members: (await server.call('GET', `/roles/${roleId}/users`)).body[0]!['rolecall_sources'],
        permissions: (await server.call('GET', `/users/${userId}/permissions`)).body[0]!['sources'],
        effective: (await server.call('GET', `/users/${userId}/effective-roles?take=1`)).body['roles']![0]![
          'sources'
        ],
      })
      const role = { source_id: roleId, source_name: name, source_type: 'ROLE' }
      assert.deepEqual(await shown(), {
        roles: [given],
        members: [given],
        permissions: [{ ...role, rolecall_sources: [given] }],
        effective: ['groups'],
      })
      await assign(userId, roleId)
      assert.deepEqual(await shown(), {
        roles: [direct, given],
        members: [direct, given],
        permissions: [{ ...role, rolecall_sources: [direct, given] }],
        effective: ['direct', 'groups'],
      })
      await logIn()
      assert.deepEqual(await shown(), {
        roles: [direct],
        members: [direct],
        permissions: [role],
        effective: ['direct'],
      })
    })

    it('cannot be unassigned, alone or together with assigned ones', async () => {
      const [given, assigned] = [await newRole('read'), await newRole('write')]
      const { userId, logIn } = await newUser()
      await logIn(given)
      await assign(userId, assigned)
      const { status, body } = await unassign(userId, assigned, given)
      assert.equal(status, 400)
      assert.match(String(body['message']), /the connection Corporate gives it at each log-in/)
      assert.deepEqual(await rolesOf(userId), [given, assigned].toSorted())
      const bulk = await server.call('POST', '/rolecall/users/remove-roles', {
        users: [{ user_id: userId, roles: [given] }],
      })
      assert.match(JSON.stringify(bulk.body), /the connection Corporate gives it/)
      assert.deepEqual(await rolesOf(userId), [given, assigned].toSorted())
    })

    it('can be assigned as well, in bulk too, and an undo leaves what the provider gives', async () => {
      const reader = await newRole('read')
      const { userId, logIn } = await newUser()
      await logIn(reader)
      const bulk = await server.call('POST', '/rolecall/users/assign-roles', {
        users: [{ user_id: userId, roles: [reader] }],
      })
      const change = String(bulk.body[0]!['change'])
      assert.deepEqual(bulk.body[0]!['roles'], [reader])
      await logIn()
      assert.deepEqual(await rolesOf(userId), [reader])
      await logIn(reader)
      const undone = await server.call('POST', '/rolecall/undo', { changes: [change] })
      assert.equal(undone.body[0]!['left'], undefined, JSON.stringify(undone.body))
      assert.deepEqual(await rolesOf(userId), [reader])
      await logIn()
      assert.deepEqual(await rolesOf(userId), [])
    })

    it('of two identities of a user end when neither gives them', async () => {
      const reader = await newRole('read')
      const { userId, logIn } = await newUser()
      const second = `sub-${++count}`
      await transaction(server.ctx, (tx) => linkIdentity(tx, corporate, second, userId))
      const logInSecond = (...roles: string[]) => logInWith(server.ctx, corporate, second, userId, roles)
      await logIn(reader)
      assert.deepEqual(await logInSecond(reader), { gained: [], lost: [] })
      assert.deepEqual(await logIn(), { gained: [], lost: [] })
      assert.deepEqual(await rolesOf(userId), [reader])
      assert.deepEqual(await logInSecond(), { gained: [], lost: [reader] })
    })

    it('go with their role, their user and their connection', async () => {
      const { db } = server.ctx.store
      const connection = await addProvider(server.ctx, `Other ${++count}`)
      const reader = await newRole('read')
      const kept = await newRole('write')
      const { userId } = await newUser()
      const subject = `sub-${++count}`
      await transaction(server.ctx, (tx) => linkIdentity(tx, connection, subject, userId))
      await logInWith(server.ctx, connection, subject, userId, [reader, kept])
      await assign(userId, kept)

      const gone = await newRole('read')
      const leaving = await newUser()
      await leaving.logIn(gone, reader)
      await transaction(server.ctx, (tx) => deleteRole(tx, gone))
      assert.deepEqual(await rolesOf(leaving.userId), [reader])
      await transaction(server.ctx, (tx) => deleteUser(tx, leaving.userId))

      const marks = await marksOf(async () => {
        const { status } = await server.call('DELETE', `/connections/${connection.id}`)
        assert.equal(status, 204)
      })
      assert.deepEqual(marks, [`- ${userId}`, `-read ${userId}`])
      assert.deepEqual(await rolesOf(userId), [kept])
      const left = await db
        .selectFrom('identity_roles')
        .select('user_id')
        .where('subject', '=', subject)
        .execute()
      assert.deepEqual(left, [])
    })

    it('keep an identity from being deleted without them', async () => {
      const { db } = server.ctx.store
      const { subject, userId, logIn } = await newUser()
      await logIn(await newRole('read'))
      await assert.rejects(
        db.deleteFrom('identities').where('subject', '=', subject).execute(),
        /foreign key/i,
      )
      const roles = { connectionId: corporate.id, subject }
      assert.equal((await transaction(server.ctx, (tx) => dropProviderRoles(tx, roles))).length, 1)
      await db.deleteFrom('identities').where('subject', '=', subject).execute()
      assert.deepEqual(await rolesOf(userId), [])
    })

    it('go at once where the mapping names them no more', async () => {
      const [named, unnamed] = [await newRole('read'), await newRole('write')]
      const connection = await addProvider(server.ctx, `Other ${++count}`)
      const [one, other] = [`sub-${++count}`, `sub-${++count}`]
      const ids: string[] = []
      for (const subject of [one, other]) {
        const userId = await addProviderUser(server.ctx, connection, subject)
        await logInWith(server.ctx, connection, subject, userId, [named, unnamed])
        ids.push(userId)
      }
      const marks = await marksOf(() =>
        transaction(server.ctx, (tx) =>
          dropProviderRoles(tx, { connectionId: connection.id, exceptRoleIds: [named] }),
        ),
      )
      assert.deepEqual(marks, ['-write '])
      for (const id of ids) assert.deepEqual(await rolesOf(id), [named])
    })

    it('do not keep the last owner: an assigned one must stay', async () => {
      const { id: ownerRole } = server.ownerRole
      const { userId, logIn } = await newUser()
      await logIn(ownerRole)
      const first = await newUser()
      await assign(first.userId, ownerRole)
      await first.logIn(ownerRole)
      const refused = await unassign(first.userId, ownerRole)
      assert.equal(refused.body['errorCode'], 'last_owner')
      await assign(userId, ownerRole)
      assert.equal((await unassign(first.userId, ownerRole)).status, 204)
      assert.deepEqual(await rolesOf(first.userId), [ownerRole])
      assert.equal((await unassign(userId, ownerRole)).body['errorCode'], 'last_owner')
    })

    it('of parallel log-ins are those of one of them', async () => {
      const [reader, writer] = [await newRole('read'), await newRole('write')]
      const { userId, logIn } = await newUser()
      const results = await Promise.all(
        Array.from({ length: 8 }, (_, index) => logIn(index % 2 === 0 ? reader : writer)),
      )
      const held = await rolesOf(userId)
      assert.equal(held.length, 1)
      const [role] = held
      for (const one of [reader, writer]) {
        const gains = results.filter(({ gained }) => gained.includes(one)).length
        const losses = results.filter(({ lost }) => lost.includes(one)).length
        assert.equal(gains - losses, one === role ? 1 : 0)
      }
    })

    if (kind.name === 'PostgreSQL') {
      it('wait for an unassignment that runs', async () => {
        const reader = await newRole('read')
        const { userId, subject, logIn } = await newUser()
        await assign(userId, reader)
        const { ctx } = server
        await behindTransaction(
          ctx.store,
          (db) =>
            setProviderRoles(
              { db, now: ctx.clock() },
              { connectionId: corporate.id, subject, userId, roleIds: [reader] },
            ),
          () => unassign(userId, reader),
        )
        assert.deepEqual(await rolesOf(userId), [reader])
        assert.deepEqual(await logIn(), { gained: [], lost: [reader] })
      })

      it('leave out a role that is deleted meanwhile', async () => {
        const reader = await newRole('read')
        const { userId, logIn } = await newUser()
        const { ctx } = server
        const result = await behindTransaction(
          ctx.store,
          (db) => deleteRole({ db, now: ctx.clock() }, reader),
          () => logIn(reader),
        )
        assert.deepEqual(result, { gained: [], lost: [] })
        assert.deepEqual(await rolesOf(userId), [])
      })
    }
  })
