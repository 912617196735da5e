import assert from 'node:assert/strict'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { after, before, describe, test } from 'node:test'
import { createTestIssuer, faults, type TestIssuer } from '@rolecall/guard/testing'
import type { FastifyInstance } from 'fastify'
import { createApi } from './api.ts'

const clientOrigin = 'http://localhost:4040'
const routes = ['public', 'protected', 'admin'] as const
const texts = {
  public: { text: 'This is a public message.' },
  protected: { text: 'This is a protected message.' },
  admin: { text: 'This is an admin message.' },
}
const notProvided = { message: 'Authentication credentials were not provided.' }
const malformed = { message: 'Authorization header must contain two space-delimited values' }
const notValid = { message: 'Given token not valid for any token type' }
const denied = { message: 'Permission denied' }

const everywhere: Record<string, string> = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'x-xss-protection': '0',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'cache-control': 'max-age=0, no-cache, no-store, must-revalidate, private',
  expires: '0',
  vary: 'Origin',
  'content-type': 'application/json',
}

interface Answer {
  status: number
  headers: Record<string, string | undefined>
  body: unknown
}

let issuer: TestIssuer
let api: FastifyInstance
let port: number

before(async () => {
  issuer = await createTestIssuer({ audience: 'https://hello-world.example.com' })
  await issuer.listen()
  api = await start({})
  port = portOf(api)
})

after(async () => {
  await api.close()
  await issuer.close()
})

async function start({
  debug = false,
  auth0Domain = new URL(issuer.issuer).origin,
}): Promise<FastifyInstance> {
  const app = await createApi({
    clientOrigin,
    port: 6060,
    debug,
    auth0Domain,
    auth0Audience: issuer.audience,
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  return app
}

function portOf(app: FastifyInstance): number {
  const address = app.server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

/** Sends a request unchanged and checks the headers that every response must have. */
async function send(
  path: string,
  { method = 'GET', headers = [] as string[], body = '', to = port } = {},
): Promise<Answer> {
  const { status, headers: received, text } = await exchange(path, method, headers, body, to)
  const answer = { status, headers: flat(received), body: parsed(text) }
  for (const [name, value] of Object.entries(everywhere)) assert.equal(answer.headers[name], value, name)
  assert.equal(answer.headers['server'], undefined)
  assert.equal(answer.headers['x-powered-by'], undefined)
  if (status === 401) assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer realm="api"/)
  return answer
}

function exchange(
  path: string,
  method: string,
  headers: readonly string[],
  body: string,
  to: number,
): Promise<{ status: number; headers: IncomingHttpHeaders; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(
      {
        agent: false,
        host: '127.0.0.1',
        port: to,
        path,
        method,
        headers: ['Host', 'localhost', ...headers],
        timeout: 5_000,
      },
      (response) => {
        let text = ''
        response.setEncoding('utf8')
        response.on('data', (chunk: string) => {
          text += chunk
        })
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, text }),
        )
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}

function flat(headers: IncomingHttpHeaders): Answer['headers'] {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]))
}

/** Asserts compact JSON without anything around it. */
function parsed(text: string): unknown {
  if (text === '') return undefined
  const value: unknown = JSON.parse(text)
  assert.equal(text, JSON.stringify(value))
  return value
}

const bearer = (token: string) => ['Authorization', `Bearer ${token}`]

describe('without credentials', () => {
  const carriers: [string, (token: string) => { headers?: string[]; query?: string }][] = [
    ['no Authorization header', () => ({})],
    ['an empty one', () => ({ headers: ['Authorization', ''] })],
    ['another scheme', (token) => ({ headers: ['Authorization', `Basic ${token}`] })],
    ['a token without scheme', (token) => ({ headers: ['Authorization', token] })],
    ['a token in the query', (token) => ({ query: `?access_token=${token}` })],
  ]
  for (const [what, carry] of carriers)
    test(`${what}: public is answered, protected and admin require credentials`, async () => {
      const { headers = [], query = '' } = carry(await issuer.token({ permissions: ['read:admin-messages'] }))
      assert.deepEqual((await send(`/api/messages/public${query}`, { headers })).body, texts.public)
      for (const name of ['protected', 'admin']) {
        const answer = await send(`/api/messages/${name}${query}`, { headers })
        assert.equal(answer.status, 401)
        assert.deepEqual(answer.body, notProvided)
        assert.equal(answer.headers['www-authenticate'], 'Bearer realm="api"')
      }
    })
})

