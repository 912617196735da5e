import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { stores } from '../store/testing.ts'
import { type Answer, type ManagementServer, startManagement, untilTheEnd } from './testing.ts'

type Method = Parameters<ManagementServer['call']>[0]

interface Operation {
  parameters?: { name: string; in: string }[]
  requestBody?: { content: Record<string, { schema: Schema }> }
}
interface Schema {
  type?: string
  properties?: Record<string, Schema>
  anyOf?: Schema[]
}

/** As JSON text, because some of it no serialiser would write. */
const hostileValues = [
  'null',
  '1e999',
  '9007199254740993',
  '""',
  '[]',
  '{}',
  '[null]',
  '"\\u0000"',
  '"\\ud800"',
  '"\\u202e<script>alert(1)</script>"',
  '"a\\r\\nb: c"',
  `"' or 1=1; drop table users; --"`,
  '{"__proto__":{"admin":true}}',
  '{"constructor":{"prototype":{"admin":true}}}',
  JSON.stringify('x'.repeat(100_000)),
  `${'['.repeat(200)}${']'.repeat(200)}`,
]
const hostileQueries = [
  '',
  '%00',
  '%FF',
  '%',
  '__proto__',
  "';--",
  '-1',
  '1e9',
  'x'.repeat(5_000),
  '%ED%A0%80',
  '{}',
]

/** 50 kB each, for expressions that go back over what they have read: `npm run bench -- hostile` measures them. */
const hostileTexts = [
  'a@'.repeat(25_000),
  `${'a'.repeat(25_000)}@${'a.'.repeat(12_000)}`,
  ' '.repeat(50_000),
  `http://${'a.'.repeat(25_000)}`,
  '<'.repeat(50_000),
]

const limit = { timeout: 120_000 }

/** What the databases treat differently, or refuse: U+0000, half a surrogate pair, and long text. */
const differs = /%00|%ED%A0%80|%FF|\\u0000|\\ud800|x{1000}/

/**
 * Requests that the validation of the first store's server has refused. The validation reads no store, so they are not
 * sent again to the other one, unless databases differ on them.
 */
const refusedByValidation = new Set<string>()

const isWorthSending = (request: string) => differs.test(request) || !refusedByValidation.has(request)

function keepRefusal(kind: (typeof stores)[number], request: string, { status, body }: Answer): void {
  if (
    kind === stores[0] &&
    status === 400 &&
    /^(Payload|Query) validation error/.test(String(body['message']))
  )
    refusedByValidation.add(request)
}

