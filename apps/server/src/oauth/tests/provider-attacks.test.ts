import assert from 'node:assert/strict'
import { after, before, beforeEach, describe, it } from 'node:test'
import { generateKeyPair, type JWTPayload, SignJWT, UnsecuredJWT } from 'jose'
import { stores } from '../../store/testing.ts'
import { Browser, type Page } from '../../testing/browser.ts'
import { password } from '../../testing/tutorial.ts'
import {
  clientSecret,
  connectProvider,
  departure,
  noticeOf,
  ScriptedProvider,
  startWithProvider,
} from '../providers/testing.ts'

const failed = /^You could not be logged in with The Company/
const unavailable = /^The Company does not answer/
const hour = 3_600

const [kind] = stores
if (kind)
  describe('a log-in at a provider that is attacked', { timeout: 120_000 }, () => {
    const cleanups: (() => Promise<void>)[] = []
    const world = {} as Awaited<ReturnType<typeof startWithProvider>> & { other: ScriptedProvider }
    let clean: Partial<ScriptedProvider>
    before(async () => {
      const t = { after: (cleanup: () => Promise<void>) => cleanups.push(cleanup) }
      Object.assign(world, await startWithProvider(t, kind))
      world.other = await ScriptedProvider.start(t)
      await connectProvider(world, world.clientId, {
        name: 'other',
        strategy: 'oidc',
        display_name: '<script>alert(1)</script>',
        options: { client_id: 'rolecall', client_secret: clientSecret, issuer: world.other.issuer },
      })
      const { person, alterClaims, alterIdToken, alterResponse } = world.provider
      clean = { person, alterClaims, alterIdToken, alterResponse }
    })
    after(async () => {
      for (const cleanup of cleanups) await cleanup()
    })
    beforeEach(() => {
      Object.assign(world.provider, clean, { instead: {}, metadata: {}, userinfo: {} })
      // The metadata are read again, and the network's wrong responses are forgotten.
      world.wait(hour * 1_000 * 2)
    })

    /** The log-in page says so, there is no session, no user more, and an entry in the log with the reason. */
    async function assertRefused(
      attempt: () => Promise<{ browser: Browser; page: Page }>,
      notice: RegExp,
      reason: RegExp,
    ) {
      const users = () => world.db.selectFrom('users').select('user_id').execute()
      const [usersBefore, logsBefore] = [await users(), await world.logged('f')]
      const { browser, page } = await attempt()
      assert.match(noticeOf(page), notice)
      assert.ok(page.status < 500, String(page.status))
      assert.equal(page.headers.get('location'), null)
      assert.deepEqual(await users(), usersBefore)
      const logs = (await world.logged('f')).slice(logsBefore.length)
      assert.equal(logs.length, 1, logs.join())
      assert.match(logs[0] ?? '', reason)
      const { page: silent } = await world.begin({ prompt: 'none' }, browser)
      assert.match(silent.headers.get('location') ?? '', /error=login_required/)
    }

    it('refuses a state that is missing, forged, of another log-in, or was used', async () => {
      const { browser, back } = await world.depart()
      const callback = (change: (params: URLSearchParams) => void) => {
        const url = new URL(back)
        change(url.searchParams)
        return browser.open(url.href)
      }
      for (const state of [
        '',
        'x',
        'x'.repeat(5_000),
        randomState(),
        '%00',
        `${back.searchParams.get('state') ?? ''}A`,
      ]) {
        const page = await callback((params) => params.set('state', state))
        assert.equal(page.status, 400, state)
      }
      assert.equal((await callback((params) => params.delete('state'))).status, 400)
      assert.equal((await callback((params) => params.append('state', 'twice'))).status, 400)
      // A state of this server, for another interaction of the same browser, and past the callback.
      const other = await world.depart({}, browser)
      const [uid, otherUid] = [back, other.back].map(({ searchParams }) => searchParams.get('state') ?? '')
      const path = new URL(other.page.url).pathname
      const page = await browser.open(
        `${path}/callback?code=code-0&state=${uid}&iss=${world.provider.issuer}`,
      )
      assert.match(noticeOf(page), /took too long, or was used/)
      assert.notEqual(uid, otherUid)
      assert.equal(world.provider.tokenRequests.length, 0)
      // Neither of the log-ins is disturbed.
      assert.ok((await browser.open(other.back.href)).headers.has('location'))
      assert.ok((await browser.open(back.href)).headers.has('location'))
      assert.equal((await browser.open(back.href)).status, 400)
    })

    it('refuses the callback in another browser, with the code of somebody else', async () => {
      const requests = world.provider.tokenRequests.length
      const attacker = await world.depart()
      const victim = new Browser(world.issuer)
      assert.equal((await victim.open(attacker.back.href)).status, 400)
      // Nor when the victim is in a log-in of their own.
      const own = await world.depart({}, victim)
      assert.equal((await victim.open(attacker.back.href)).status, 400)
      // Nor with the state of the victim and the code of the attacker: it belongs to another challenge and nonce.
      const mixed = new URL(own.back)
      mixed.searchParams.set('code', attacker.back.searchParams.get('code') ?? '')
      await assertRefused(
        async () => ({ browser: victim, page: await victim.open(mixed.href) }),
        failed,
        /nonce/,
      )
      assert.equal(world.provider.tokenRequests.length, requests + 1)
    })

    it('is not begun by a form of another site', async () => {
      const { browser, page } = await world.begin()
      const path = `${new URL(page.url).pathname}/provider`
      const sent = await browser.open(path, {
        method: 'POST',
        body: new URLSearchParams({ connection: 'company' }),
      })
      assert.equal(sent.status, 403)
    })

    it('cannot mix two providers up', async () => {
      const { provider, other } = world
      const requests = other.tokenRequests.length + provider.tokenRequests.length
      // The other provider answers for this one: with its own name, with none, with the name of this one.
      for (const iss of [other.issuer, undefined, 'https://localhost/', ''])
        await assertRefused(
          async () => {
            const { browser, back } = await world.depart()
            if (iss === undefined) back.searchParams.delete('iss')
            else back.searchParams.set('iss', iss)
            return { browser, page: await browser.open(back.href) }
          },
          failed,
          /issuer|iss/,
        )
      assert.equal(other.tokenRequests.length + provider.tokenRequests.length, requests)
      await assertRefused(
        async () => {
          const { browser, url, back } = await world.depart()
          // The other provider knows neither the code of this one nor what was sent to it.
          const stolen = other.authorize(url)
          stolen.searchParams.set('iss', provider.issuer)
          stolen.searchParams.set('code', `other-${back.searchParams.get('code') ?? ''}`)
          return { browser, page: await browser.open(stolen.href) }
        },
        failed,
        /invalid_grant/,
      )
    })

    it('cannot lead a person to another provider for its response (RFC 9700 §4.4)', async () => {
      const { provider, other } = world
      // Neither says whose its response is (RFC 9207).
      const metadata = { authorization_response_iss_parameter_supported: false }
      Object.assign(provider, { metadata, alterResponse: (params: URLSearchParams) => params.delete('iss') })
      Object.assign(other, { metadata })
      const attacker = await world.depart()
      const victim = await world.depart({}, undefined, other)
      const led = new URL(attacker.url)
      led.searchParams.set('state', victim.url.searchParams.get('state') ?? '')
      const requests = other.tokenRequests.length
      assert.equal((await victim.browser.open(provider.authorize(led).href)).status, 400)
      assert.equal(other.tokenRequests.length, requests)
      // The other provider cannot choose its own address: it is not registered at this one.
      assert.equal(led.searchParams.get('redirect_uri'), `${world.issuer}login/callback/company`)
      assert.equal(victim.url.searchParams.get('redirect_uri'), `${world.issuer}login/callback/other`)
    })

    const now = () => Math.floor(world.provider.clock() / 1000)
    const claims: Record<string, [(claims: JWTPayload) => JWTPayload, RegExp]> = {
      'with the nonce of another log-in': [(one) => ({ ...one, nonce: 'another' }), /nonce/],
      'without a nonce': [(one) => without(one, 'nonce'), /nonce/],
      'for another application': [(one) => ({ ...one, aud: 'another' }), /aud/],
      'for several applications, without azp': [
        (one) => ({ ...one, aud: ['rolecall', 'another'] }),
        /audiences/,
      ],
      'given to another application': [
        (one) => ({ ...one, aud: ['rolecall', 'another'], azp: 'another' }),
        /azp/,
      ],
      'of another issuer': [(one) => ({ ...one, iss: 'https://other.example.com/' }), /iss/],
      'that is expired': [(one) => ({ ...one, exp: now() - 600 }), /exp/],
      'without an end': [(one) => without(one, 'exp'), /exp/],
      'that is not valid yet': [(one) => ({ ...one, nbf: now() + 600 }), /nbf/],
      'with a time of the log-in that is none': [(one) => ({ ...one, auth_time: 'now' }), /auth_time/],
      'without a subject': [(one) => without(one, 'sub'), /sub/],
      'with an empty subject': [(one) => ({ ...one, sub: '' }), /subject/],
      'with a subject of 300 characters': [(one) => ({ ...one, sub: 'x'.repeat(300) }), /subject/],
      'with control characters in the subject': [(one) => ({ ...one, sub: 'a\nb' }), /subject/],
      'with the zero character in the subject': [(one) => ({ ...one, sub: 'a\0b' }), /subject/],
      'with a subject that looks the same': [(one) => ({ ...one, sub: 'аda' }), /subject/],
      'with very many claims': [
        (one) => ({ ...one, groups: Array.from({ length: 9_000 }, String) }),
        /64 KB|larger/,
      ],
    }
    for (const [name, [alter, reason]] of Object.entries(claims))
      it(`refuses an ID token ${name}`, async () => {
        world.provider.alterClaims = alter
        const notice = reason.source === 'subject' ? /sent no name for your account/ : failed
        await assertRefused(() => world.logIn(), notice, reason)
      })

    const forgeries: Record<string, [(claims: JWTPayload) => Promise<string> | string, RegExp]> = {
      'signed with another key': [
        async (one) => world.provider.sign(one, (await generateKeyPair('RS256')).privateKey),
        /signature/,
      ],
      'that is not signed': [(one) => new UnsecuredJWT(one).encode(), /alg/],
      'signed with the secret of the application': [
        (one) =>
          new SignJWT(one)
            .setProtectedHeader({ alg: 'HS256' })
            .sign(Buffer.from(clientSecret.padEnd(32, '.'))),
        /alg/,
      ],
      'that is none': [() => 'nothing', /JWT|ID token|id_token/i],
    }
    for (const [name, [forge, reason]] of Object.entries(forgeries))
      it(`refuses an ID token ${name}, whatever the provider says that it supports`, async () => {
        world.provider.metadata = { id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256'] }
        let last: JWTPayload = {}
        world.provider.alterClaims = (one) => (last = one)
        world.provider.alterIdToken = () => forge(last)
        await assertRefused(() => world.logIn(), failed, reason)
      })

    it('refuses userinfo of another subject', async () => {
      world.provider.person = { sub: 'ada' }
      world.provider.userinfo = { sub: 'eve', email: 'admin@example.com' }
      await assertRefused(() => world.logIn(), failed, /sub/)
    })

    it('needs an address, and takes one from the userinfo only with what that says of it', async () => {
      for (const email of [
        undefined,
        '',
        'nobody',
        42,
        ['ada@example.com'],
        'a@b@c',
        `${'x'.repeat(300)}@example.com`,
      ])
        await assertRefused(
          () => {
            world.provider.person = {
              sub: 'ada',
              name: 'Ada',
              email_verified: true,
              ...(email !== undefined && { email }),
            }
            return world.logIn()
          },
          /did not send your email address/,
          /no address/,
        )
    })

    const answers: Record<string, [string, { status: number; body: unknown }, RegExp, RegExp]> = {
      'a wrong secret': [
        '/token',
        { status: 401, body: { error: 'invalid_client', error_description: '<b>x</b>' } },
        failed,
        /invalid_client/,
      ],
      'an error of the server': ['/token', { status: 500, body: 'Internal' }, unavailable, /500/],
      'something that is no JSON': ['/token', { status: 200, body: '<html>' }, failed, /JSON|pars/i],
      'no tokens': ['/token', { status: 200, body: {} }, failed, /access_token/],
      'a redirect': ['/token', { status: 302, body: {} }, failed, /302/],
      'a response without end': [
        '/token',
        { status: 200, body: 'x'.repeat(10_000_000) },
        unavailable,
        /larger than 1 MB/,
      ],
      'no keys': ['/jwks', { status: 404, body: {} }, failed, /404/],
      'keys that are none': [
        '/jwks',
        { status: 200, body: { keys: [{ kty: 'RSA', kid: 'k' }] } },
        failed,
        /./,
      ],
      'no userinfo': ['/userinfo', { status: 503, body: {} }, unavailable, /503/],
    }
    for (const [name, [path, answer, notice, reason]] of Object.entries(answers))
      it(`ends on the log-in page where the provider answers with ${name}`, async () => {
        if (path === '/userinfo') world.provider.person = { sub: 'ada' }
        world.provider.instead[path] = answer
        // Keys are read with the first ID token.
        if (path === '/jwks') world.wait(hour * 1_000)
        await assertRefused(() => world.logIn(), notice, reason)
      })

    const documents: Record<string, [{ status: number; body: unknown }, RegExp, RegExp]> = {
      'are missing': [{ status: 404, body: {} }, failed, /404/],
      'are not JSON': [{ status: 200, body: 'hello' }, failed, /JSON|pars/i],
      'have no issuer': [{ status: 200, body: {} }, failed, /issuer/],
      'are of another issuer': [
        { status: 200, body: { issuer: 'https://evil.example.com/' } },
        failed,
        /evil\.example\.com/,
      ],
      'have no endpoints': [{ status: 200, body: 'own issuer' }, failed, /authorization_endpoint/],
      'have no end': [{ status: 200, body: 'x'.repeat(10_000_000) }, unavailable, /larger than 1 MB/],
    }
    for (const [name, [answer, notice, reason]] of Object.entries(documents))
      it(`ends on the log-in page where the metadata ${name}`, async () => {
        const { issuer } = world.provider
        const body = answer.body === 'own issuer' ? { issuer } : answer.body
        world.provider.instead['/.well-known/openid-configuration'] = { ...answer, body }
        await assertRefused(() => world.begin({ connection: 'company' }), notice, reason)
      })

    it('sends no request to an address of the local network, also where the metadata name one', async () => {
      for (const host of ['127.0.0.1', '169.254.169.254', '[::1]', '10.0.0.1']) {
        world.wait(hour * 1_000)
        world.provider.metadata = { token_endpoint: `https://${host}:1/token` }
        await assertRefused(() => world.logIn(), unavailable, /not a public address/)
      }
      world.wait(hour * 1_000)
      world.provider.metadata = { token_endpoint: 'http://localhost/token' }
      await assertRefused(() => world.logIn(), failed, /HTTPS/)
      world.wait(hour * 1_000)
      world.provider.metadata = { authorization_endpoint: 'javascript:alert(1)' }
      await assertRefused(() => world.begin({ connection: 'company' }), failed, /HTTPS/)
    })

    it('shows a sentence of its own for errors of the provider, and never its text', async () => {
      const errors: Record<string, RegExp> = {
        access_denied: /^The Company did not log you in/,
        temporarily_unavailable: unavailable,
        server_error: unavailable,
        login_required: failed,
        '<script>': failed,
      }
      for (const [error, notice] of Object.entries(errors)) {
        world.provider.alterResponse = (params) => {
          params.delete('code')
          params.set('error', error)
          params.set('error_description', '<script>alert("upstream")</script>')
        }
        let text = ''
        await assertRefused(
          async () => {
            const done = await world.logIn()
            text = done.page.text
            return done
          },
          notice,
          /upstream/,
        )
        assert.doesNotMatch(text, /upstream|alert\("/)
      }
      assert.match(
        (await world.begin()).page.text,
        /Continue with &#60;script&#62;alert\(1\)&#60;\/script&#62;/,
      )
    })

    it('pauses a network after very many wrong responses, and asks the provider no more', async () => {
      const send = async (ip: string) => {
        const browser = new Browser(world.issuer, { 'x-forwarded-for': ip })
        const { back } = await world.depart({}, browser)
        back.searchParams.set('code', 'a-guess')
        return browser.open(back.href)
      }
      for (let i = 0; i < 100; i++) await send('203.0.113.7')
      const requests = world.provider.tokenRequests.length
      const pages = [await send('203.0.113.7'), await send('203.0.113.7')]
      assert.equal(pages.at(-1)?.status, 429)
      assert.match(noticeOf(pages.at(-1) ?? assert.fail()), /Too many attempts/)
      assert.ok(world.provider.tokenRequests.length <= requests + 1)
      assert.notEqual((await send('203.0.113.8')).status, 429)
      // A provider that is set up wrongly does not keep anybody from logging in with a password.
      const browser = new Browser(world.issuer, { 'x-forwarded-for': '203.0.113.7' })
      const { page } = await world.begin({}, browser)
      const done = await browser.submit(page, { email: world.member.email, password })
      assert.ok(done.headers.has('location'), noticeOf(done))
    })

    it('signs nothing in the name of this server', async () => {
      const { issuer } = world
      for (const [index, client_id] of [issuer, issuer.replace(/\/$/, ''), issuer.toUpperCase()].entries()) {
        const name = `own-${index}`
        await connectProvider(world, world.clientId, {
          name,
          strategy: 'oidc',
          display_name: 'The Company',
          options: {
            client_id,
            issuer: world.provider.issuer,
            token_endpoint_auth_method: 'private_key_jwt',
          },
        })
        await assertRefused(() => world.begin({ connection: name }), failed, /the issuer of this server/)
      }
    })

    it('is over after a quarter of an hour', async () => {
      await assertRefused(
        async () => {
          const { browser, back } = await world.depart()
          world.wait(16 * 60_000)
          return { browser, page: await browser.open(back.href) }
        },
        /took too long/,
        /too old/,
      )
    })

    it('leads to the provider by a redirect that no cache keeps and no Referer names', async () => {
      const { browser, page } = await world.begin({ connection: 'company' })
      assert.equal(page.headers.get('cache-control'), 'no-store')
      assert.equal(page.headers.get('referrer-policy'), 'no-referrer')
      const back = world.provider.authorize(departure(page))
      const raw = await fetch(back, { redirect: 'manual' })
      assert.equal(raw.status, 303)
      assert.equal(raw.headers.get('cache-control'), 'no-store')
      assert.equal(raw.headers.get('referrer-policy'), 'no-referrer')
      assert.ok((await browser.open(back.href)).headers.has('location'))
    })
  })

const randomState = () => Buffer.from(crypto.getRandomValues(new Uint8Array(120))).toString('base64url')

const without = (claims: JWTPayload, claim: string): JWTPayload =>
  Object.fromEntries(Object.entries(claims).filter(([name]) => name !== claim))
