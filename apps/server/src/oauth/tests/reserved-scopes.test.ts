import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { createApi, type NewApi } from '../../apis/apis.ts'
import { replacePermissions } from '../../apis/store.ts'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { assignPermissions } from '../../roles/assignments.ts'
import { recordChange } from '../../store/changes.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  authorizationRequest,
  callback,
  destination,
  logIn,
  password,
  redeem,
  refresh,
  requestToken,
} from '../../testing/tutorial.ts'

/** Names of OpenID Connect's scopes that an API of an earlier release may have as permissions. */
const names = ['openid', 'profile', 'email', 'offline_access', 'address', 'phone']

for (const store of stores) {
  describe(`A permission named like a scope of OpenID Connect, stored by an earlier release (${store.name})`, () => {
    const server = tutorialServer(store)
    let count = 0

    async function storedApi(settings: Partial<NewApi> = {}) {
      const identifier = `https://reserved-${count++}.example.com`
      const api = await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, {
          identifier,
          enforcePolicies: true,
          tokenDialect: 'access_token_authz',
          ...settings,
        }),
      )
      await transaction(server.ctx, async (tx) => {
        await replacePermissions(
          tx.db,
          api.id,
          names.map((value) => ({ value, description: value })),
        )
        await recordChange(tx, 'api', api.id)
      })
      return { ...api, identifier }
    }

    async function tokenFor(email: string, audience: string, scope: string, params = {}) {
      const login = await logIn(server, server.clientId, email, { audience, scope, ...params })
      const { status, body } = await redeem(server, server.clientId, login)
      assert.equal(status, 200)
      return { body, claims: decodeJwt(body.access_token) }
    }

    for (const name of names.filter((one) => one !== 'openid'))
      test(`${name}: counts in the API's token for the user who holds it alone`, async () => {
        const { identifier } = await storedApi({ allowOfflineAccess: true })
        const without = await tokenFor('member@example.com', identifier, `openid ${name}`)
        assert.equal(without.claims['scope'], undefined)
        assert.equal(without.body.scope || undefined, undefined)
        assert.deepEqual(without.claims['permissions'], [])

        await transaction(server.ctx, (tx) =>
          assignPermissions(tx, server.admin.userId, [{ api: identifier, permission: name }]),
        )
        const holder = await tokenFor('admin@example.com', identifier, `openid ${name}`)
        assert.equal(holder.claims['scope'], name)
        assert.deepEqual(holder.claims['permissions'], [name])
      })

    test('openid: without the permission the token does not claim it, nor the userinfo endpoint as its audience', async () => {
      const { identifier } = await storedApi()
      const { claims } = await tokenFor('member@example.com', identifier, 'openid')
      assert.equal(claims['scope'], undefined)
      assert.equal(claims.aud, identifier)
      await transaction(server.ctx, (tx) =>
        assignPermissions(tx, server.admin.userId, [{ api: identifier, permission: 'openid' }]),
      )
      const holder = await tokenFor('admin@example.com', identifier, 'openid')
      assert.equal(holder.claims['scope'], 'openid')
    })

    test('the application still learns from the ID token what the scope of OpenID Connect tells', async () => {
      const { identifier } = await storedApi()
      const { body } = await tokenFor('member@example.com', identifier, 'openid profile email')
      const claims = decodeJwt(body.id_token)
      assert.equal(claims['email'], 'member@example.com')
      assert.equal(claims['nickname'], 'member')
    })

    test('a refresh takes what was taken away', async () => {
      const { identifier } = await storedApi({ allowOfflineAccess: true })
      const { body } = await tokenFor('member@example.com', identifier, 'openid email offline_access')
      const again = await refresh(server, server.clientId, body.refresh_token)
      assert.equal(again.status, 200)
      assert.equal(decodeJwt(again.body.access_token)['scope'], undefined)
      assert.equal(decodeJwt(again.body.id_token)['email'], 'member@example.com')
    })

    test('offline_access: gives no refresh token where the API does not allow offline access', async () => {
      const { identifier } = await storedApi({ allowOfflineAccess: false })
      await transaction(server.ctx, (tx) =>
        assignPermissions(tx, server.admin.userId, [{ api: identifier, permission: 'offline_access' }]),
      )
      for (const email of ['member@example.com', 'admin@example.com']) {
        const { body } = await tokenFor(email, identifier, 'openid offline_access')
        assert.equal(body.refresh_token, undefined, email)
      }
    })

    test('without RBAC every requested permission of the API is given, as any other', async () => {
      const { identifier } = await storedApi({ enforcePolicies: false })
      const { claims } = await tokenFor('member@example.com', identifier, 'openid email')
      assert.equal(claims['scope'], 'openid email')
      assert.equal('permissions' in claims, false)
    })

    test('an application has it by its client grant alone, and its token is not good at the userinfo endpoint', async () => {
      const { identifier, id } = await storedApi()
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Machine',
          app_type: 'non_interactive',
        }),
      )
      const { clientId } = application
      await transaction(server.ctx, (tx) => createClientGrant(tx, { clientId, apiId: id, scope: ['openid'] }))
      const ask = (scope: string) =>
        requestToken(server, {
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret,
          audience: identifier,
          scope,
        })
      const { body } = await ask('openid')
      const claims = decodeJwt(body.access_token)
      assert.equal(claims['scope'], 'openid')
      assert.equal(claims.aud, identifier)
      assert.equal((await ask('email')).status, 403)
    })
  })

  describe(`offline_access on ${store.name}`, () => {
    const server = tutorialServer(store)

    test('with prompt=consent gives no refresh token where the API does not allow offline access', async () => {
      const audience = 'https://online.example.com'
      await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, { identifier: audience, allowOfflineAccess: false }),
      )
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Third-party client',
          app_type: 'spa',
          callbacks: [callback],
          is_first_party: false,
        }),
      )
      const request = authorizationRequest(server, application.clientId, {
        audience,
        scope: 'openid offline_access',
        prompt: 'consent',
      })
      const browser = new Browser(server.issuer)
      const consent = await browser.submit(await browser.open(request.url), {
        email: 'member@example.com',
        password,
      })
      const done = await browser.submit(consent, { decision: 'accept' })
      const code = destination(done).searchParams.get('code') ?? ''
      const { status, body } = await redeem(server, application.clientId, { code, request })
      assert.equal(status, 200)
      assert.equal(body.refresh_token, undefined)
    })
  })
}