describe('a malformed Authorization header is refused, on the public message too', () => {
  const carriers: [string, string[]][] = [
    ['the scheme alone', ['Authorization', 'Bearer']],
    ['two values after the scheme', ['Authorization', 'Bearer a b']],
    ['two headers', ['Authorization', 'Bearer a', 'Authorization', 'Bearer b']],
  ]
  for (const [what, headers] of carriers)
    for (const name of routes)
      test(`${what}: ${name}`, async () => {
        const answer = await send(`/api/messages/${name}`, { headers })
        assert.equal(answer.status, 401)
        assert.deepEqual(answer.body, malformed)
      })
})

async function refusedEverywhere(token: string): Promise<void> {
  for (const name of routes) {
    const answer = await send(`/api/messages/${name}`, { headers: bearer(token) })
    assert.equal(answer.status, 401)
    assert.deepEqual(answer.body, notValid)
    assert.equal(answer.headers['www-authenticate'], 'Bearer realm="api", error="invalid_token"')
  }
}

describe('a bad token is refused, on the public message too', () => {
  for (const fault of faults) test(fault, async () => refusedEverywhere(await issuer.token({ fault })))

  const claims: [string, Record<string, unknown>][] = [
    ['exp as a string of digits', { exp: '99999999999' }],
    ['expired 61 seconds ago', { exp: Math.floor(Date.now() / 1000) - 61 }],
    ['an array as issuer', { iss: ['https://issuer.test/'] }],
  ]
  for (const [what, changed] of claims)
    test(what, async () => refusedEverywhere(await issuer.token({ claims: changed })))

  for (const alg of ['RS384', 'RS512', 'PS256', 'ES256'])
    test(`signed with ${alg}`, async () => {
      const [, payload, signature] = (await issuer.token()).split('.')
      const header = Buffer.from(JSON.stringify({ alg, typ: 'JWT', kid: 'test-key-1' })).toString('base64url')
      await refusedEverywhere(`${header}.${payload}.${signature}`)
    })
})

describe('a good token', () => {
  const lacking: [string, { permissions?: string[]; scope?: string; claims?: Record<string, unknown> }][] = [
    ['no permissions claim', {}],
    ['no permissions', { permissions: [] }],
    ['other permissions', { permissions: ['read:messages', 'read:admin-messages2'] }],
    ['the permission only as a scope', { scope: 'read:admin-messages' }],
    ['permissions null', { claims: { permissions: null } }],
    ['permissions a number', { claims: { permissions: 1 } }],
    ['permissions true', { claims: { permissions: true } }],
    ['permissions an object', { claims: { permissions: { 'read:admin-messages': true } } }],
    ['permissions a string that contains the name', { claims: { permissions: 'x read:admin-messages' } }],
  ]
  for (const [what, options] of lacking)
    test(`with ${what} reads everything but the admin message`, async () => {
      const headers = bearer(await issuer.token(options))
      assert.deepEqual((await send('/api/messages/public', { headers })).body, texts.public)
      assert.deepEqual((await send('/api/messages/protected', { headers })).body, texts.protected)
      const answer = await send('/api/messages/admin', { headers })
      assert.equal(answer.status, 403)
      assert.deepEqual(answer.body, denied)
      assert.equal(
        answer.headers['www-authenticate'],
        'Bearer realm="api", error="insufficient_scope", scope="read:admin-messages"',
      )
    })

  for (const scheme of ['Bearer', 'bearer', 'BEARER'])
    test(`with read:admin-messages reads everything, sent as ${scheme}`, async () => {
      const token = await issuer.token({ permissions: ['read:admin-messages'] })
      for (const name of routes) {
        const answer = await send(`/api/messages/${name}`, {
          headers: ['Authorization', `${scheme} ${token}`],
        })
        assert.equal(answer.status, 200)
        assert.deepEqual(answer.body, texts[name])
      }
    })
})

