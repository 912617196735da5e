import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { Gauge, Registry } from 'prom-client'
import type { Store } from '../store/store.ts'
import { stores } from '../store/testing.ts'
import { Browser } from '../testing/browser.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { tutorialServer } from '../testing/suite.ts'
import { authorizationRequest, logIn, redeem, requestToken } from '../testing/tutorial.ts'
import { serveMetrics } from './listener.ts'

const limit = { timeout: 30_000 }
const config = { metrics: { host: '127.0.0.1', port: 0 } }

const scrape = async ({ app }: TestServer) => {
  const response = await fetch(new URL('/metrics', app.metricsAddress))
  assert.equal(response.status, 200)
  return response.text()
}
/** The server's own names with their labels, without the values. */
const seriesOf = (text: string) =>
  text
    .split('\n')
    .filter((line) => line.startsWith('rolecall_'))
    .map((line) => line.slice(0, line.lastIndexOf(' ')))
const valueOf = (text: string, series: string) => {
  const line = text.split('\n').find((one) => one.startsWith(`${series} `))
  return line === undefined ? undefined : Number(line.slice(series.length + 1))
}

for (const kind of stores)
  describe(`metrics on ${kind.name}`, limit, () => {
    const server = tutorialServer(kind, { config })

    test('count what happened, by the names of the server', async () => {
      const code = await logIn(server, server.clientId, 'admin@example.com')
      assert.equal((await redeem(server, server.clientId, code)).status, 200)
      await requestToken(server, { grant_type: 'client_credentials', client_id: 'x', client_secret: 'y' })
      const browser = new Browser(server.issuer)
      const page = await browser.open(authorizationRequest(server, server.clientId).url)
      await browser.submit(page, { email: 'admin@example.com', password: 'wrong' })
      await fetch(new URL('/readyz', server.issuer))
      const text = await scrape(server)
      for (const [series, least] of [
        ['rolecall_tokens_issued_total{grant="authorization_code"}', 1],
        ['rolecall_token_refusals_total{grant="client_credentials",error="access_denied"}', 1],
        ['rolecall_log_ins_total{outcome="success"}', 1],
        ['rolecall_log_ins_total{outcome="wrong"}', 1],
        ['rolecall_http_requests_total{method="POST",route="/oauth/token",status="200"}', 1],
        ['rolecall_http_requests_total{method="POST",route="/oauth/token",status="401"}', 1],
        ['rolecall_http_request_duration_seconds_count{method="POST",route="/oauth/token"}', 2],
        ['rolecall_operation_duration_seconds_count{operation="store.read",outcome="ok"}', 1],
        ['rolecall_operation_duration_seconds_count{operation="store.write",outcome="ok"}', 1],
        ['rolecall_operation_duration_seconds_count{operation="store.transaction",outcome="ok"}', 1],
        ['rolecall_operation_duration_seconds_count{operation="password.hash",outcome="ok"}', 2],
        ['rolecall_operation_duration_seconds_count{operation="token.sign",outcome="ok"}', 2],
        ['rolecall_signing_keys{alg="RS256",state="current"}', 1],
        ['rolecall_signing_key_since_seconds{alg="RS256"}', 1],
        ['rolecall_store_up', 1],
        ['nodejs_eventloop_lag_seconds', 0],
        ['process_resident_memory_bytes', 1],
      ] as const)
        assert.ok((valueOf(text, series) ?? -1) >= least, `${series}: ${valueOf(text, series)}`)
      for (const series of [
        'rolecall_store_waiting',
        'rolecall_outbox_waiting',
        'rolecall_log_entries_dropped_total',
      ])
        assert.equal(valueOf(text, series), 0, series)
    })

    test('are not served at the public address', async () => {
      for (const path of ['/metrics', '/api/v2/metrics', '/dashboard/../metrics'])
        assert.equal((await fetch(new URL(path, server.issuer))).status, 404, path)
      const other = await fetch(new URL('/oauth/token', server.app.metricsAddress), { method: 'POST' })
      assert.equal(other.status, 404)
    })

    /** What a caller chooses: paths, methods, names of grants and clients, users. */
    const hostile = async (word: string) => {
      const at = (path: string, init: RequestInit = {}) =>
        fetch(new URL(path, server.issuer), { redirect: 'manual', ...init })
      for (const method of ['GET', 'PUT', 'PROPFIND', 'DELETE']) await at(`/${word}/x`, { method })
      await at(`/%ff${word}`)
      await at(`/api/v2/${word}`)
      await at(`/api/v2/users/${word}`)
      await at(`/interaction/${word}`)
      await at(`/authorize?client_id=${word}&response_type=${word}&scope=${word}`)
      for (const grant_type of [word, 'password', 'refresh_token'])
        await requestToken(server, {
          grant_type,
          client_id: word,
          scope: word,
          audience: word,
          refresh_token: word,
        })
      const browser = new Browser(server.issuer, { 'user-agent': word })
      const page = await browser.open(authorizationRequest(server, server.clientId).url)
      await browser.submit(page, { email: `${word}@example.com`, password: word })
    }

    test('have no series for what callers choose, and no data of users', async () => {
      await hostile('first-word')
      const before = seriesOf(await scrape(server))
      for (const word of ['second-word', 'third-word', 'fourth"}word']) await hostile(word)
      const text = await scrape(server)
      assert.deepEqual(new Set(seriesOf(text)), new Set(before))
      for (const word of ['-word', 'example.com', server.clientId, '127.0.0.1'])
        assert.ok(!text.includes(word), word)
    })

    test('are not measured where they are not switched on', async (t) => {
      const other = await startServer(t, kind)
      assert.equal(other.app.metricsAddress, undefined)
    })

    test('say that the store does not answer, and do not wait for it', async (t) => {
      const broken = {
        async open(cleanup: Parameters<typeof kind.open>[0]): Promise<Store> {
          const store = await kind.open(cleanup)
          await sql`alter table outbox rename to outbox_elsewhere`.execute(store.db)
          return store
        },
      }
      const text = await scrape(await startServer(t, broken, { config }))
      assert.equal(valueOf(text, 'rolecall_store_up'), 0)
      assert.equal(valueOf(text, 'rolecall_signing_keys{alg="RS256",state="current"}'), 1)
      assert.ok(
        (valueOf(text, 'rolecall_operation_duration_seconds_count{operation="store.read",outcome="error"}') ??
          0) >= 1,
      )
    })
  })

test('a value that cannot be read fails its scrape alone', limit, async (t) => {
  const registry = new Registry()
  let isBroken = true
  registry.registerMetric(
    new Gauge({
      name: 'broken',
      help: 'Fails once.',
      registers: [],
      collect() {
        if (isBroken) throw new Error('broken')
      },
    }),
  )
  const listener = serveMetrics(registry)
  t.after(() => listener.close())
  const address = new URL('metrics', await listener.listen('127.0.0.1', 0))
  assert.equal((await fetch(address)).status, 500)
  isBroken = false
  assert.equal((await fetch(address)).status, 200)
})
