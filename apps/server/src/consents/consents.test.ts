import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { createApi } from '../apis/apis.ts'
import { createApplication } from '../applications/applications.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignRoles } from '../roles/assignments.ts'
import { putArtifact } from '../sessions/store.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { recordConsent } from './consents.ts'

const audience = 'https://consented.test'

for (const kind of stores)
  describe(`grants of users over HTTP on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let apiId: string
    let count = 0
    const call: ManagementServer['call'] = (...args) => server.call(...args)

    before(async () => {
      server = await startManagement(end, kind)
      const permissions = [{ value: 'read:x', description: 'X' }]
      apiId = (
        await transaction(server.ctx, (tx) =>
          createApi(tx, server.ctx.sealer, { identifier: audience, permissions }),
        )
      ).id
    })

    const newUser = async () =>
      (
        await transaction(server.ctx, (tx) =>
          createUser(tx, { connection: 'c', email: `person-${count++}@x.test` }),
        )
      ).userId
    const newClient = async () =>
      (
        await transaction(server.ctx, (tx) =>
          createApplication(tx, { name: `Partner ${count++}`, is_first_party: false }),
        )
      ).application.clientId

    const consent = (userId: string, clientId: string, forApi = true) =>
      transaction(server.ctx, (tx) =>
        recordConsent(tx, {
          userId,
          clientId,
          ...(forApi && { apiId }),
          protocolScopes: ['openid'],
          permissions: forApi ? ['read:x'] : [],
        }),
      )
    const query = (params: Record<string, string>) => `/grants?${new URLSearchParams(params)}`
    const grantsOf = async (userId: string) => (await call('GET', query({ user_id: userId }))).body

    /** A refresh token, a grant and a session, as the protocol stores them. */
    async function holds(userId: string, clientId: string) {
      for (const kindOf of ['RefreshToken', 'Grant', 'AuthorizationCode', 'Session'])
        await putArtifact(server.ctx.store.db, {
          kind: kindOf,
          id_hash: `${kindOf}-${userId}-${clientId}`,
          payload: 'sealed',
          grant_id: null,
          uid: null,
          user_code: null,
          user_id: userId,
          client_id: clientId,
          created_at: 0,
          expires_at: null,
        })
    }

    async function kindsHeld(userId: string, clientId: string): Promise<string[]> {
      const rows = await server.ctx.store.db
        .selectFrom('artifacts')
        .select('kind')
        .where('user_id', '=', userId)
        .where('client_id', '=', clientId)
        .execute()
      return rows.map((row) => row.kind).toSorted()
    }

    it('have Auth0’s shape', async () => {
      const [userId, clientId] = [await newUser(), await newClient()]
      await consent(userId, clientId)
      const { status, body } = await call('GET', query({ user_id: userId }))
      assert.equal(status, 200)
      assert.match(String(body[0]?.['id']), /^[0-9a-f]{24}$/)
      assert.deepEqual(body, [
        { id: body[0]?.['id'], clientID: clientId, user_id: userId, audience, scope: ['openid', 'read:x'] },
      ])
    })

    it('are found by user, application and audience, and by all of them together', async () => {
      const [ada, bob] = [await newUser(), await newUser()]
      const [one, two] = [await newClient(), await newClient()]
      await consent(ada, one)
      await consent(ada, two, false)
      await consent(bob, one)
      const found = async (params: Record<string, string>) =>
        (await call('GET', query(params))).body
          .map((grant) => [grant['user_id'], grant['clientID']].join(' '))
          .toSorted()
      assert.deepEqual(await found({ user_id: ada }), [`${ada} ${one}`, `${ada} ${two}`].toSorted())
      assert.deepEqual(await found({ client_id: one }), [`${ada} ${one}`, `${bob} ${one}`].toSorted())
      assert.deepEqual(await found({ user_id: ada, audience }), [`${ada} ${one}`])
      const userinfo = `${server.ctx.config.issuer}userinfo`
      assert.deepEqual(await found({ user_id: ada, audience: userinfo }), [`${ada} ${two}`])
      assert.deepEqual(await found({ user_id: ada, client_id: two, audience }), [])
      for (const nothing of [
        { user_id: 'auth0|nobody' },
        { client_id: 'nothing' },
        { audience: 'https://nothing.test' },
        { audience: '' },
      ])
        assert.deepEqual(await found(nothing as Record<string, string>), [])
    })

    it('are paged and counted', async () => {
      const userId = await newUser()
      for (let i = 0; i < 3; i++) await consent(userId, await newClient())
      const page = async (params: Record<string, string>) =>
        (await call('GET', query({ user_id: userId, ...params }))).body
      const first = await page({ per_page: '2', include_totals: 'true' })
      assert.deepEqual([first['start'], first['limit'], first['total']], [0, 2, 3])
      const second = await page({ per_page: '2', page: '1' })
      const ids = [...(first['grants'] ?? []), ...second].map((grant) => String(grant['id']))
      assert.equal(new Set(ids).size, 3)
      const checkpoint = await page({ take: '2' })
      const rest = await page({ take: '2', from: String(checkpoint['next']) })
      assert.deepEqual(
        [...(checkpoint['grants'] ?? []), ...(rest['grants'] ?? [])].map((grant) => String(grant['id'])),
        ids,
      )
    })

    it('are taken back one by one, with the refresh tokens of that application for that user', async () => {
      const [ada, bob] = [await newUser(), await newUser()]
      const [one, two] = [await newClient(), await newClient()]
      for (const [userId, clientId] of [
        [ada, one],
        [ada, two],
        [bob, one],
      ] as const) {
        await consent(userId, clientId)
        await holds(userId, clientId)
      }
      const id = (await grantsOf(ada)).find((grant) => String(grant['clientID']) === one)?.['id']
      const { status, body } = await call('DELETE', `/grants/${id}`)
      assert.deepEqual([status, body], [204, ''])
      assert.equal((await call('DELETE', `/grants/${id}`)).status, 404)
      assert.deepEqual(
        (await grantsOf(ada)).map((grant) => grant['clientID']),
        [two],
      )
      assert.deepEqual(await kindsHeld(ada, one), ['Session'])
      const all = ['AuthorizationCode', 'Grant', 'RefreshToken', 'Session']
      assert.deepEqual(await kindsHeld(ada, two), all)
      assert.deepEqual(await kindsHeld(bob, one), all)
    })

    it('are taken back for a whole user, whose first-party applications keep their refresh tokens', async () => {
      const [ada, bob] = [await newUser(), await newUser()]
      const [one, own] = [await newClient(), await newClient()]
      await consent(ada, one)
      await consent(ada, one, false)
      await consent(bob, one)
      for (const clientId of [one, own]) await holds(ada, clientId)
      assert.equal((await call('DELETE', query({ user_id: ada }))).status, 204)
      assert.deepEqual(await grantsOf(ada), [])
      assert.equal((await grantsOf(bob)).length, 1)
      assert.deepEqual(await kindsHeld(ada, one), ['Session'])
      assert.equal((await kindsHeld(ada, own)).length, 4)
      assert.equal((await call('DELETE', query({ user_id: ada }))).status, 204)
    })

    it('of everybody cannot be deleted at once', async () => {
      const userId = await newUser()
      await consent(userId, await newClient())
      for (const path of [
        '/grants',
        '/grants?user_id=',
        '/grants?client_id=x',
        '/grants?user_id=a&user_id=b',
      ])
        assert.equal((await call('DELETE', path)).status, 400, path)
      assert.equal((await grantsOf(userId)).length, 1)
    })

    it('of a user who holds more than the caller are not the caller’s to delete', async () => {
      const owner = await newUser()
      await transaction(server.ctx, (tx) => assignRoles(tx, owner, [server.ownerRole.id]))
      await consent(owner, await newClient())
      const [grant] = await grantsOf(owner)
      const weak = await server.token(`${server.clientId}@clients`, ['read:grants', 'delete:grants'])
      for (const path of [`/grants/${grant?.['id']}`, query({ user_id: owner })]) {
        const { status, body } = await call('DELETE', path, undefined, weak)
        assert.deepEqual([status, body['errorCode']], [403, 'insufficient_privilege'], path)
      }
      assert.equal((await grantsOf(owner)).length, 1)
    })

    it('and their deletion are in the log', async () => {
      const userId = await newUser()
      await consent(userId, await newClient())
      const [grant] = await grantsOf(userId)
      await call('DELETE', `/grants/${grant?.['id']}`)
      const { db } = server.ctx.store
      const [entry] = await db
        .selectFrom('logs')
        .select('data')
        .where('description', '=', 'Delete a grant')
        .orderBy('log_id', 'desc')
        .limit(1)
        .execute()
      assert.match(JSON.stringify(entry?.data), new RegExp(String(grant?.['id'])))
    })
  })