describe('paths and methods', () => {
  for (const path of [
    '/',
    '/api',
    '/api/messages',
    '/api/messages/public/',
    '/API/messages/public',
    '/api/messages/admin;x',
  ])
    test(`${path} is not found`, async () => {
      const answer = await send(path)
      assert.equal(answer.status, 404)
      assert.deepEqual(answer.body, { message: 'Not Found' })
    })

  for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'TRACE', 'PROPFIND'])
    test(`${method} gets 405, after authentication and permission have been checked`, async () => {
      const member = bearer(await issuer.token())
      const admin = bearer(await issuer.token({ permissions: ['read:admin-messages'] }))
      assert.deepEqual((await send('/api/messages/admin', { method })).body, notProvided)
      assert.deepEqual((await send('/api/messages/admin', { method, headers: member })).body, denied)
      for (const headers of [admin, [...admin, 'Content-Type', 'text/plain']]) {
        const answer = await send('/api/messages/admin', { method, headers })
        assert.equal(answer.status, 405)
        assert.deepEqual(answer.body, { message: `Method "${method}" not allowed.` })
        assert.equal(answer.headers['allow'], 'GET, HEAD, OPTIONS')
      }
    })

  test('HEAD is answered like GET, without a body', async () => {
    assert.equal((await send('/api/messages/admin', { method: 'HEAD' })).status, 401)
    const answer = await send('/api/messages/public', { method: 'HEAD' })
    assert.equal(answer.status, 200)
    assert.equal(answer.body, undefined)
  })

  for (const accept of ['text/html', 'image/*, text/*', 'application/json;q=0'])
    test(`Accept: ${accept} gets 406`, async () => {
      const answer = await send('/api/messages/public', { headers: ['Accept', accept] })
      assert.equal(answer.status, 406)
      assert.deepEqual(answer.body, { message: 'Could not satisfy the request Accept header.' })
    })

  for (const accept of ['*/*', 'application/*', 'text/html, application/json;q=0.1', ''])
    test(`Accept: ${accept || '(empty)'} gets 200`, async () => {
      assert.equal((await send('/api/messages/public', { headers: ['Accept', accept] })).status, 200)
    })
})

describe('cross-origin access', () => {
  const preflight = [
    'Access-Control-Request-Method',
    'GET',
    'Access-Control-Request-Headers',
    'authorization',
  ]
  for (const path of ['/api/messages/public', '/api/messages/admin', '/no-such-path']) {
    test(`a preflight from the client succeeds without authentication: ${path}`, async () => {
      const answer = await send(path, { method: 'OPTIONS', headers: ['Origin', clientOrigin, ...preflight] })
      assert.equal(answer.status, 204)
      assert.equal(answer.headers['access-control-allow-origin'], clientOrigin)
      assert.equal(answer.headers['access-control-allow-headers'], 'authorization, content-type')
      assert.equal(answer.headers['access-control-allow-methods'], 'GET')
      assert.equal(answer.headers['access-control-max-age'], '86400')
    })
    for (const origin of [
      'http://localhost:4041',
      'http://localhost:4040.evil.example',
      'null',
      'https://localhost:4040',
    ])
      test(`another origin gets no CORS header: ${origin} ${path}`, async () => {
        for (const method of ['OPTIONS', 'GET']) {
          const answer = await send(path, { method, headers: ['Origin', origin, ...preflight] })
          assert.deepEqual(
            Object.keys(answer.headers).filter((name) => name.startsWith('access-control')),
            [],
          )
        }
      })
  }

  test('the client may read every response, refusals included', async () => {
    const origin = ['Origin', clientOrigin]
    const member = bearer(await issuer.token())
    for (const [path, headers, status] of [
      ['/api/messages/public', [], 200],
      ['/api/messages/admin', [], 401],
      ['/api/messages/admin', member, 403],
      ['/nowhere', [], 404],
      ['/api/messages/public', ['Accept', 'text/html'], 406],
    ] as const) {
      const answer = await send(path, { headers: [...origin, ...headers] })
      assert.equal(answer.status, status)
      assert.equal(answer.headers['access-control-allow-origin'], clientOrigin)
      assert.equal(answer.headers['access-control-expose-headers'], 'WWW-Authenticate')
    }
  })
})

