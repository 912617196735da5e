import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import express from 'express'
import express4 from 'express4'
import Fastify from 'fastify'
import { requires } from '../adapters/express.ts'
import { fastifyGuard } from '../adapters/fastify.ts'
import { allOf, anyOf, createGuard } from '../index.ts'
import { createTestIssuer } from '../testing/index.ts'
import { assertCovered, describeRoutes, expressRoutes, fastifyRoutes, withPermissions } from './index.ts'

const issuer = await createTestIssuer()
const guard = createGuard({ issuer: issuer.issuer, audience: issuer.audience, keys: issuer.keys })

describe('Fastify', () => {
  test('every route is listed with what it requires, those the guard never saw included', async () => {
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

for (const [name, create] of [
  ['Express 5', express],
  ['Express 4', express4],
] as const)
  describe(name, () => {
    test('every route is listed with what stands before it', () => {
      const app = create()
      const handler: express.RequestHandler = (_request, response) => void response.end()
      app.use(handler)
      app.get('/open', handler)
      app.get('/health', requires(guard, 'public'), handler)
      app.get('/after', handler, requires(guard))
      app.route('/both').get(requires(guard, 'read:x'), handler).post(handler)
      app.route('/all').all(requires(guard), handler)
      const users = create.Router()
      users.get('/', requires(guard, 'read:users'), handler)
      users.get('/:id', handler)
      const roles = create.Router()
      roles.delete('/:role', requires(guard, 'write:roles'), handler)
      users.use('/:id/roles', roles)
      app.use('/api/users', requires(guard), users)
      app.use('/admin', requires(guard, 'admin'))
      app.get('/admin/x', handler)
      app.get('/administrators', handler)
      app.use('/sub', create())
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

    test('what is no application is refused', () => {
      assert.throws(() => expressRoutes({}), TypeError)
    })
  })

test('an OpenAPI document says what each operation requires', async () => {
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
