import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { registerHooks } from 'node:module'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { describe, type TestContext, test } from 'node:test'
import { stores } from '../store/testing.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { audience, logIn, makeTutorial, password, redeem } from '../testing/tutorial.ts'

interface Span {
  traceId: string
  spanId: string
  parentSpanId?: string
  name: string
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[]
  status: { code?: number }
}

/** A collector that keeps what it receives, or does not answer. */
async function collector(t: TestContext, answers = true) {
  const bodies: string[] = []
  const server = createServer((request, response) => {
    void (async () => {
      bodies.push(await text(request))
      if (answers) response.writeHead(200, { 'content-type': 'application/json' }).end('{}')
    })()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`
  const spans = () =>
    bodies.flatMap((body) =>
      (JSON.parse(body) as { resourceSpans: { scopeSpans: { spans: Span[] }[] }[] }).resourceSpans.flatMap(
        ({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans),
      ),
    )
  return { url, bodies, spans }
}

for (const kind of stores)
  describe(`traces on ${kind.name}`, { timeout: 30_000 }, () => {
    const start = async (t: TestContext, url: string): Promise<TestServer & { clientId: string }> => {
      const config = { traces: { url, ratio: 1 }, trustProxy: ['127.0.0.1'] }
      const server = await startServer(t, kind, { config })
      const { spa } = await makeTutorial(server.ctx)
      return { ...server, clientId: spa.clientId }
    }

    test('show a request with the statements, hashes and signatures in it, and no data of users', async (t) => {
      const { url, bodies, spans } = await collector(t)
      const server = await start(t, url)
      const code = await logIn(server, server.clientId, 'admin@example.com')
      const { body } = await redeem(server, server.clientId, code)
      await fetch(new URL('/oauth/token?secret-query', server.issuer), {
        headers: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01` },
      })
      await fetch(new URL('/nowhere/secret-path', server.issuer))
      await server.app.close()

      const found = spans()
      const named = (name: string) => found.find((span) => span.name === name) ?? assert.fail(`no ${name}`)
      const token = named('POST /oauth/token')
      const inToken = found.filter(({ parentSpanId }) => parentSpanId === token.spanId)
      assert.ok(inToken.length > 0)
      for (const name of ['store.read', 'token.sign'])
        assert.ok(
          inToken.some((span) => span.name === name && span.traceId === token.traceId),
          name,
        )
      const login = named('POST /interaction/:uid/login')
      const hash = named('password.hash')
      assert.deepEqual([hash.parentSpanId, hash.traceId], [login.spanId, login.traceId])
      assert.ok(
        token.attributes.some(
          ({ key, value }) => key === 'http.response.status_code' && value.intValue === 200,
        ),
      )
      const continued = found.find(({ traceId }) => traceId === 'a'.repeat(32))
      assert.equal(continued?.parentSpanId, 'b'.repeat(16))
      assert.ok(found.some(({ name, parentSpanId }) => name === 'request' && !parentSpanId))
      for (const secret of ['secret-', 'example.com', server.clientId, audience, password, body.access_token])
        assert.ok(!bodies.join().includes(secret), secret)
    })

    test('do not delay answers, nor a stop, when the collector does not answer', async (t) => {
      const { url } = await collector(t, false)
      const server = await start(t, url)
      for (let count = 0; count < 50; count++)
        assert.equal((await fetch(new URL('/readyz', server.issuer))).status, 200)
      await server.app.close()
    })

    test('need packages, and a start without them says how to install them', async (t) => {
      const hooks = registerHooks({
        resolve(specifier, context, next) {
          if (!specifier.startsWith('@opentelemetry/')) return next(specifier, context)
          throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
        },
      })
      t.after(async () => hooks.deregister())
      await assert.rejects(start(t, 'http://127.0.0.1:9/'), {
        message:
          /^TRACES_URL needs packages that are not installed: run npm install @opentelemetry\/api@1\.10 /,
      })
    })
  })
