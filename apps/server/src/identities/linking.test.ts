import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createApi } from '../apis/apis.ts'
import { defaultConnectionName } from '../connections/connections.ts'
import { providerOf } from '../connections/provider.ts'
import { findConnectionById } from '../connections/store.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignRoles } from '../roles/assignments.ts'
import { setProviderRoles } from '../roles/provider-roles.ts'
import { addPermissionsToRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { addProvider, addProviderUser } from '../roles/testing-provider.ts'
import { findArtifact, insertArtifact } from '../sessions/store.ts'
import { currentPosition, marksAfter } from '../store/marks.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { createProviderUser, logInWithProvider } from './identities.ts'
import { insertIdentity } from './store.ts'

const orders = 'https://orders.test'

for (const kind of stores)
  describe(`accounts of a user on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let corporate = { id: '', name: 'Corporate' }
    let reader = ''
    let count = 0

    before(async () => {
      server = await startManagement(end, kind)
      reader = await transaction(server.ctx, async (tx) => {
        const permissions = [{ value: 'read', description: '' }]
        await createApi(tx, server.ctx.sealer, { identifier: orders, permissions })
        const { id } = await createRole(tx, { name: 'reader' })
        await addPermissionsToRole(tx, id, [{ api: orders, permission: 'read' }])
        return id
      })
      corporate = await newConnection('Corporate')
    })

    const newConnection = async (name: string, mapping?: object) => {
      const options = { client_id: 'c', issuer: 'https://id.example.com', ...mapping }
      const { status, body } = await server.call('POST', '/connections', { name, strategy: 'oidc', options })
      assert.equal(status, 201, JSON.stringify(body))
      return { id: String(body['id']), name }
    }
    /** A user of a database, with a password unless it is said otherwise. */
    const newUser = (passwordHash: string | undefined = 'x') =>
      transaction(server.ctx, async (tx) => {
        const email = `user-${++count}@x.test`
        const connection = defaultConnectionName
        return (await createUser(tx, { connection, email, ...(passwordHash && { passwordHash }) })).userId
      })
    /** A user of a provider, whose claims gave these roles at the last log-in. */
    const newAccount = (roleIds: string[] = [], { id: connectionId, name } = corporate) =>
      transaction(server.ctx, async (tx) => {
        const subject = `sub/${++count}`
        const profile = { email: `${count}@corporate.test`, email_verified: true, name: `Person ${count}` }
        const settings = { strategy: 'oidc', name, setProfile: 'on_each_login' } as const
        const { userId } = await createProviderUser(tx, settings, subject, {
          email: profile.email,
          emailVerified: false,
          name: profile.name,
        })
        await insertIdentity(tx.db, { connectionId, subject, userId, profile, createdAt: tx.now })
        await setProviderRoles(tx, { connectionId, subject, userId, roleIds })
        return { userId, localId: `${name}|${subject}`, subject, profile }
      })
    const pathOf = (id: string) => `/users/${encodeURIComponent(id)}`
    const link = (id: string, localId: string, as?: string) =>
      server.call('POST', `${pathOf(id)}/identities`, { provider: 'oidc', user_id: localId }, as)
    const unlink = (id: string, localId: string, as?: string) =>
      server.call('DELETE', `${pathOf(id)}/identities/oidc/${encodeURIComponent(localId)}`, undefined, as)
    const rolesOf = async (id: string) =>
      (await server.call('GET', `${pathOf(id)}/roles`)).body.map((role) => String(role['id']))
    const session = async (userId: string) => {
      const id = `session-${++count}`
      const row = { kind: 'Session', id_hash: id, payload: '', grant_id: null, uid: id, user_code: null }
      await insertArtifact(server.ctx.store.db, {
        ...row,
        user_id: userId,
        client_id: null,
        created_at: server.ctx.clock(),
        expires_at: null,
      })
      return async () => (await findArtifact(server.ctx.store.db, 'Session', id)) !== undefined
    }
    const marksOf = async (work: () => Promise<unknown>) => {
      const { number } = await currentPosition(server.ctx.store.db)
      await work()
      const marks = await marksAfter(server.ctx.store.db, number, 20)
      return marks.map(({ effect, reason, subject }) => `${effect} ${reason} ${subject}`)
    }

    it('are moved by a link, with the roles of the provider, and nothing else of the other user', async () => {
      const id = await newUser()
      const account = await newAccount([reader])
      const plain = await transaction(server.ctx, (tx) => createRole(tx, { name: `plain ${++count}` }))
      await transaction(server.ctx, (tx) => assignRoles(tx, account.userId, [plain.id]))
      const isLoggedIn = await session(account.userId)
      let answer = await server.call('GET', pathOf(id))
      const marks = await marksOf(async () => (answer = await link(id, account.localId)))
      assert.equal(answer.status, 201, JSON.stringify(answer.body))
      const identities = [
        { connection: defaultConnectionName, user_id: id.slice(6), provider: 'auth0', isSocial: false },
        {
          connection: 'Corporate',
          user_id: account.localId,
          provider: 'oidc',
          isSocial: false,
          profileData: account.profile,
        },
      ]
      assert.deepEqual(answer.body, identities)
      assert.deepEqual((await server.call('GET', pathOf(id))).body['identities'], identities)
      assert.deepEqual(await rolesOf(id), [reader])
      assert.equal((await server.call('GET', pathOf(account.userId))).status, 404)
      assert.equal(await isLoggedIn(), false)
      assert.deepEqual(marks, [
        `loss permissions ${account.userId}`,
        `gain permissions ${id}`,
        `loss account ${account.userId}`,
      ])
      const { body: logs } = await server.call('GET', '/logs?q=type:sapi')
      const entry = logs.find((one) => String(one['description']) === 'Link an account to a user')
      assert.deepEqual(entry!['details']!['after'], {
        identities,
        linked_user: { user_id: account.userId, email: account.profile.email },
      })
    })

    it('are found by their connection, provider and id', async () => {
      const id = await newUser()
      const { localId, userId } = await newAccount()
      const find = async (q: string) =>
        (await server.call('GET', `/users?per_page=100&q=${encodeURIComponent(q)}`)).body.map((one) =>
          String(one['user_id']),
        )
      assert.deepEqual(await find(`identities.user_id:"${localId}"`), [userId])
      await link(id, localId)
      assert.deepEqual(await find(`identities.user_id:"${localId}"`), [id])
      assert.deepEqual(await find(`identities.user_id:"${localId.toUpperCase()}"`), [])
      assert.deepEqual(
        await find(`identities.user_id:${localId.slice(0, 14)}*`).then((found) => found.includes(id)),
        true,
      )
      for (const q of [
        'identities.connection:Corporate',
        'identities.provider:oidc',
        'identities.provider:auth0',
      ])
        assert.ok((await find(q)).includes(id), q)
      assert.ok(!(await find('identities.provider:github')).includes(id))
    })

    it('can change with the version that a GET has shown', async () => {
      const id = await newUser()
      await link(id, (await newAccount()).localId)
      const { headers } = await server.call('GET', pathOf(id))
      const answer = await server.app.inject({
        method: 'PATCH',
        url: `/api/v2${pathOf(id)}`,
        headers: {
          authorization: `Bearer ${await server.token(
            `${server.clientId}@clients`,
            server.managementApi.permissions.map(({ value }) => value),
          )}`,
          'if-match': String(headers['etag']),
        },
        payload: { name: 'New' },
      })
      assert.equal(answer.statusCode, 200, answer.body)
      assert.equal(answer.json().identities.length, 2)
    })

    it('become a user again, with the roles of the provider, and end the sessions of the user', async () => {
      const id = await newUser()
      const account = await newAccount([reader])
      await link(id, account.localId)
      const isLoggedIn = await session(id)
      const { status, body } = await unlink(id, account.localId)
      assert.equal(status, 200, JSON.stringify(body))
      assert.equal(body.length, 1)
      assert.deepEqual(await rolesOf(id), [])
      assert.deepEqual(await rolesOf(account.userId), [reader])
      assert.equal(await isLoggedIn(), false)
      const separate = (await server.call('GET', pathOf(account.userId))).body
      assert.deepEqual(
        [separate['email'], separate['email_verified'], separate['identities']!.length],
        [account.profile.email, false, 1],
      )
      assert.equal((await link(id, account.localId)).status, 201)
    })

    it('are linked only where it is possible, and say why not', async () => {
      const [id, blocked] = [await newUser(), await newUser()]
      await server.call('PATCH', pathOf(blocked), { blocked: true })
      const account = await newAccount()
      const linked = await newAccount()
      await link(id, linked.localId)
      const suspended = await newAccount()
      await server.call('PATCH', pathOf(suspended.userId), { blocked: true })
      const of = (user_id: string | number, provider = 'oidc') => ({ provider, user_id })
      for (const [status, body, text, primary = id] of [
        [400, {}, /provider and user_id/],
        [400, { link_with: 'e30.e30.' }, /link_with is not supported/],
        [400, of(1, 'google-oauth2'), /provider google-oauth2 cannot be linked/],
        [400, of('x', 'auth0'), /provider auth0 cannot be linked/],
        [400, of(suspended.localId), /is blocked/],
        [400, of(account.localId), /is blocked/, blocked],
        [400, of(account.localId), /to itself/, account.userId],
        [400, { ...of(account.localId), connection_id: 'con_other' }, /is not one of the connection/],
        [404, of('Corporate|nobody'), /does not exist/],
        [404, of(7, 'github'), /does not exist/],
        [404, of(account.localId), /does not exist/, 'auth0|nobody'],
        [409, of(linked.localId), /is linked to the user auth0/],
      ] as [number, object, RegExp, string?][]) {
        const answer = await server.call('POST', `${pathOf(primary)}/identities`, body)
        assert.equal(answer.status, status, JSON.stringify(answer.body))
        assert.match(String(answer.body['message']), text)
      }
      assert.equal((await server.call('GET', pathOf(account.userId))).status, 200)
      assert.equal((await link(id, account.userId)).status, 201, 'the whole id is accepted too')
    })

    it('are unlinked only where the user can log in without', async () => {
      const id = await newUser('')
      const [one, other] = [await newAccount(), await newAccount()]
      await link(id, one.localId)
      const only = await unlink(id, one.localId)
      assert.deepEqual([only.status, /only account/.test(String(only.body['message']))], [400, true])
      await link(id, other.localId)
      assert.equal((await unlink(id, one.localId)).status, 200)
      assert.equal((await unlink(id, other.localId)).status, 400)
      assert.equal((await unlink(id, one.localId)).status, 404)
      const own = await server.call('DELETE', `${pathOf(id)}/identities/auth0/${id.slice(6)}`)
      assert.match(String(own.body['message']), /own account/)
      assert.match(String((await unlink(one.userId, one.localId)).body['message']), /own account/)
      await server.call('PATCH', pathOf(id), { blocked: true })
      assert.match(String((await unlink(id, other.localId)).body['message']), /is blocked/)
    })

    it('cannot be used to take over a user who holds more than the caller', async () => {
      const caller = await server.token(`${server.clientId}@clients`, ['update:users', 'read:users'])
      const beyond = await transaction(server.ctx, async (tx) => {
        const { id, name } = await createRole(tx, { name: `beyond ${++count}` })
        await addPermissionsToRole(tx, id, [
          { api: server.managementApi.identifier, permission: 'delete:clients' },
        ])
        return { id, name }
      })
      const refused = (answer: Awaited<ReturnType<typeof link>>) => {
        assert.equal(answer.status, 403, JSON.stringify(answer.body))
        assert.match(String(answer.body['message']), /delete:clients/)
      }
      const mine = await newUser()
      const account = await newAccount()
      const powerful = await newUser()
      await transaction(server.ctx, (tx) => assignRoles(tx, powerful, [beyond.id]))
      // Who holds the account would log in as the powerful user.
      refused(await link(powerful, account.localId, caller))
      // The password of my user would log in with the roles of the account.
      refused(await link(mine, (await newAccount([beyond.id])).localId, caller))
      // As well with those that the account gets at its next log-in.
      const role_mapping = { claim: 'groups', roles: [{ value: 'admins', role: beyond.name }] }
      const mapped = await newConnection('Mapped', { role_mapping })
      refused(await link(mine, (await newAccount([], mapped)).localId, caller))
      // And the other way round: the account logs in as the user who gets them.
      refused(await link((await newAccount([], mapped)).userId, account.localId, caller))
      assert.equal((await link(powerful, account.localId)).status, 201)
      refused(await unlink(powerful, account.localId, caller))
      assert.equal((await link(mine, (await newAccount()).localId, caller)).status, 201)
    })

    it('give no role that left the mapping while their log-in was under way', async () => {
      const role_mapping = { claim: 'groups', roles: [{ value: 'readers', role: 'reader' }] }
      const connection = await newConnection('Changing', { role_mapping })
      const stored = await findConnectionById(server.ctx.store.db, connection.id)
      assert.ok(stored)
      const provider = providerOf(server.ctx, stored)
      const logIn = async (groups: string[]) => {
        const claims = { email: 'ada@changing.test', groups }
        const first = { databases: [], origin: { ip: '192.0.2.1' } }
        const entered = await logInWithProvider(
          server.ctx,
          provider,
          { subject: 'ada', claims, userinfo: claims },
          first,
        )
        assert.ok('user' in entered, JSON.stringify(entered))
        return rolesOf(entered.user.userId)
      }
      assert.deepEqual(await logIn(['readers']), [reader])
      assert.deepEqual(await logIn([]), [])
      const options = { client_id: 'c', issuer: 'https://id.example.com' }
      assert.equal((await server.call('PATCH', `/connections/${connection.id}`, { options })).status, 200)
      assert.deepEqual(await logIn(['readers']), [])
    })

    it('can have the longest subject, and the longest name of a connection', async () => {
      const connection = await addProvider(server.ctx, 'c'.repeat(128))
      const subject = 's'.repeat(255)
      const userId = await addProviderUser(server.ctx, connection, subject, 'longest@x.test')
      const id = await newUser()
      await link(id, (await newAccount()).localId)
      assert.equal((await server.call('GET', pathOf(userId))).status, 200)
      assert.equal((await server.call('POST', `${pathOf(userId)}/roles`, { roles: [reader] })).status, 204)
      assert.equal((await server.call('POST', `/roles/${reader}/users`, { users: [userId] })).status, 200)
      assert.equal((await link(id, `${connection.name}|${subject}`)).status, 201)
      assert.equal((await unlink(id, `${connection.name}|${subject}`)).status, 200)
    })

    it('cannot take the last owner away', async () => {
      const { userId, localId } = await newAccount()
      const id = await newUser()
      await transaction(server.ctx, (tx) => assignRoles(tx, userId, [server.ownerRole.id]))
      const { status, body } = await link(id, localId)
      assert.deepEqual([status, body['errorCode']], [409, 'last_owner'])
      await transaction(server.ctx, (tx) => assignRoles(tx, id, [server.ownerRole.id]))
      assert.equal((await link(id, localId)).status, 201)
    })

    it('are moved once by parallel requests', async () => {
      const [one, other] = [await newUser(), await newUser()]
      const { localId, userId } = await newAccount([reader])
      const answers = await Promise.all([one, other, one, other].map((id) => link(id, localId)))
      const statuses = answers.map(({ status }) => status).toSorted((a, b) => a - b)
      assert.equal(statuses[0], 201)
      assert.ok(
        statuses.slice(1).every((status) => status === 404 || status === 409),
        statuses.join(),
      )
      const holders = (await Promise.all([one, other].map(rolesOf))).flat()
      assert.deepEqual(holders, [reader])
      assert.equal((await server.call('GET', pathOf(userId))).status, 404)
      // Each with the other: one of them stays.
      const [left, right] = [await newAccount(), await newAccount()]
      const both = await Promise.all([link(left.userId, right.localId), link(right.userId, left.localId)])
      assert.deepEqual(both.map(({ status }) => status).filter((status) => status === 201).length, 1)
    })
  })