describe('a malformed request is answered in JSON, with every header', () => {
  test('a malformed body: 400', async () => {
    const answer = await send('/api/messages/public', {
      method: 'POST',
      headers: ['Content-Type', 'application/json'],
      body: '{"a":',
    })
    assert.equal(answer.status, 400)
    assert.deepEqual(answer.body, { message: 'Bad Request' })
  })

  for (const type of ['application/json', 'text/plain'])
    test(`an oversized ${type} body: 413`, async () => {
      const body = JSON.stringify('x'.repeat(2_000_000))
      const headers = ['Content-Type', type, 'Content-Length', String(body.length)]
      const answer = await send('/api/messages/public', { method: 'POST', headers, body })
      assert.equal(answer.status, 413)
      assert.deepEqual(answer.body, { message: 'Payload Too Large' })
    })

  test('9 KB of header: 431', async () => {
    const answer = await send('/api/messages/public', { headers: ['X-Long', 'x'.repeat(9_216)] })
    assert.equal(answer.status, 431)
    assert.deepEqual(answer.body, { message: 'Request Header Fields Too Large' })
  })

  test('Latin-1 in a header: 400', async () => {
    const answer = await send('/api/messages/protected', { headers: ['Authorization', 'Bearer caf\u00e9'] })
    assert.equal(answer.status, 400)
    assert.deepEqual(answer.body, { message: 'Bad Request' })
  })

  for (const path of ['/api/messages/%zz', '/%'])
    test(`a path that cannot be decoded: ${path}`, async () => {
      const answer = await send(path)
      assert.equal(answer.status, 400)
      assert.deepEqual(answer.body, { message: 'Bad Request' })
    })

  for (const garbage of ['GARBAGE\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET / HTTP/1.1\r\nA b: c\r\n\r\n'])
    test(`a request that is not HTTP: ${JSON.stringify(garbage)}`, async () => {
      const answer = await new Promise<string>((resolve, reject) => {
        let text = ''
        const socket = connect(port, '127.0.0.1', () => socket.write(garbage))
        socket.setTimeout(5_000, () => socket.destroy(new Error('no answer')))
        socket.on('data', (chunk) => {
          text += chunk.toString()
        })
        socket.on('end', () => resolve(text))
        socket.on('error', reject)
      })
      assert.match(answer, /^HTTP\/1\.1 400 /)
      assert.match(answer, /\r\n\r\n\{"message":"Bad Request"\}$/)
      for (const [name, value] of Object.entries(everywhere))
        assert.ok(answer.includes(`${name}: ${value}\r\n`), name)
    })
})

test('tokens get 503 until the issuer was reached once, and keys stay in use while it is down', async () => {
  const issuerDown = await createTestIssuer({ audience: issuer.audience })
  await issuerDown.listen()
  const address = issuerDown.issuer
  const token = await issuerDown.token()
  const connected = await start({ auth0Domain: new URL(address).origin })
  try {
    assert.deepEqual(
      (await send('/api/messages/protected', { headers: bearer(token), to: portOf(connected) })).body,
      texts.protected,
    )
    await issuerDown.close()
    assert.deepEqual(
      (await send('/api/messages/protected', { headers: bearer(token), to: portOf(connected) })).body,
      texts.protected,
    )
    const disconnected = await start({ auth0Domain: new URL(address).origin })
    try {
      const answer = await send('/api/messages/protected', {
        headers: bearer(token),
        to: portOf(disconnected),
      })
      assert.equal(answer.status, 503)
      assert.deepEqual(answer.body, { message: 'Server Error' })
      assert.equal(answer.headers['retry-after'], '1')
      assert.equal((await send('/api/messages/public', { to: portOf(disconnected) })).status, 200)
    } finally {
      await disconnected.close()
    }
  } finally {
    await connected.close()
  }
})

test('an internal error is a 500 without details', async () => {
  const app = await createApi({
    clientOrigin,
    port: 6060,
    debug: false,
    auth0Domain: 'issuer.test',
    auth0Audience: 'a',
  })
  app.get('/broken', { config: { access: 'public' } }, () => {
    throw new Error('a detail that must not be sent')
  })
  await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    const answer = await send('/broken', { to: portOf(app) })
    assert.equal(answer.status, 500)
    assert.deepEqual(answer.body, { message: 'Server Error' })
  } finally {
    await app.close()
  }
})

test('DEBUG_ENABLE adds the reason to the challenge and changes no status', async () => {
  const app = await createApi({
    clientOrigin,
    port: 6060,
    debug: true,
    auth0Domain: new URL(issuer.issuer).origin,
    auth0Audience: issuer.audience,
  })
  app.log.level = 'silent'
  await app.listen({ port: 0, host: '127.0.0.1' })
  try {
    const headers = bearer(await issuer.token({ fault: 'expired' }))
    const answer = await send('/api/messages/protected', { headers, to: portOf(app) })
    assert.equal(answer.status, 401)
    assert.deepEqual(answer.body, notValid)
    assert.equal(
      answer.headers['www-authenticate'],
      'Bearer realm="api", error="invalid_token", error_description="The token has expired"',
    )
  } finally {
    await app.close()
  }
})
