import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { decodeJwt } from 'jose'
import { updateApi } from '../../apis/apis.ts'
import { createApplication } from '../../applications/applications.ts'
import type { Application } from '../../applications/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { audience, callback, password, refresh, requestToken } from '../../testing/tutorial.ts'
import { updateUser } from '../../users/users.ts'

const grantType = 'urn:ietf:params:oauth:grant-type:device_code'

interface DeviceCode {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
  expires_in: number
  interval: number
}

for (const store of stores)
  describe(`The device flow (RFC 8628) (${store.name})`, () => {
    let now = Date.now()
    // Each look at it moves it on a minute, so that no limit of requests answers instead.
    let step = 60_000
    const server = tutorialServer(store, { clock: () => (now += step) })
    let television: Application

    const device = (name: string, more: object = {}) =>
      transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name,
          app_type: 'native',
          grant_types: [grantType, 'refresh_token'],
          ...more,
        }),
      )
    before(async () => {
      television = (await device('Television')).application
    })

    const ask = async (fields: Record<string, string>) => {
      const response = await fetch(new URL('/oauth/device/code', server.issuer), {
        method: 'POST',
        body: new URLSearchParams(fields),
      })
      return { status: response.status, headers: response.headers, body: (await response.json()) as never }
    }
    const start = async (more: Record<string, string> = {}): Promise<DeviceCode> => {
      const fields = {
        client_id: television.clientId,
        audience,
        scope: 'openid offline_access read:admin-messages',
      }
      const { status, body } = await ask({ ...fields, ...more })
      assert.equal(status, 200, JSON.stringify(body))
      return body
    }
    const poll = (code: DeviceCode, clientId = television.clientId) =>
      requestToken(server, { grant_type: grantType, client_id: clientId, device_code: code.device_code })
    const errorOf = ({ status, body }: { status: number; body: { error: string } }) => [status, body.error]

    const enter = async (browser: Browser, code: string): Promise<Page> =>
      browser.submit(await browser.open('/activate'), { user_code: code })
    /** Presses a button of the confirmation page, which has two. */
    const press = (browser: Browser, page: Page, button: 'confirm' | 'abort') => {
      const { confirm: _, abort: __, ...fields } = formsOf(page)[0]?.fields ?? {}
      return browser.open('/activate', {
        method: 'POST',
        body: new URLSearchParams({ ...fields, [button]: 'yes' }),
        headers: { origin: new URL(server.issuer).origin, 'sec-fetch-site': 'same-origin' },
      })
    }
    const approve = async (
      code: DeviceCode,
      email = 'admin@example.com',
      browser = new Browser(server.issuer),
    ) => {
      const login = await press(browser, await enter(browser, code.user_code), 'confirm')
      return browser.submit(login, { email, password })
    }

    test('§3.2, §4: discovery names the endpoint, which answers with codes of enough entropy', async () => {
      const response = await fetch(new URL('/.well-known/openid-configuration', server.issuer))
      const document = (await response.json()) as Record<string, string | string[]>
      assert.equal(document['device_authorization_endpoint'], `${server.issuer}oauth/device/code`)
      assert.ok(document['grant_types_supported']?.includes(grantType))
      const { device_code: deviceCode, user_code: userCode, ...others } = await start()
      assert.match(deviceCode, /^[\w-]{22,}$/)
      assert.match(userCode, /^[BCDFGHJKLMNPQRSTVWXZ]{4}-[BCDFGHJKLMNPQRSTVWXZ]{4}$/)
      assert.deepEqual(others, {
        verification_uri: `${server.issuer}activate`,
        verification_uri_complete: `${server.issuer}activate?user_code=${userCode}`,
        expires_in: 900,
        interval: 5,
      })
    })

    test('a person enters the code, sees the application, logs in, and the device has tokens with permissions', async () => {
      const code = await start()
      assert.deepEqual(errorOf(await poll(code)), [403, 'authorization_pending'])
      const browser = new Browser(server.issuer)
      const confirm = await enter(browser, code.user_code)
      assert.match(confirm.text, /Television/)
      assert.ok(confirm.text.includes(code.user_code))
      const done = await browser.submit(await press(browser, confirm, 'confirm'), {
        email: 'admin@example.com',
        password,
      })
      assert.equal(done.status, 200)
      assert.match(done.text, /Device connected/)
      const { status, body } = await poll(code)
      assert.equal(status, 200, JSON.stringify(body))
      const claims = decodeJwt(body.access_token)
      assert.deepEqual(claims['permissions'], ['read:admin-messages'])
      assert.equal(claims['azp'], television.clientId)
      assert.equal(decodeJwt(body.id_token).sub, server.admin.userId)
      const renewed = await refresh(server, television.clientId, body.refresh_token)
      assert.equal(renewed.status, 200)
      assert.deepEqual(errorOf(await poll(code)), [403, 'invalid_grant'])
    })

    test('§6.1: a code is read in any case, with and without dashes, and with digits that look like its letters', async () => {
      for (const spell of [
        (code: string) => code.toLowerCase(),
        (code: string) => code.replace('-', ''),
        (code: string) => ` ${code.replace('-', ' ')} `,
        (code: string) =>
          code.replaceAll('S', '5').replaceAll('Z', '2').replaceAll('B', '8').replaceAll('L', '1'),
      ]) {
        const code = await start()
        const page = await enter(new Browser(server.issuer), spell(code.user_code))
        assert.match(page.text, /Connect this device\?/, spell(code.user_code))
      }
    })

    test('§3.3.1: the complete address fills in the form, and connects nothing', async () => {
      const code = await start()
      const page = await new Browser(server.issuer).open(code.verification_uri_complete)
      assert.equal(formsOf(page)[0]?.fields['user_code'], code.user_code)
      assert.deepEqual(errorOf(await poll(code)), [403, 'authorization_pending'])
      const hostile = await new Browser(server.issuer).open('/activate?user_code="><script>alert(1)</script>')
      assert.ok(!hostile.text.includes('<script'))
    })

    test('a wrong, used or declined code says so, and the device learns that it was declined', async () => {
      const browser = new Browser(server.issuer)
      for (const wrong of ['BBBB-BBBB', '', 'x', "' or 1=1", 'é'.repeat(100)]) {
        const page = await enter(browser, wrong)
        assert.equal(page.status, 400, wrong)
        assert.match(page.text, /role="alert"/)
      }
      const code = await start()
      const declined = await press(browser, await enter(browser, code.user_code), 'abort')
      assert.match(declined.text, /not connected/)
      assert.deepEqual(errorOf(await poll(code)), [403, 'access_denied'])
      assert.equal((await enter(browser, code.user_code)).status, 400)
      const used = await start()
      await approve(used)
      assert.equal((await enter(browser, used.user_code)).status, 400)
    })

    test('§5.4: a forged form connects nothing', async () => {
      const code = await start()
      const victim = new Browser(server.issuer)
      await victim.open('/activate')
      const attacker = new Browser(server.issuer)
      const own = formsOf(await attacker.open('/activate'))[0]?.fields ?? {}
      for (const xsrf of ['', own['xsrf'] ?? '']) {
        const page = await victim.open('/activate', {
          method: 'POST',
          body: new URLSearchParams({ xsrf, user_code: code.user_code, confirm: 'yes' }),
        })
        assert.equal(page.status, 400)
      }
      assert.deepEqual(errorOf(await poll(code)), [403, 'authorization_pending'])
    })

    test('§5.1: guesses from one network are slowed down', async () => {
      step = 1
      const browser = new Browser(server.issuer)
      const fields = formsOf(await browser.open('/activate'))[0]?.fields ?? {}
      const guess = () =>
        browser.open('/activate', {
          method: 'POST',
          body: new URLSearchParams({ ...fields, user_code: 'BBBB-BBBB' }),
        })
      let refused: Page | undefined
      for (let guesses = 0; guesses < 60 && refused === undefined; guesses += 1) {
        const page = await guess()
        if (page.status === 429) refused = page
      }
      step = 60_000
      assert.ok(refused)
      assert.ok(Number(refused.headers.get('retry-after')) > 0)
      assert.match(refused.text, /Too many attempts/)
      // An hour and a day later the count has ended.
      now += 86_400_000
    })

    test('§3.5: a device that polls too quickly is told to slow down, each time by five seconds more', async () => {
      const code = await start()
      step = 0
      const after = async (seconds: number) => {
        now += seconds * 1_000
        return errorOf(await poll(code))
      }
      assert.deepEqual(await after(0), [403, 'authorization_pending'])
      assert.deepEqual(await after(5), [403, 'authorization_pending'])
      assert.deepEqual(await after(1), [429, 'slow_down'])
      assert.deepEqual(await after(5), [429, 'slow_down'])
      assert.deepEqual(await after(15), [403, 'authorization_pending'])
      step = 60_000
    })

    test('§3.5: an expired code is expired_token', async (t) => {
      const code = await start()
      t.mock.timers.enable({ apis: ['Date'], now: Date.now() + 901_000 })
      assert.deepEqual(errorOf(await poll(code)), [403, 'expired_token'])
      const page = await enter(new Browser(server.issuer), code.user_code)
      assert.equal(page.status, 400)
    })

    test('§3.4: a device code is for its own application, and of parallel polls one gets tokens', async () => {
      const other = (await device('Radio')).application
      const code = await start()
      await approve(code)
      assert.deepEqual(errorOf(await poll(code, other.clientId)), [403, 'invalid_grant'])
      const answers = await Promise.all(Array.from({ length: 12 }, () => poll(code)))
      assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    })

    test('an application needs the grant type, and authenticates where it has a secret', async () => {
      const refused = await ask({ client_id: server.clientId })
      assert.deepEqual([refused.status, refused.body['error']], [403, 'unauthorized_client'])
      assert.equal((await ask({ client_id: 'unknown' })).status, 401)
      const { application, clientSecret = '' } = await device('Appliance', {
        app_type: 'regular_web',
        callbacks: [callback],
      })
      assert.equal((await ask({ client_id: application.clientId })).status, 401)
      assert.equal((await ask({ client_id: application.clientId, client_secret: clientSecret })).status, 200)
      for (const [name, value] of Object.entries({
        audience: 'https://unknown.example',
        organization: 'org_1',
        connection: 'unknown',
      }))
        assert.equal((await ask({ client_id: television.clientId, [name]: value })).status, 400, name)
    })

    test('what ends a log-in ends a connected device: a block before its next poll, and the removal of offline access', async () => {
      const code = await start()
      await approve(code, 'member@example.com')
      await transaction(server.ctx, (tx) => updateUser(tx, server.member.userId, { blocked: true }))
      const blocked = await poll(code)
      assert.ok(blocked.status >= 400 && blocked.status < 500)
      await transaction(server.ctx, (tx) => updateUser(tx, server.member.userId, { blocked: false }))
      assert.ok((await poll(code)).status >= 400)
      await transaction(server.ctx, (tx) =>
        updateApi(tx, server.ctx.sealer, server.api.id, { allowOfflineAccess: false }),
      )
      const without = await start()
      await approve(without)
      assert.equal((await poll(without)).body.refresh_token, undefined)
      await transaction(server.ctx, (tx) =>
        updateApi(tx, server.ctx.sealer, server.api.id, { allowOfflineAccess: true }),
      )
    })

    test('§5.4: another browser than the one that entered the code connects nothing', async () => {
      const code = await start()
      const confirm = await enter(new Browser(server.issuer), code.user_code)
      assert.equal((await press(new Browser(server.issuer), confirm, 'confirm')).status, 400)
      assert.deepEqual(errorOf(await poll(code)), [403, 'authorization_pending'])
    })

    test('an application that is not first-party asks for consent', async () => {
      const { application } = await device('Third party', { is_first_party: false })
      for (const decision of ['decline', 'accept'] as const) {
        const code = await start({ client_id: application.clientId })
        const browser = new Browser(server.issuer)
        const consent = await approve(code, 'admin@example.com', browser)
        assert.match(consent.text, /Allow access\?/)
        await browser.submit(consent, { decision })
        const expected = decision === 'accept' ? [200, undefined] : [403, 'access_denied']
        assert.deepEqual(errorOf(await poll(code, application.clientId)), expected)
      }
    })
  })
