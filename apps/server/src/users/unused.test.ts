import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'

for (const store of stores)
  describe(`what no user has (${store.name})`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let userId: string

    before(async () => {
      server = await startManagement(end, store)
      const { body } = await server.call('POST', '/users', {
        connection: 'Username-Password-Authentication',
        email: 'ada@example.com',
        password: 'correct horse battery staple',
      })
      userId = String(body['user_id'])
    })

    it('is an empty list in each form, and 404 for an unknown user', async () => {
      const user = `/users/${encodeURIComponent(userId)}`
      for (const [path, name] of [
        ['organizations', 'organizations'],
        ['authentication-methods', 'authenticators'],
        ['enrollments', undefined],
      ] as const) {
        const bare = await server.call('GET', `${user}/${path}`)
        assert.deepEqual([bare.status, bare.body], [200, []])
        const unknown = await server.call('GET', `/users/auth0%7Cunknown/${path}`)
        assert.deepEqual([unknown.status, unknown.body['errorCode']], [404, 'inexistent_user'])
        if (name === undefined) continue
        const counted = await server.call('GET', `${user}/${path}?include_totals=true`)
        assert.deepEqual([counted.body['total'], counted.body[name]], [0, []])
        const checkpoint = await server.call('GET', `${user}/${path}?take=10`)
        assert.deepEqual(checkpoint.body, { [name]: [] })
      }
    })

    it('needs the scope', async () => {
      const token = await server.token(`${server.clientId}@clients`, ['read:roles'])
      for (const path of ['organizations', 'authentication-methods', 'enrollments']) {
        const { status } = await server.call(
          'GET',
          `/users/${encodeURIComponent(userId)}/${path}`,
          undefined,
          token,
        )
        assert.equal(status, 403, path)
      }
    })
  })
