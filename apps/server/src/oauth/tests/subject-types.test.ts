import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { createApi } from '../../apis/apis.ts'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { assignPermissions, assignRoles } from '../../roles/assignments.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { ensureSystemObjects } from '../../system-objects.ts'
import { Browser } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  authorizationRequest,
  destination,
  logIn,
  password,
  redeem,
  requestToken,
} from '../../testing/tutorial.ts'

const permissions = ['read:a', 'read:b', 'read:c'].map((value) => ({ value, description: value }))
type Policies = Partial<Record<'user' | 'client', { policy: string }>>

for (const store of stores)
  describe(`Who may get tokens of an API on ${store.name}`, () => {
    const server = tutorialServer(store)
    let count = 0

    async function newApi(policies: Policies) {
      const identifier = `https://subjects-${count++}.example.com`
      return transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, {
          identifier,
          permissions,
          enforcePolicies: true,
          tokenDialect: 'access_token_authz',
          extra: { subject_type_authorization: policies },
        }),
      )
    }

    /** Where a log-in for this audience ends without ever asking for a password. */
    async function refusal(audience: string): Promise<URL> {
      const { url } = authorizationRequest(server, server.clientId, { audience })
      return destination(await new Browser(server.issuer).open(url))
    }

    test('where people need a granted application, no other gets a token for them', async () => {
      const api = await newApi({ user: { policy: 'require_client_grant' } })
      const refused = await refusal(api.identifier)
      assert.equal(refused.searchParams.get('error'), 'access_denied')
      assert.match(refused.searchParams.get('error_description') ?? '', /Client is not authorized to access/)
    })

    test('and a granted one gets what the person holds and the grant names', async () => {
      const api = await newApi({ user: { policy: 'require_client_grant' } })
      const grant = { clientId: server.clientId, apiId: api.id, subjectType: 'user' as const }
      await transaction(server.ctx, (tx) => createClientGrant(tx, { ...grant, scope: ['read:b', 'read:c'] }))
      const held = ['read:a', 'read:b'].map((permission) => ({ api: api.identifier, permission }))
      await transaction(server.ctx, (tx) => assignPermissions(tx, server.admin.userId, held))
      const login = await logIn(server, server.clientId, 'admin@example.com', {
        audience: api.identifier,
        scope: 'openid read:a read:b read:c',
      })
      const claims = decodeJwt((await redeem(server, server.clientId, login)).body.access_token)
      assert.deepEqual([claims['scope'], claims['permissions']], ['openid read:b', ['read:b']])
    })

    test('where a kind of subject is denied, no grant helps', async () => {
      const api = await newApi({ user: { policy: 'deny_all' }, client: { policy: 'deny_all' } })
      assert.equal((await refusal(api.identifier)).searchParams.get('error'), 'access_denied')
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Machine',
          app_type: 'non_interactive',
        }),
      )
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, {
          clientId: application.clientId,
          apiId: api.id,
          scope: ['read:a'],
        }),
      )
      const { status, body } = await requestToken(server, {
        grant_type: 'client_credentials',
        client_id: application.clientId,
        client_secret: clientSecret,
        audience: api.identifier,
      })
      assert.deepEqual([status, body.error], [403, 'access_denied'])
    })

    test('the Management API is for people through the dashboard: an owner who signs in to another application gives it nothing', async () => {
      const { dashboard, managementApi, ownerRole } = await ensureSystemObjects(server.ctx)
      await transaction(server.ctx, (tx) => assignRoles(tx, server.admin.userId, [ownerRole.id]))
      assert.equal((await refusal(managementApi.identifier)).searchParams.get('error'), 'access_denied')
      const { url } = authorizationRequest(server, dashboard.clientId, {
        audience: managementApi.identifier,
        redirect_uri: dashboard.data.callbacks?.[0],
        scope: 'openid read:users',
      })
      const browser = new Browser(server.issuer)
      const page = await browser.submit(await browser.open(url), { email: 'admin@example.com', password })
      assert.ok(new URL(page.url).searchParams.has('code'))
    })
  })
