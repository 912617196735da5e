import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { createApi, updateApi } from '../../apis/apis.ts'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant, revokeGrant } from '../../applications/grants.ts'
import { assignRoles, unassignRoles } from '../../roles/assignments.ts'
import { tutorial } from '../../seed/tutorial.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { callback, logIn, redeem, refresh, requestToken } from '../../testing/tutorial.ts'

for (const store of stores) {
  describe(`Refresh tokens on ${store.name}`, () => {
    const server = tutorialServer(store)

    async function firstTokens(clientId = server.clientId) {
      return (await redeem(server, clientId, await logIn(server, clientId, 'admin@example.com'))).body
    }

    test('rotate: each is good once and brings the next, with an ID token', async () => {
      const first = await firstTokens()
      const second = await refresh(server, server.clientId, first.refresh_token)
      assert.equal(second.status, 200)
      assert.notEqual(second.body.refresh_token, first.refresh_token)
      assert.equal(decodeJwt(second.body.id_token).sub, server.admin.userId)
      assert.equal(decodeJwt(second.body.access_token)['gty'], 'refresh_token')
      const third = await refresh(server, server.clientId, second.body.refresh_token)
      assert.equal(third.status, 200)
    })

    test('end as a family when one is used twice (RFC 9700 §4.14), and the log says so', async () => {
      const first = await firstTokens()
      const second = await refresh(server, server.clientId, first.refresh_token)
      const replay = await refresh(server, server.clientId, first.refresh_token)
      assert.equal(replay.status, 403)
      assert.deepEqual(replay.body, {
        error: 'invalid_grant',
        error_description: 'Unknown or invalid refresh token.',
      } as never)
      assert.equal((await refresh(server, server.clientId, second.body.refresh_token)).status, 403)
      await server.app.logs.flush()
      const { db } = server.ctx.store
      const entries = await db.selectFrom('logs').select('user_id').where('type', '=', 'ferrt').execute()
      assert.ok(entries.some((entry) => entry.user_id === server.admin.userId))
    })

    test('show a role taken away, and one given, at the next refresh', async () => {
      let tokens = await firstTokens()
      const permissions = () => decodeJwt(tokens.access_token)['permissions']
      assert.deepEqual(permissions(), [tutorial.permission.value])
      await transaction(server.ctx, (tx) => unassignRoles(tx, server.admin.userId, [server.role.id]))
      tokens = (await refresh(server, server.clientId, tokens.refresh_token)).body
      assert.deepEqual(permissions(), [])
      await transaction(server.ctx, (tx) => assignRoles(tx, server.admin.userId, [server.role.id]))
      tokens = (await refresh(server, server.clientId, tokens.refresh_token)).body
      assert.deepEqual(permissions(), [tutorial.permission.value])
    })

    test('cannot be widened, and can be narrowed for one answer', async () => {
      const first = await firstTokens()
      const wider = await requestToken(server, {
        grant_type: 'refresh_token',
        client_id: server.clientId,
        refresh_token: first.refresh_token,
        scope: 'openid read:admin-messages phone',
      })
      assert.equal(wider.body.error, 'invalid_scope')
      const narrower = await requestToken(server, {
        grant_type: 'refresh_token',
        client_id: server.clientId,
        refresh_token: first.refresh_token,
        scope: 'openid',
      })
      assert.equal(narrower.body.scope, 'openid')
    })

    test('are not consumed by a refused request: the same token works afterwards', async () => {
      const other = await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, { identifier: 'https://other.example.com', permissions: [] }),
      )
      const policy = (user: string) =>
        transaction(server.ctx, (tx) =>
          updateApi(tx, server.ctx.sealer, server.api.id, {
            extra: { subject_type_authorization: { user: { policy: user } } },
          }),
        )
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Granted',
          app_type: 'spa',
          callbacks: [callback],
        }),
      )
      const granted = { clientId: application.clientId, apiId: server.api.id, subjectType: 'user' as const }
      const grant = await transaction(server.ctx, (tx) => createClientGrant(tx, { ...granted, scope: [] }))

      const refused: Record<
        string,
        { params?: Record<string, string>; before?: () => Promise<unknown>; after?: () => Promise<unknown> }
      > = {
        'an unknown audience': { params: { audience: 'https://nope' } },
        'an unknown resource': { params: { resource: 'https://nope' } },
        'another API': { params: { audience: other.identifier } },
        'a larger scope': { params: { scope: 'openid write:everything' } },
        'a scope that is no scope': { params: { scope: 'open\u0000id' } },
        'an API that is not for people': {
          before: () => policy('deny_all'),
          after: () => policy('allow_all'),
        },
        'an API whose grant was removed': {
          before: async () => {
            await policy('require_client_grant')
            await transaction(server.ctx, (tx) => revokeGrant(tx, grant.id))
          },
          after: () => policy('allow_all'),
        },
        'an invalid DPoP proof': {},
      }
      const { clientId } = application
      let token = (await firstTokens(clientId)).refresh_token
      for (const [name, { params = {}, before, after }] of Object.entries(refused)) {
        await before?.()
        const answer = await requestToken(
          server,
          { grant_type: 'refresh_token', client_id: clientId, refresh_token: token, ...params },
          name.includes('DPoP') ? { dpop: 'not a proof' } : {},
        )
        assert.ok(answer.status === 400 || answer.status === 403, `${name}: ${answer.status}`)
        await after?.()
        const again = await refresh(server, clientId, token)
        assert.equal(again.status, 200, `${name}: ${JSON.stringify(again.body)}`)
        token = again.body.refresh_token
      }
    })

    test('of parallel uses, refused and good ones mixed, one wins', async () => {
      const { refresh_token: token } = await firstTokens()
      const uses = Array.from({ length: 12 }, (_, index) =>
        requestToken(server, {
          grant_type: 'refresh_token',
          client_id: server.clientId,
          refresh_token: token,
          ...(index % 2 === 0 && { audience: 'https://nope' }),
        }),
      )
      const good = (await Promise.all(uses)).filter(({ status }) => status === 200)
      assert.equal(good.length, 1)
    })

    test('are bound to their application', async () => {
      const first = await firstTokens()
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Another client',
          app_type: 'spa',
          callbacks: [callback],
        }),
      )
      const stolen = await refresh(server, application.clientId, first.refresh_token)
      assert.equal(stolen.status, 403)
      assert.equal((await refresh(server, server.clientId, first.refresh_token)).status, 200)
    })

    test('within the leeway a second tab may use the same one', async () => {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Client with leeway',
          app_type: 'spa',
          callbacks: [callback],
          refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', leeway: 30 },
        }),
      )
      const first = await firstTokens(application.clientId)
      const tabs = await Promise.all(
        [1, 2, 3].map(() => refresh(server, application.clientId, first.refresh_token)),
      )
      assert.deepEqual(
        tabs.map(({ status }) => status),
        [200, 200, 200],
      )
      assert.equal(new Set(tabs.map(({ body }) => body.refresh_token)).size, 3)
    })

    test('are not given without offline_access, nor where the API does not allow it', async () => {
      const without = await logIn(server, server.clientId, 'admin@example.com', { scope: 'openid' })
      assert.equal((await redeem(server, server.clientId, without)).body.refresh_token, undefined)
      await transaction(server.ctx, (tx) =>
        updateApi(tx, server.ctx.sealer, server.api.id, { allowOfflineAccess: false }),
      )
      const forbidden = await logIn(server, server.clientId, 'admin@example.com')
      assert.equal((await redeem(server, server.clientId, forbidden)).body.refresh_token, undefined)
    })
  })
}
