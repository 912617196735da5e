import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { openStore } from '../store/open-store.ts'
import { startTestPostgres, stores } from '../store/testing.ts'
import { startManagement } from './testing.ts'

for (const kind of stores) {
  describe(`under pressure the Management API on ${kind.name}`, () => {
    it('refuses what one address sends beyond its rate, says until when, and serves all others', async (t) => {
      let now = Date.parse('2026-05-01T12:00:00.250Z')
      const server = await startManagement(t, kind, () => now)
      const ask = (remoteAddress: string) => server.app.inject({ url: '/api/v2/roles', remoteAddress })
      const first = await ask('203.0.113.7')
      const limit = Number(first.headers['x-ratelimit-limit'])
      assert.equal(first.headers['x-ratelimit-remaining'], String(limit - 1))
      assert.equal(first.headers['x-ratelimit-reset'], String(Date.parse('2026-05-01T12:00:01Z') / 1_000))
      for (let n = 1; n < limit; n++) assert.equal((await ask('203.0.113.7')).statusCode, 401)
      const refused = await ask('203.0.113.7')
      assert.equal(refused.statusCode, 429)
      assert.equal(refused.headers['retry-after'], '1')
      assert.equal(refused.headers['x-ratelimit-remaining'], '0')
      assert.equal(refused.json<{ errorCode: string }>().errorCode, 'too_many_requests')
      assert.equal((await ask('203.0.113.8')).statusCode, 401)
      now += 1_000
      assert.equal((await ask('203.0.113.7')).statusCode, 401)
    })

    it('counts all addresses of an IPv6 network as one (CVE-2026-45364)', async (t) => {
      const server = await startManagement(t, kind, () => 1_000)
      const remaining = async (remoteAddress: string) =>
        Number(
          (await server.app.inject({ url: '/api/v2/roles', remoteAddress })).headers['x-ratelimit-remaining'],
        )
      const left = await remaining('2001:db8:1:2::1')
      assert.equal(await remaining('2001:db8:1:2:ffff::2'), left - 1)
      assert.equal(await remaining('2001:0DB8:0001:0002:0:0:0:3'), left - 2)
      assert.equal(await remaining('2001:db8:1:3::1'), left)
    })
  })

  if (kind.name === 'PostgreSQL')
    it('the Management API fails closed, in JSON, while its database is gone', async (t) => {
      const postgres = await startTestPostgres()
      const server = await startManagement(t, {
        open: async (end) => {
          const store = await openStore({ databaseUrl: postgres.url })
          end.after(() => store.close())
          return store
        },
      })
      assert.equal((await server.call('GET', '/roles')).status, 200)
      await postgres.stop()
      for (const [method, path, body] of [
        ['GET', '/roles', undefined],
        ['POST', '/roles', { name: 'x' }],
        ['DELETE', '/users/auth0%7Cx', undefined],
      ] as const) {
        const answer = await server.call(method, path, body)
        assert.equal(answer.status, 503, JSON.stringify(answer.body))
        assert.equal(answer.body['errorCode'], 'store_unavailable')
      }
      const open = await server.call('GET', '/openapi.json', undefined, '')
      assert.equal(open.status, 200)
    })
}
