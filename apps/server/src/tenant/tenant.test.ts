import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { tenantSettings } from './settings.ts'

for (const kind of stores)
  describe(`the tenant on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
    })

    it('starts with a session of a week that ends after three days of rest', async () => {
      const { status, body } = await call('GET', '/tenants/settings')
      assert.equal(status, 200)
      assert.deepEqual([body['session_lifetime'], body['idle_session_lifetime']], [168, 72])
      assert.deepEqual([body['enabled_locales'], body['default_audience']], [['en'], ''])
      assert.deepEqual((await call('GET', '/tenants/settings?fields=friendly_name')).body, {
        friendly_name: 'Rolecall',
      })
    })

    it('takes lifetimes in hours and in minutes, merges flags, and goes back to a default with null', async () => {
      const patched = await call('PATCH', '/tenants/settings', {
        friendly_name: 'Example',
        session_lifetime_in_minutes: 90,
        idle_session_lifetime: 2,
        flags: { revoke_refresh_token_grant: true },
        a_setting_of_tomorrow: 'kept',
      })
      assert.equal(patched.status, 200)
      assert.deepEqual([patched.body['session_lifetime'], patched.body['idle_session_lifetime']], [1.5, 2])
      assert.equal('session_lifetime_in_minutes' in patched.body, false)
      assert.equal(patched.body['a_setting_of_tomorrow'], 'kept')
      await call('PATCH', '/tenants/settings', { flags: { another: true }, friendly_name: null })
      const settings = await tenantSettings(server.ctx.store.db)
      assert.equal(settings.friendly_name, 'Rolecall')
      assert.deepEqual(
        [
          settings.flags.revoke_refresh_token_grant,
          settings.flags['another' as keyof typeof settings.flags],
          settings.flags.enable_sso,
        ],
        [true, true, true],
      )
    })

    it('refuses wrong types, hostile addresses and lifetimes out of bounds, and then changes nothing', async () => {
      const untouched = await tenantSettings(server.ctx.store.db)
      const refused = [
        { flags: [] },
        { flags: { enable_sso: 'yes' } },
        { session_lifetime: 0 },
        { session_lifetime_in_minutes: -1 },
        { session_lifetime: 1e9 },
        { allowed_logout_urls: ['javascript:alert(1)'] },
        { picture_url: 'data:text/html,x' },
        { support_url: 'javascript:x' },
        { friendly_name: '<script>' },
        { friendly_name: 'a\r\nb' },
        { enabled_locales: 'en' },
      ]
      for (const body of refused) {
        const answer = await call('PATCH', '/tenants/settings', { support_email: 'x@example.com', ...body })
        assert.deepEqual(
          [answer.status, answer.body['errorCode']],
          [400, 'invalid_body'],
          JSON.stringify(body),
        )
      }
      assert.deepEqual(await tenantSettings(server.ctx.store.db), untouched)
    })

    it('keeps its own objects through another start, and moves them along with its issuer', async () => {
      const { ctx, managementApi, dashboard, ownerRole } = server
      const again = await ensureSystemObjects(ctx)
      assert.deepEqual(again.managementApi, managementApi)
      assert.deepEqual(again.dashboard, dashboard)
      const moved = await ensureSystemObjects({
        ...ctx,
        config: { ...ctx.config, issuer: 'https://id.example.com/' },
      })
      assert.deepEqual(
        [moved.managementApi.id, moved.managementApi.identifier],
        [managementApi.id, 'https://id.example.com/api/v2/'],
      )
      assert.equal(moved.ownerRole.id, ownerRole.id)
      assert.equal(moved.dashboard.clientId, dashboard.clientId)
      assert.deepEqual(moved.dashboard.data.callbacks, ['https://id.example.com/dashboard/callback'])
      assert.deepEqual(moved.dashboard.data.web_origins, ['https://id.example.com'])
      await ensureSystemObjects(ctx)
    })

    it('answers empty for what it never used, so that a whole export comes to its end', async () => {
      for (const [path, body] of [
        ['/rules?include_totals=true', { start: 0, limit: 50, total: 0, rules: [] }],
        ['/actions/actions', { actions: [], total: 0, page: 0, per_page: 100 }],
        ['/actions/triggers', { triggers: [] }],
        ['/prompts/login/custom-text/en', {}],
      ] as const)
        assert.deepEqual((await call('GET', path)).body, body, path)
      const closed = await call('GET', '/attack-protection/captcha')
      assert.deepEqual([closed.status, closed.body['errorCode']], [403, 'insufficient_entitlement'])
    })
  })
