import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import express from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { requires } from '../adapters/express.ts'
import { fastifyGuard } from '../adapters/fastify.ts'
import { allOf, anyOf, createGuard, predicate, scopes } from '../index.ts'
import { createTestIssuer } from '../testing/index.ts'
import {
  assertCovered,
  describeRoutes,
  expressRoutes,
  fastifyRoutes,
  routeAccess,
  withPermissions,
} from './index.ts'

const issuer = await createTestIssuer()
const guard = createGuard({ issuer: issuer.issuer, audience: issuer.audience, keys: issuer.keys })

describe('Fastify', () => {
  test('every route is listed with what it requires, including those outside the guard', async () => {
    const app = Fastify()
    app.get('/before', () => 'open')
    await app.register(async (outside) => void outside.get('/outside/x', () => 'open'), { prefix: '/v1' })
    await app.register(async (inside) => {
      await inside.register(fastifyGuard, { guard })
      inside.get('/users/:id', { config: { access: allOf('read:users', anyOf('a', 'b')) } }, () => 1)
      inside.post('/users', () => 1)
      inside.route({
        method: ['PUT', 'DELETE'],
        url: '/users/:id/roles',
        config: { access: 'write:roles' },
        handler: () => 1,
      })
      inside.get('/health', { config: { access: 'public' } }, () => 1)
      inside.get('/at/:hour(^\\d+)h', { config: { access: 'optional' } }, () => 1)
      inside.get('/files/*', () => 1)
      await inside.register(
        async (nested) => void nested.get('/deep', { config: { access: 'x' } }, () => 1),
        { prefix: '/nested' },
      )
    })
    await app.ready()
    const routes = fastifyRoutes(app)
    assert.deepEqual(
      describeRoutes(routes.filter(({ method }) => method !== 'HEAD'))
        .split('\n')
        .toSorted(),
      [
        'DELETE /users/:id/roles: write:roles',
        'GET /at/:hour(^\\d+)h: optional',
        'GET /before: not guarded',
        'GET /files/*: authenticated',
        'GET /health: public',
        'GET /nested/deep: x',
        'GET /users/:id: (read:users and (a or b))',
        'GET /v1/outside/x: not guarded',
        'POST /users: authenticated',
        'PUT /users/:id/roles: write:roles',
      ],
    )
    assert.throws(
      () => assertCovered(routes),
      /Neither guarded nor declared public:\n.*GET \/before\n[^]*GET \/v1\/outside\/x/,
    )
    assertCovered(routes.filter(({ path }) => path !== '/before' && path !== '/v1/outside/x'))
    assert.ok(routes.some(({ method, path }) => method === 'HEAD' && path === '/users/:id'))
  })

  test('every guard of a route is listed, and a route is not taken for another with its path', async () => {
    const app = Fastify()
    app.get('/x', { constraints: { version: '1.0.0' } }, () => 'open')
    await app.register(fastifyGuard, { guard })
    await app.register(async (inner) => {
      await inner.register(fastifyGuard, { guard, defaultAccess: 'read:inner' })
      inner.get('/both', { config: { access: 'read:x' } }, () => 1)
    })
    app.get('/x', () => 1)
    await app.register(async (prefixed) => void prefixed.post('/', () => 1), { prefix: '/prefixed' })
    await app.ready()
    assert.deepEqual(
      describeRoutes(fastifyRoutes(app).filter(({ method }) => method !== 'HEAD')).split('\n'),
      [
        'GET /x: not guarded',
        'GET /both: read:x and read:x',
        'GET /x: authenticated',
        'POST /prefixed: authenticated',
      ],
    )
  })

  test('an application that was created before the routes were recorded is refused', () => {
    const app = Fastify()
    const unknown = Object.create(app, { server: { value: {} } })
    assert.throws(() => fastifyRoutes(unknown), /Import @rolecall\/guard\/routes before/)
  })

  test('a HEAD that Fastify adds is guarded as its GET, once', async () => {
    const app = Fastify()
    await app.register(fastifyGuard, { guard })
    app.get('/x', { config: { access: 'read:x' } }, () => 1)
    const headers = { authorization: `Bearer ${await issuer.token()}` }
    assert.equal((await app.inject({ method: 'HEAD', url: '/x' })).statusCode, 401)
    assert.equal((await app.inject({ method: 'HEAD', url: '/x', headers })).statusCode, 403)
    assert.equal((await app.inject({ method: 'GET', url: '/nowhere' })).statusCode, 404)
  })
})

