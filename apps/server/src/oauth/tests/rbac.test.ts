import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeJwt, decodeProtectedHeader, jwtVerify } from 'jose'
import { createApi, type NewApi, openSigningSecret } from '../../apis/apis.ts'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { assignPermissions } from '../../roles/assignments.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { logIn, redeem, requestToken } from '../../testing/tutorial.ts'

const permissions = ['read:a', 'read:b', 'read:c'].map((value) => ({ value, description: value }))

for (const store of stores) {
  describe(`The token rule of RBAC on ${store.name}`, () => {
    const server = tutorialServer(store)
    let count = 0

    /** An API of these settings on which the admin holds read:a and read:b directly; the token of their log-in. */
    async function tokenFor(settings: Partial<NewApi>, scope: string) {
      const identifier = `https://api-${count++}.example.com`
      const api = await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, { name: identifier, identifier, permissions, ...settings }),
      )
      await transaction(server.ctx, (tx) =>
        assignPermissions(tx, server.admin.userId, [
          { api: identifier, permission: 'read:a' },
          { api: identifier, permission: 'read:b' },
        ]),
      )
      const login = await logIn(server, server.clientId, 'admin@example.com', { audience: identifier, scope })
      const { body } = await redeem(server, server.clientId, login)
      return {
        api,
        body,
        claims: decodeJwt(body.access_token),
        header: decodeProtectedHeader(body.access_token),
      }
    }

    test('off: every requested scope that the API defines, and no permissions claim', async () => {
      const { claims } = await tokenFor({ enforcePolicies: false }, 'openid read:a read:c read:unknown')
      assert.equal(claims['scope'], 'openid read:a read:c')
      assert.equal('permissions' in claims, false)
    })

    test('on: what was requested and is held, and no permissions claim', async () => {
      const { claims, body } = await tokenFor({ enforcePolicies: true }, 'openid read:a read:c')
      assert.equal(claims['scope'], 'openid read:a')
      assert.equal(body.scope, 'openid read:a')
      assert.equal('permissions' in claims, false)
    })

    test('on with permissions in the token: all that is held, requested or not', async () => {
      const { claims } = await tokenFor(
        { enforcePolicies: true, tokenDialect: 'access_token_authz' },
        'openid read:c',
      )
      assert.equal(claims['scope'], 'openid')
      assert.deepEqual(claims['permissions'], ['read:a', 'read:b'])
    })

    test('in the RFC 9068 profile: at+jwt, client_id and jti, no azp and no gty', async () => {
      const { claims, header } = await tokenFor(
        { enforcePolicies: true, tokenDialect: 'rfc9068_profile_authz' },
        'openid read:a',
      )
      assert.equal(header.typ, 'at+jwt')
      assert.equal(claims['client_id'], server.clientId)
      assert.equal(typeof claims.jti, 'string')
      assert.equal('azp' in claims, false)
      assert.equal('gty' in claims, false)
      assert.deepEqual(claims['permissions'], ['read:a', 'read:b'])
    })

    test('with HS256 the API verifies by its own secret, and userinfo is not an audience', async () => {
      const { api, body } = await tokenFor({ signingAlg: 'HS256' }, 'openid read:a')
      const secret = openSigningSecret(server.ctx.sealer, api)
      const { payload } = await jwtVerify(body.access_token, Buffer.from(secret ?? ''), {
        algorithms: ['HS256'],
      })
      assert.equal(payload.aud, api.identifier)
    })

    test("the token lives as long as its API's settings say", async () => {
      const { claims, body } = await tokenFor({ tokenLifetime: 600 }, 'openid')
      assert.equal((claims.exp ?? 0) - (claims.iat ?? 0), 600)
      assert.equal(body['expires_in'], 600)
    })

    test('a token that outgrows 8 kB is issued, and the log says how large it is and of what', async () => {
      const identifier = `https://large-${store.name.length}.example.com`
      const many = Array.from({ length: 400 }, (_, i) => ({
        value: `read:something-rather-long-${i}`,
        description: '',
      }))
      await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, {
          name: identifier,
          identifier,
          permissions: many,
          enforcePolicies: true,
          tokenDialect: 'access_token_authz',
        }),
      )
      await transaction(server.ctx, (tx) =>
        assignPermissions(
          tx,
          server.admin.userId,
          many.map(({ value }) => ({ api: identifier, permission: value })),
        ),
      )
      const login = await logIn(server, server.clientId, 'admin@example.com', { audience: identifier })
      const { body } = await redeem(server, server.clientId, login)
      assert.ok(body.access_token.length > 8_192)
      await server.app.logs.flush()
      const { db } = server.ctx.store
      const [warning] = await db.selectFrom('logs').selectAll().where('type', '=', 'w').execute()
      assert.match(
        warning?.description ?? '',
        new RegExp(`${body.access_token.length} bytes, most of them for permissions`),
      )
      assert.equal(warning?.user_id, server.admin.userId)
    })

    test('an application gets what its grant names, and its name is never a user id', async () => {
      const identifier = `https://machine-${store.name.length}.example.com`
      const api = await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, {
          name: identifier,
          identifier,
          permissions,
          enforcePolicies: true,
          tokenDialect: 'access_token_authz',
        }),
      )
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Machine',
          app_type: 'non_interactive',
        }),
      )
      const ask = (extra: Record<string, string> = {}) =>
        requestToken(server, {
          grant_type: 'client_credentials',
          client_id: application.clientId,
          client_secret: clientSecret,
          audience: identifier,
          ...extra,
        })
      const without = await ask()
      assert.equal(without.status, 403)
      assert.equal(
        without.body.error_description,
        `Client is not authorized to access "${identifier}". You need to create a "client-grant" associated to this API.`,
      )

      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, {
          clientId: application.clientId,
          apiId: api.id,
          scope: ['read:a', 'read:b'],
        }),
      )
      const { body } = await ask()
      const claims = decodeJwt(body.access_token)
      assert.equal(claims.sub, `${application.clientId}@clients`)
      assert.equal(claims.aud, identifier)
      assert.equal(claims['gty'], 'client-credentials')
      assert.equal(claims['azp'], application.clientId)
      assert.equal(claims['scope'], 'read:a read:b')
      assert.deepEqual(claims['permissions'], ['read:a', 'read:b'])

      assert.equal((await ask({ scope: 'read:b' })).body.scope, 'read:b')
      const beyond = await ask({ scope: 'read:b read:c' })
      assert.deepEqual([beyond.status, beyond.body.error], [403, 'invalid_scope'])
      const unknown = await ask({ audience: 'https://nowhere.example.com' })
      assert.deepEqual(
        [unknown.status, unknown.body.error, unknown.body.error_description],
        [403, 'access_denied', 'Service not found: https://nowhere.example.com'],
      )
      assert.deepEqual([(await ask({ client_secret: 'wrong' })).status], [401])
    })
  })
}
