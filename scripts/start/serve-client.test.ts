import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { after, before, test } from 'node:test'
import { tutorial } from '../../apps/server/src/seed/tutorial.ts'
import { startBuiltClient } from '../../samples/spa-react/test/built-client.ts'

let client: Awaited<ReturnType<typeof startBuiltClient>>
let page: string

before(async () => {
  client = await startBuiltClient({
    VITE_AUTH0_DOMAIN: 'http://localhost:5050',
    VITE_AUTH0_CLIENT_ID: 'a1b2c3',
    VITE_AUTH0_AUDIENCE: tutorial.api.identifier,
    VITE_API_SERVER_URL: 'http://localhost:6060',
  })
  page = await (await fetch(client.origin)).text()
})

after(() => client.stop())

/** What is answered to a path that no URL parser has cleaned up first. */
async function answerTo(path: string) {
  const call = request(client.origin, { path, agent: false }).end()
  const [response]: IncomingMessage[] = await once(call, 'response')
  assert(response)
  return { status: response.statusCode, body: await text(response) }
}

test('every address of the router answers with the one page', async () => {
  for (const path of ['/profile', '/callback?code=x&state=y', '/no/such/page', '/with.a.dot']) {
    const response = await fetch(client.origin + path)
    assert.equal(response.status, 200, path)
    assert.equal(response.headers.get('content-type'), 'text/html; charset=utf-8', path)
    assert.equal(await response.text(), page, path)
  }
})

test('the page holds no inline script, and its policy allows only the two servers of the configuration', async () => {
  assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)/)
  const policy = (await fetch(client.origin)).headers.get('content-security-policy') ?? ''
  const directives = policy.split('; ')
  assert(directives.includes("default-src 'self'"))
  assert(directives.includes("connect-src 'self' http://localhost:5050 http://localhost:6060"))
  assert(directives.includes('frame-src http://localhost:5050'))
  assert.doesNotMatch(policy, /unsafe/)
})

test('hashed files may be kept for ever, the page is asked for anew', async () => {
  const script = /src="(\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? ''
  const response = await fetch(client.origin + script)
  assert.equal(response.headers.get('content-type'), 'text/javascript; charset=utf-8')
  assert.match(response.headers.get('cache-control') ?? '', /immutable/)
  assert.equal((await fetch(client.origin)).headers.get('cache-control'), 'no-cache')
})

test('a hashed file that is gone is not found, rather than the page in its place', async () => {
  assert.equal((await fetch(`${client.origin}/assets/index-gone.js`)).status, 404)
})

test('no path leads out of the folder', async () => {
  for (const path of ['/../../../../../../etc/passwd', '/..%2f..%2f..%2f..%2f..%2f..%2fetc%2fpasswd']) {
    assert.deepEqual(await answerTo(path), { status: 200, body: page })
  }
  for (const path of ['/%00', '/%zz']) assert.equal((await answerTo(path)).status, 400)
})

test('only GET and HEAD are answered', async () => {
  const post = await fetch(client.origin, { method: 'POST' })
  assert.equal(post.status, 405)
  assert.equal(post.headers.get('allow'), 'GET, HEAD')
  const head = await fetch(client.origin, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(await head.text(), '')
})