describe('Express 5', () => {
  test('every route is listed with the guards before it', () => {
    const app = express()
    const handler: express.RequestHandler = (_request, response) => void response.end()
    app.use(handler)
    app.get('/open', handler)
    app.get('/health', requires(guard, 'public'), handler)
    app.get('/after', handler, requires(guard))
    app.route('/both').get(requires(guard, 'read:x'), handler).post(handler)
    app.route('/all').all(requires(guard), handler)
    const users = express.Router()
    users.get('/', requires(guard, 'read:users'), handler)
    users.get('/:id', handler)
    const roles = express.Router()
    roles.delete('/:role', requires(guard, 'write:roles'), handler)
    users.use('/:id/roles', roles)
    app.use('/api/users', requires(guard), users)
    app.use('/admin', requires(guard, 'admin'))
    app.get('/admin/x', handler)
    app.get('/administrators', handler)
    app.use('/sub', express())
    app.use(requires(guard))
    app.get('/late', handler)
    const routes = expressRoutes(app)
    assert.deepEqual(describeRoutes(routes).split('\n'), [
      'GET /open: not guarded',
      'GET /health: public',
      'GET /after: not guarded',
      'GET /both: read:x',
      'POST /both: not guarded',
      'ALL /all: authenticated',
      'GET /api/users: authenticated and read:users',
      'GET /api/users/:id: authenticated',
      'DELETE /api/users/:id/roles/:role: authenticated and write:roles',
      'GET /admin/x: admin',
      'GET /administrators: not guarded',
      'ALL /sub/*: not guarded',
      'GET /late: authenticated',
    ])
    assert.throws(
      () => assertCovered(routes),
      /GET \/open\n {2}GET \/after\n {2}POST \/both\n {2}GET \/administrators\n {2}ALL \/sub\/\*$/,
    )
  })

  test('a route with several paths is listed once for each', () => {
    const app = express()
    const router = express.Router()
    router.get(['/a', '/b'], requires(guard, 'read:x'), (_request, response) => void response.end())
    app.use(['/one', '/two'], router)
    assert.equal(
      describeRoutes(expressRoutes(app)),
      ['/one/a', '/one/b', '/two/a', '/two/b'].map((path) => `GET ${path}: read:x`).join('\n'),
    )
  })

  test('a route that Express lists and the layers hide is an error, not an omission', () => {
    const app = express()
    app.get('/open', (_request, response) => void response.end())
    for (const layer of app.router.stack) Reflect.set(layer, 'route', undefined)
    const listed = [{ path: '/open', methods: ['GET'], router: undefined }]
    Object.defineProperty(app.router, 'listRoutes', { value: () => listed })
    assert.throws(() => expressRoutes(app), /has routes that expressRoutes cannot read/)
  })

  test('an application of Express 4, and what is no application, are refused', () => {
    const app = express4()
    app.get('/open', (_request, response) => void response.end())
    for (const wrong of [app, {}, express.Router()])
      assert.throws(() => expressRoutes(wrong), /needs an application of Express 5/)
  })
})

test('an OpenAPI document gets what each operation requires', async () => {
  const app = Fastify()
  await app.register(fastifyGuard, { guard })
  app.get('/users/:id', { config: { access: anyOf('read:users', 'read:everything') } }, () => 1)
  app.get('/me', () => 1)
  app.get('/health', { config: { access: 'public' } }, () => 1)
  await app.ready()
  const document = {
    openapi: '3.1.0',
    paths: {
      '/users/{id}': { get: { summary: 'A user' } },
      '/me': { get: {} },
      '/health': { get: {} },
      '/other': { get: {} },
    },
  }
  assert.deepEqual(withPermissions(document, fastifyRoutes(app)), {
    openapi: '3.1.0',
    paths: {
      '/users/{id}': {
        get: {
          summary: 'A user',
          'x-permissions': ['read:users', 'read:everything'],
          'x-access': '(read:users or read:everything)',
        },
      },
      '/me': { get: { 'x-permissions': [], 'x-access': 'authenticated' } },
      '/health': { get: { 'x-access': 'public' } },
      '/other': { get: {} },
    },
  })
  assert.deepEqual(document.paths['/me'], { get: {} })
})

test('routes are listed as data, with alternatives, for a comparison with the permissions of the API', async () => {
  const app = Fastify()
  await app.register(fastifyGuard, { guard })
  const own = predicate('self', () => true)
  app.get('/one', { config: { access: 'read:a' } }, () => 1)
  app.get('/both', { config: { access: allOf('read:a', anyOf('read:b', scopes('c', 'd'))) } }, () => 1)
  app.get('/own', { config: { access: anyOf('read:a', own) } }, () => 1)
  app.get('/and-own', { config: { access: allOf('read:a', own) } }, () => 1)
  app.get('/health', { config: { access: 'public' } }, () => 1)
  await app.ready()
  const listed = routeAccess(fastifyRoutes(app).filter(({ method }) => method !== 'HEAD'))
  assert.deepEqual(JSON.parse(JSON.stringify(listed)), [
    { method: 'GET', path: '/one', access: 'read:a', requires: 'read:a' },
    {
      method: 'GET',
      path: '/both',
      access: '(read:a and (read:b or scope c and scope d))',
      requires: { allOf: ['read:a', { anyOf: ['read:b', { allOf: ['c', 'd'] }] }] },
    },
    { method: 'GET', path: '/own', access: '(read:a or self)' },
    { method: 'GET', path: '/and-own', access: '(read:a and self)', requires: 'read:a' },
    { method: 'GET', path: '/health', access: 'public' },
  ])
})
