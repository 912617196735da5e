import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stores } from '../store/testing.ts'
import { Browser } from '../testing/browser.ts'
import { startServer } from '../testing/server.ts'
import { tutorialServer } from '../testing/suite.ts'
import { authorizationRequest, requestToken } from '../testing/tutorial.ts'

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
const [kind] = stores
const given = '0123456789abcdef0123456789abcdef'

if (kind)
  describe('the id of a request', { timeout: 30_000 }, () => {
    const server = tutorialServer(kind, { config: { trustProxy: ['127.0.0.1'] } })
    const idOf = async (path: string, init: RequestInit = {}, issuer = server.issuer) => {
      const response = await fetch(new URL(path, issuer), { redirect: 'manual', ...init })
      await response.body?.cancel()
      return response.headers.get('x-request-id') ?? ''
    }

    test('is in the answer of every surface, and never twice the same', async () => {
      const ids = []
      for (const path of [
        '/healthz',
        '/.well-known/jwks.json',
        '/authorize?client_id=x',
        '/api/v2/roles',
        '/nowhere',
        '/api/v2/nowhere',
        '/%ff',
        '/dashboard/',
      ])
        ids.push(await idOf(path))
      ids.push(await idOf('/oauth/token', { method: 'POST' }))
      for (const id of ids) assert.match(id, uuid)
      assert.equal(new Set(ids).size, ids.length)
    })

    test('is the one that a trusted proxy gives, if it is well-formed', async () => {
      const named = (id: string) => idOf('/healthz', { headers: { 'x-request-id': id } })
      assert.equal(await named(given), given)
      for (const id of [
        'short',
        'x'.repeat(65),
        'with spaces in it',
        '{"level":"info"}',
        'a,b,c,d,e,f',
        'é'.repeat(8),
      ])
        assert.match(await named(id), uuid, id)
    })

    test('is not the one that another caller gives', async (t) => {
      const direct = await startServer(t, kind)
      const behind = await startServer(t, kind, { config: { trustProxy: ['10.0.0.0/8'] } })
      for (const { issuer } of [direct, behind])
        assert.match(await idOf('/healthz', { headers: { 'x-request-id': given } }, issuer), uuid)
    })

    test('is in the tenant log: of a refused token, a refused log-in, and a refused change', async () => {
      const headers = { 'x-request-id': given }
      const request = { grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' }
      await requestToken(server, request, headers)
      const browser = new Browser(server.issuer, headers)
      const page = await browser.open(authorizationRequest(server, server.clientId).url)
      await browser.submit(page, { email: 'admin@example.com', password: 'wrong' })
      await server.app.logs.flush()
      const rows = await server.ctx.store.db.selectFrom('logs').select(['type', 'data']).execute()
      const named = rows.filter(({ data }) => String(data).includes(given)).map(({ type }) => type)
      assert.deepEqual(named.toSorted(), ['feccft', 'fp'])
    })
  })