for (const kind of stores)
  describe(`whatever is sent to the Management API on ${kind.name}`, () => {
    const end = untilTheEnd()
    // Every look at it moves it on, so that the rate limit never answers instead of the route.
    let now = Date.now()
    let server: ManagementServer
    let operations: { method: Method; path: string; operation: Operation }[]

    const refusedRightly = ({ status, body }: Answer, what: string) => {
      assert.ok(status < 500 && status !== 429, `${what}: ${status}`)
      if (status < 400) return
      assert.equal(body['statusCode'], status, what)
      assert.equal(typeof body['error'], 'string', what)
      assert.equal(typeof body['message'], 'string', what)
    }
    /** What changes leave behind. */
    const changes = async () =>
      (
        await server.ctx.store.db
          .selectFrom('changes')
          .select('seq')
          .orderBy('seq', 'desc')
          .limit(1)
          .execute()
      )[0]?.seq ?? 0

    before(async () => {
      server = await startManagement(end, kind, () => now++)
      const document = await server.call('GET', '/openapi.json')
      operations = Object.entries(document.body['paths']!).flatMap(([path, methods]) =>
        Object.entries(methods).map(([method, operation]) => ({
          method: method.toUpperCase() as Method,
          path: path.slice('/api/v2'.length),
          operation: operation as unknown as Operation,
        })),
      )
      assert.ok(operations.length > 50)
    })

    /** Addresses of objects that are there, so that checks behind the first are reached too. */
    const addressed = async (path: string): Promise<string> => {
      if (!path.includes('{')) return path
      const unique = `${Math.random()}`
      const connection = 'Username-Password-Authentication'
      const made: Record<string, () => Promise<Answer>> = {
        users: () =>
          server.call('POST', '/users', { email: `u${unique}@x.test`, connection, verify_email: false }),
        'user-blocks': () =>
          server.call('POST', '/users', { email: `u${unique}@x.test`, connection, verify_email: false }),
        roles: () => server.call('POST', '/roles', { name: `r${unique}` }),
        'resource-servers': () =>
          server.call('POST', '/resource-servers', { identifier: `https://${unique}.test` }),
        clients: () => server.call('POST', '/clients', { name: `c${unique}` }),
        connections: () =>
          server.call('POST', '/connections', { name: `c${unique.slice(2)}`, strategy: 'auth0' }),
      }
      const [, resource = ''] = path.split('/')
      const body = made[resource] && (await made[resource]()).body
      const id = body?.['user_id'] ?? body?.['client_id'] ?? body?.['id'] ?? 'x'
      return path.replaceAll(/\{\w+\}/g, encodeURIComponent(String(id)))
    }

    it('in a body is refused with the envelope or taken, and never half written', async () => {
      for (const { method, path, operation } of operations) {
        const schema = operation.requestBody?.content['application/json']?.schema
        if (!schema) continue
        const url = await addressed(path)
        const bodies = [...hostileValues]
        for (const name of Object.keys(schema.properties ?? {}))
          for (const value of hostileValues) bodies.push(`{${JSON.stringify(name)}:${value}}`)
        let earlier = await changes()
        for (const body of bodies) {
          const request = `${method} ${path} ${body}`
          if (!isWorthSending(request)) continue
          const answer = await server.call(method, url, body)
          keepRefusal(kind, request, answer)
          const what = `${method} ${url} ${body.slice(0, 80)}`
          refusedRightly(answer, what)
          const later = await changes()
          if (answer.status >= 400) assert.equal(later, earlier, what)
          earlier = later
        }
      }
      assert.equal(({} as { admin?: boolean }).admin, undefined)
    })

    // Nearly all of it is refused before the store is read, so one store is enough.
    if (kind === stores[0])
      it('in a field that takes text is refused or taken, however long it is', limit, async () => {
        for (const { method, path, operation } of operations) {
          const schema = operation.requestBody?.content['application/json']?.schema
          const url = path.replaceAll(/\{\w+\}/g, 'x')
          for (const name of Object.keys(schema?.properties ?? {}))
            for (const text of hostileTexts)
              refusedRightly(await server.call(method, url, { [name]: text }), `${method} ${url} ${name}`)
        }
      })

    it('in a query is refused with the envelope or taken', async () => {
      for (const { method, path, operation } of operations) {
        const names = operation.parameters?.filter((one) => one.in === 'query').map(({ name }) => name) ?? []
        const url = names.length > 0 ? await addressed(path) : ''
        for (const name of names)
          for (const value of hostileQueries)
            for (const query of [`${name}=${value}`, `${name}=${value}&${name}=${value}`]) {
              const request = `${method} ${path}?${query}`
              if (!isWorthSending(request)) continue
              const answer = await server.call(method, `${url}?${query}`)
              keepRefusal(kind, request, answer)
              refusedRightly(answer, `${method} ${url}?${query}`)
            }
      }
    })

    it('in a path is refused with the envelope', async () => {
      for (const { method, path, operation } of operations) {
        if (!path.includes('{')) continue
        const body = operation.requestBody ? {} : undefined
        for (const id of [
          '%00',
          '%ED%A0%80',
          '..%2F..%2Fetc',
          '__proto__',
          "'--",
          'x'.repeat(4_000),
          '%E0%A4%A',
        ]) {
          const url = path.replaceAll(/\{\w+\}/g, id)
          const answer = await server.call(method, url, body)
          refusedRightly(answer, `${method} ${url.slice(0, 100)}`)
        }
      }
    })

    it('in a path that no route can read is refused in the form of the errors around it', async () => {
      for (const [status, segment, reason] of [
        [400, '%', 'The path is not percent-encoded UTF-8'],
        [414, 'x'.repeat(5_401), 'A part of the path is too long'],
      ] as const) {
        const refused = await server.call('GET', `/roles/${segment}`)
        const error = status === 400 ? 'Bad Request' : 'URI Too Long'
        assert.equal(refused.status, status)
        assert.deepEqual(refused.body, {
          statusCode: status,
          error,
          message: reason,
          errorCode: 'invalid_request',
        })
        assert.equal(refused.headers['x-content-type-options'], 'nosniff')

        const url = `/interaction/${segment}`
        const { statusCode, body } = await server.app.inject({ url, headers: { accept: '*/*' } })
        assert.equal(statusCode, status)
        assert.deepEqual(JSON.parse(body), { error: 'invalid_request', error_description: reason })
        const page = await server.app.inject({ url, headers: { accept: 'text/html' } })
        assert.equal(page.statusCode, status)
        assert.match(String(page.headers['content-type']), /^text\/html/)
      }
    })

    it('is bounded in size and depth', async () => {
      const large = await server.call('POST', '/roles', `{"name":"${'x'.repeat(10 * 1024 * 1024)}"}`)
      assert.deepEqual([large.status, large.body['error']], [413, 'Payload Too Large'])
      for (const body of [
        `{"name":"x","description":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
        `{"email":"a@x.test","connection":"c","user_metadata":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}}`,
      ]) {
        const { status } = await server.call('POST', body.includes('email') ? '/users' : '/roles', body)
        assert.equal(status, 400)
      }
    })

    it('must be JSON', async () => {
      for (const [type, payload] of [
        ['application/json', '{'],
        ['application/json', '{"name":"x",}'],
        ['text/plain', '{"name":"x"}'],
        ['application/xml', '<name/>'],
        ['application/x-www-form-urlencoded', 'name[]=x'],
        ['multipart/form-data', 'x'],
      ] as const) {
        const token = await server.token(`${server.clientId}@clients`, ['create:roles'])
        const answer = await server.app.inject({
          method: 'POST',
          url: '/api/v2/roles',
          headers: { 'content-type': type, authorization: `Bearer ${token}` },
          payload,
        })
        assert.ok([400, 406, 415].includes(answer.statusCode), `${type} ${payload}: ${answer.statusCode}`)
        assert.equal(answer.json<{ statusCode: number }>().statusCode, answer.statusCode)
      }
    })

    it('may come with a JSON content type and no body where none is needed', async () => {
      const { body } = await server.call('POST', '/roles', { name: 'empty body' })
      const answer = await server.call('DELETE', `/roles/${body['id']}`, '')
      assert.equal(answer.status, 200)
    })

    it('in an Authorization header is refused, whatever it holds', async () => {
      for (const authorization of [
        'Bearer',
        'Bearer ',
        'Bearer a b',
        'bearer',
        'Basic eDp5',
        'Bearer ..',
        'Bearer eyJhbGciOiJub25lIn0.e30.',
        `Bearer ${'x'.repeat(8_000)}`,
        'Bearer eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.AAAA',
      ]) {
        const answer = await server.app.inject({ url: '/api/v2/roles', headers: { authorization } })
        assert.ok([400, 401].includes(answer.statusCode), `${authorization}: ${answer.statusCode}`)
        assert.equal(answer.json<{ statusCode: number }>().statusCode, answer.statusCode)
      }
    })
  })
