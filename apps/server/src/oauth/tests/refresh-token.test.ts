import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { updateApi } from '../../apis/update-api.ts'
import { createApplication } from '../../applications/store.ts'
import { assignRoles, unassignRoles } from '../../roles/assignments.ts'
import { stores } from '../../store/testing.ts'
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
      assert.deepEqual(permissions(), ['read:admin-messages'])
      await unassignRoles(server.ctx, server.admin.userId, [server.role.id])
      tokens = (await refresh(server, server.clientId, tokens.refresh_token)).body
      assert.deepEqual(permissions(), [])
      await assignRoles(server.ctx, server.admin.userId, [server.role.id])
      tokens = (await refresh(server, server.clientId, tokens.refresh_token)).body
      assert.deepEqual(permissions(), ['read:admin-messages'])
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

    test('are bound to their application', async () => {
      const first = await firstTokens()
      const { application } = await createApplication(server.ctx, {
        name: 'Another client',
        app_type: 'spa',
        callbacks: [callback],
      })
      const stolen = await refresh(server, application.clientId, first.refresh_token)
      assert.equal(stolen.status, 403)
      assert.equal((await refresh(server, server.clientId, first.refresh_token)).status, 200)
    })

    test('within the leeway a second tab may use the same one', async () => {
      const { application } = await createApplication(server.ctx, {
        name: 'Client with leeway',
        app_type: 'spa',
        callbacks: [callback],
        refresh_token: { rotation_type: 'rotating', expiration_type: 'expiring', leeway: 30 },
      })
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
      await updateApi(server.ctx, server.api.id, { allowOfflineAccess: false })
      const forbidden = await logIn(server, server.clientId, 'admin@example.com')
      assert.equal((await redeem(server, server.clientId, forbidden)).body.refresh_token, undefined)
    })
  })
}
