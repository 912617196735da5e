import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { fastify } from 'fastify'
import { assignRoles } from '../roles/assignments.ts'
import { openCache } from '../store/cache.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser, deleteUser, updateUser } from '../users/users.ts'
import { type ManagementRoute, management } from './management.ts'
import { type ManagementServer, startManagement, untilTheEnd } from './testing.ts'

/** Names no object, so none can be foreign. */
const none = Symbol('none')
const permissions = {
  permissions: [{ resource_server_identifier: 'https://x.test', permission_name: 'read:x' }],
}
const noBody = undefined

/**
 * Every route that requires a token, with a valid body for an object that does not exist. The test fails for a route that
 * is missing here, and for a line without a route.
 */
const matrix: Record<string, unknown> = {
  'GET /resource-servers': none,
  'POST /resource-servers': none,
  'GET /resource-servers/:id': noBody,
  'PATCH /resource-servers/:id': { name: 'New' },
  'DELETE /resource-servers/:id': noBody,
  'GET /roles': none,
  'POST /roles': none,
  'GET /roles/:id': noBody,
  'PATCH /roles/:id': { name: 'new' },
  'DELETE /roles/:id': noBody,
  'GET /roles/:id/permissions': noBody,
  'POST /roles/:id/permissions': permissions,
  'DELETE /roles/:id/permissions': permissions,
  'GET /roles/:id/users': noBody,
  'POST /roles/:id/users': { users: ['auth0|x'] },
  'GET /users': none,
  'GET /users-by-email': none,
  'POST /users': none,
  'GET /users/:id': noBody,
  'PATCH /users/:id': { name: 'New' },
  'DELETE /users/:id': noBody,
  'GET /users/:id/roles': noBody,
  'POST /users/:id/roles': { roles: ['rol_x'] },
  'DELETE /users/:id/roles': { roles: ['rol_x'] },
  'POST /users/:id/identities': { provider: 'oidc', user_id: 'x|y' },
  'DELETE /users/:id/identities/:provider/:user_id': noBody,
  'POST /rolecall/users/assign-roles': none,
  'POST /rolecall/users/remove-roles': none,
  'POST /rolecall/users/block': none,
  'POST /rolecall/users/unblock': none,
  'POST /rolecall/undo': none,
  'GET /users/:id/permissions': noBody,
  'POST /users/:id/permissions': permissions,
  'DELETE /users/:id/permissions': permissions,
  'GET /users/:id/effective-permissions': noBody,
  'GET /users/:id/effective-roles': noBody,
  'GET /users/:id/logs': noBody,
  'GET /users/:id/organizations': noBody,
  'GET /users/:id/authentication-methods': noBody,
  'DELETE /users/:id/authentication-methods': noBody,
  'GET /users/:id/authentication-methods/:method': noBody,
  'PATCH /users/:id/authentication-methods/:method': { name: 'Theirs' },
  'DELETE /users/:id/authentication-methods/:method': noBody,
  'GET /users/:id/enrollments': noBody,
  'GET /users/:id/sessions': noBody,
  'DELETE /users/:id/sessions': noBody,
  'DELETE /sessions/:id': noBody,
  'GET /users/:id/refresh-tokens': noBody,
  'DELETE /users/:id/refresh-tokens': noBody,
  'POST /users/:id/revoke-access': noBody,
  'GET /user-blocks': none,
  'DELETE /user-blocks': none,
  'GET /user-blocks/:id': noBody,
  'DELETE /user-blocks/:id': noBody,
  'GET /clients': none,
  'POST /clients': none,
  'GET /clients/:id': noBody,
  'PATCH /clients/:id': { name: 'New' },
  'DELETE /clients/:id': noBody,
  'POST /clients/:id/rotate-secret': noBody,
  'GET /rolecall/clients/:id/secrets': noBody,
  'DELETE /rolecall/clients/:id/secrets/previous': noBody,
  'GET /clients/:id/connections': noBody,
  'GET /clients/:id/credentials': noBody,
  'GET /clients/:id/credentials/:credential': noBody,
  'POST /clients/:id/credentials': none,
  'PATCH /clients/:id/credentials/:credential': { expires_at: '2030-01-01T00:00:00.000Z' },
  'DELETE /clients/:id/credentials/:credential': noBody,
  'GET /client-grants': none,
  'POST /client-grants': none,
  'GET /client-grants/:id': noBody,
  'PATCH /client-grants/:id': { scope: [] },
  'DELETE /client-grants/:id': noBody,
  'GET /grants': none,
  'DELETE /grants/:id': noBody,
  'DELETE /grants': none,
  'POST /authorization/explain': none,
  'POST /authorization/claims': none,
  'POST /authorization/preview': none,
  'GET /authorization/configuration': none,
  'POST /authorization/changes': none,
  'GET /authorization/users': none,
  'GET /authorization/clients': none,
  'GET /connections': none,
  'POST /connections': none,
  'GET /connections/:id': noBody,
  'PATCH /connections/:id': { options: {} },
  'DELETE /connections/:id': noBody,
  'GET /connections/:id/clients': noBody,
  'PATCH /connections/:id/clients': [{ client_id: 'x', status: true }],
  'GET /rolecall/connections/:id/lazy-migration': noBody,
  'POST /rolecall/connections/:id/lazy-migration/check': noBody,
  'GET /rolecall/connections/:id/provider': noBody,
  'POST /rolecall/connections/:id/provider/check': noBody,
  'GET /tenants/settings': none,
  'PATCH /tenants/settings': none,
  'GET /logs': none,
  'GET /logs/:id': noBody,
  'GET /log-streams': none,
  'POST /log-streams': none,
  'GET /log-streams/:id': noBody,
  'PATCH /log-streams/:id': { status: 'paused' },
  'DELETE /log-streams/:id': noBody,
  'GET /rolecall/log-streams/:id/deliveries': noBody,
  'POST /rolecall/log-streams/:id/retry': {},
  'GET /keys/signing': none,
  'GET /keys/signing/:kid': noBody,
  'POST /keys/signing/rotate': none,
  'PUT /keys/signing/:kid/revoke': noBody,
  'POST /tickets/password-change': none,
  'POST /tickets/email-verification': none,
  'GET /jobs/:id': noBody,
  'GET /jobs/:id/errors': noBody,
  'POST /jobs/users-exports': none,
  'POST /jobs/users-imports': none,
  'POST /jobs/verification-email': none,
  'GET /stats/active-users': none,
  'GET /stats/daily': none,
  'GET /rolecall/outbox': none,
  'GET /rolecall/role-permissions': none,
  'GET /rolecall/role-counts': none,
  'GET /rolecall/user-roles': none,
  'GET /rolecall/impact': none,
  'GET /rolecall/direct-holders': none,
  'GET /rolecall/user-clashes': none,
  'GET /rolecall/role-clashes': none,
  'GET /rolecall/log-counts': none,
  'GET /rolecall/overview': none,
  'POST /rolecall/call': none,
  'GET /rules': none,
  'GET /forms': none,
  'GET /flows': none,
  'GET /flows/vault/connections': none,
  'GET /self-service-profiles': none,
  'GET /rules-configs': none,
  'GET /guardian/factors': none,
  'PUT /guardian/factors/:name': none,
  'GET /guardian/policies': none,
  'PUT /guardian/policies': none,
  'GET /rolecall/factor-policy': none,
  'PATCH /rolecall/factor-policy': none,
  'GET /custom-domains': none,
  'GET /actions/actions': none,
  'GET /actions/triggers': none,
  'GET /branding/phone/providers': none,
  'GET /branding/phone/templates': none,
  'GET /prompts': none,
  // Answered alike for every prompt and language: there are no texts.
  'GET /prompts/:prompt/custom-text/:language': none,
  'GET /prompts/:prompt/partials': none,
  'GET /prompts/rendering': none,
  'GET /attack-protection/breached-password-detection': none,
  'GET /attack-protection/brute-force-protection': none,
  'GET /attack-protection/suspicious-ip-throttling': none,
  'GET /attack-protection/bot-detection': none,
  'GET /attack-protection/captcha': none,
  'GET /token-exchange-profiles': none,
  'GET /supplemental-signals': none,
  'GET /event-streams': none,
}

/** Anybody may have these. */
const open = ['/openapi.json', '/docs', '/docs.css', '/rolecall/exports/:id']

type Method = Parameters<ManagementServer['call']>[0]

for (const kind of stores)
  describe(`every route of the Management API on ${kind.name}`, () => {
    const end = untilTheEnd()
    // Every look at it moves it on, so that the rate limit never answers instead of the route.
    let now = Date.now()
    let server: ManagementServer
    let routes: { name: string; method: Method; path: string; scope: ManagementRoute['scope'] }[]
    let all: string[]

    before(async () => {
      server = await startManagement(end, kind, () => now++)
      all = server.managementApi.permissions.map(({ value }) => value)
      routes = server.app.managementRoutes
        .filter(({ method }) => method !== 'HEAD')
        .map(({ method, url, scope }) => {
          const path = url.slice('/api/v2'.length)
          return { name: `${method} ${path}`, method: method as Method, path, scope }
        })
    })

    /** Tries each guarded route with this token. */
    const refusals = async (
      token: (scope: readonly string[]) => Promise<string>,
      check: (
        answer: Awaited<ReturnType<ManagementServer['call']>>,
        name: string,
        scope: readonly string[],
      ) => void,
    ) => {
      for (const { name, method, path, scope } of routes) {
        if (scope === 'public') continue
        const names = [...new Set(scope.flatMap((one) => one.split(' ')))]
        const url = path.replaceAll(/:\w+/g, 'x')
        check(await server.call(method, url, undefined, await token(names)), name, names)
      }
    }

    it('is in the matrix', () => {
      const guarded = routes.filter(({ scope }) => scope !== 'public').map(({ name }) => name)
      const missing = guarded.filter((name) => !(name in matrix))
      const gone = Object.keys(matrix).filter((name) => !guarded.includes(name))
      assert.deepEqual({ missing, gone }, { missing: [], gone: [] })
      const publicPaths = routes.filter(({ scope }) => scope === 'public').map(({ path }) => path)
      assert.deepEqual(publicPaths.toSorted(), open.toSorted())
    })

    it('requires a token', () =>
      refusals(
        async () => '',
        ({ status, body, headers }, name) => {
          assert.equal(status, 401, name)
          assert.deepEqual(body, {
            statusCode: 401,
            error: 'Unauthorized',
            message: 'Missing authentication',
          })
          assert.equal(headers['www-authenticate'], 'Bearer', name)
          assert.ok(headers['x-ratelimit-limit'] && headers['x-ratelimit-remaining'], name)
        },
      ))

    it('refuses a token for another API', async () => {
      const other = await server.token(`${server.clientId}@clients`, all, { aud: 'https://other.test' })
      await refusals(
        async () => other,
        ({ status, body }, name) => {
          assert.equal(status, 401, name)
          assert.equal(body['message'], 'Bad audience: https://other.test', name)
        },
      )
    })

    it('refuses an expired token, one signed with another key, and a text that is not a token', async () => {
      const sub = `${server.clientId}@clients`
      const expired = await server.token(sub, all, { exp: 1_000 })
      const good = await server.token(sub, all)
      const forged = `${good.slice(0, -8)}AAAAAAAA`
      const texts = new Map([
        [expired, 'Expired token received for JSON Web Token validation'],
        [forged, 'Invalid signature received for JSON Web Token validation'],
        ['not-a-token', 'Invalid token'],
      ])
      for (const [token, message] of texts)
        await refusals(
          async () => token,
          ({ status, body }, name) => {
            assert.equal(status, 401, name)
            assert.equal(body['message'], message, name)
          },
        )
    })

    it('refuses a caller without its scope, whatever other scopes they hold', () =>
      refusals(
        (names) =>
          server.token(
            `${server.clientId}@clients`,
            all.filter((scope) => !names.includes(scope)),
          ),
        ({ status, body }, name, names) => {
          assert.equal(status, 403, name)
          assert.deepEqual(
            body,
            {
              statusCode: 403,
              error: 'Forbidden',
              message: `Insufficient scope, expected any of: ${names.join(',')}`,
              errorCode: 'insufficient_scope',
            },
            name,
          )
        },
      ))

    it('refuses a blocked user, a deleted user and a deleted application immediately', async () => {
      const people = []
      for (const email of ['blocked@x.test', 'deleted@x.test']) {
        const { userId } = await transaction(server.ctx, (tx) => createUser(tx, { connection: 'c', email }))
        await transaction(server.ctx, (tx) => assignRoles(tx, userId, [server.ownerRole.id]))
        const token = await server.token(userId, all)
        assert.equal((await server.call('GET', '/roles', undefined, token)).status, 200)
        people.push({ userId, token })
      }
      const [blocked, deleted] = people
      assert.ok(blocked && deleted)
      await transaction(server.ctx, (tx) => updateUser(tx, blocked.userId, { blocked: true }))
      await transaction(server.ctx, (tx) => deleteUser(tx, deleted.userId))
      const gone = await server.token('gone@clients', all, { azp: 'gone' })
      for (const token of [blocked.token, deleted.token, gone])
        await refusals(
          async () => token,
          ({ status, body }, name) => {
            assert.equal(status, 401, name)
            assert.equal(body['message'], 'Invalid token', name)
          },
        )
    })

    it('gives a user no scope that was taken from them after the token was issued', async () => {
      const { userId } = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'c', email: 'demoted@x.test' }),
      )
      const token = await server.token(userId, all)
      await refusals(
        async () => token,
        ({ status }, name) => assert.equal(status, 403, name),
      )
    })

    it('knows no foreign object', async () => {
      for (const { name, method, path } of routes) {
        const body = matrix[name]
        if (body === none || !(name in matrix)) continue
        for (const id of [
          'auth0%7C0123456789abcdef01234567',
          'x',
          'é'.repeat(20).replaceAll('é', '%C3%A9'),
        ]) {
          const query = name.endsWith('effective-permissions') ? '?resource_server_identifier=x' : ''
          const answer = await server.call(method, path.replaceAll(/:\w+/g, id) + query, body)
          assert.equal(answer.status, 404, `${name} ${id}: ${JSON.stringify(answer.body)}`)
          assert.equal(answer.body['statusCode'], 404, name)
        }
      }
    })

    it('does not start without saying its scope', async () => {
      const app = fastify()
      const cache = await openCache(server.ctx.store, Date.now, (error) => assert.fail(String(error)))
      app.addHook('onClose', () => cache.stop())
      app.addHook('onRoute', (route) => {
        if (route.url === '/api/v2/roles') route.config = {}
      })
      await assert.rejects(
        management(app, server.ctx, server.keys, cache),
        /roles does not say which scope it asks for/,
      )
      await app.close()
    })

    it('is unknown below /api/v2 with 404, never 5xx', async () => {
      for (const path of ['/nope', '/roles/x/y/z', '/../../etc/passwd', '/roles;x', '/%00', '/organizations'])
        for (const method of ['GET', 'POST', 'DELETE'] as const) {
          const { status } = await server.call(method, path, method === 'POST' ? {} : undefined)
          assert.ok(status === 404 || status === 400, `${method} ${path}: ${status}`)
        }
    })
  })
