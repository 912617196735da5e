import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import formbody from '@fastify/formbody'
import Fastify, { type InjectOptions } from 'fastify'
import { afterResponseDone } from '../../accounts/after-response.ts'
import { signIn } from '../../accounts/sign-in.ts'
import { signUp } from '../../accounts/sign-up.ts'
import { linkIn, openFixture } from '../../accounts/testing.ts'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { findUserByEmail } from '../../users/store.ts'
import { accountRoutes } from './account-routes.ts'
import { forgotPath, forgotUrl } from './forgot-routes.ts'

const email = 'rosalind@example.com'
const old = 'orange tractor'
const fresh = 'purple harvester'
const info = { ip: '203.0.113.7' }

/** A browser before the pages of mailed links, and an account that it is about. */
async function open(t: Parameters<typeof openFixture>[0], kind: (typeof stores)[number]) {
  const app = Fastify()
  // Hooks run in the order in which they were registered: the server before its store.
  t.after(() => app.close())
  const fixture = await openFixture(t, kind)
  const { ctx, connection } = fixture
  await app.register(formbody)
  accountRoutes(app, ctx)
  const { application } = await transaction(ctx, (tx) =>
    createApplication(tx, {
      name: 'Hello <World>',
      initiate_login_uri: 'https://app.example.com/login',
    }),
  )
  const outcome = await signUp(ctx, {
    connection,
    email,
    password: old,
    clientId: application.clientId,
    ...info,
  })
  assert.ok('user' in outcome)
  let cookie = ''
  const visit = async (options: InjectOptions) => {
    const answer = await app.inject({
      ...options,
      headers: { cookie, 'sec-fetch-site': 'same-origin', ...options.headers },
    })
    cookie = String(answer.headers['set-cookie'] ?? cookie).split(';', 1)[0] ?? ''
    return answer
  }
  /** Fills in the form of a page, and sends it. */
  const submit = async (
    url: string,
    fields: Record<string, string>,
    headers: Record<string, string> = {},
  ) => {
    const page = await visit({ url })
    const hidden = Object.fromEntries(
      [...page.body.matchAll(/type="hidden" name="([^"]+)" value="([^"]*)"/g)].map(([, name, value]) => [
        name,
        value,
      ]),
    )
    const action = /<form method="post" action="([^"]+)"/.exec(page.body)?.[1] ?? url
    return visit({
      method: 'POST',
      url: action,
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      payload: new URLSearchParams({ ...hidden, ...fields }).toString(),
    })
  }
  /** The newest mailed link, as path and query. */
  const newestLink = async (path: string) => {
    await afterResponseDone(ctx)
    const url = linkIn((await fixture.mails()).findLast(({ text }) => text.includes(path)))
    return url.pathname + url.search
  }
  const opens = async (password: string) =>
    'user' in (await signIn(ctx, { connection, identifier: email, password, ip: '198.51.100.9' }))
  fixture.pass(1)
  return { ...fixture, app, application, visit, submit, newestLink, opens }
}

for (const kind of stores)
  describe(`the pages of mailed links on ${kind.name}`, () => {
    test('a forgotten password: ask, read the mail, choose a new one, go on to the application', async (t) => {
      const world = await open(t, kind)
      const asked = await world.submit(forgotUrl(world.application.clientId), {
        email: ' Rosalind@Example.com ',
      })
      assert.equal(asked.statusCode, 200)
      const link = await world.newestLink('/u/reset-password?')
      const page = await world.visit({ url: link })
      assert.match(page.body, /Hello|Choose a new password/)
      const done = await world.submit(link, { password: fresh })
      assert.equal(done.statusCode, 200)
      assert.match(done.body, /Password changed/)
      assert.match(done.body, /href="https:\/\/app\.example\.com\/login"/)
      assert.deepEqual([await world.opens(old), await world.opens(fresh)], [false, true])
      assert.equal((await world.visit({ url: link })).statusCode, 400)
    })

    test('asking answers the same for every address, to the letter (ASVS 6.3.8)', async (t) => {
      const world = await open(t, kind)
      const url = forgotUrl(world.application.clientId)
      const known = await world.submit(url, { email })
      const unknown = await world.submit(url, { email: 'nobody@example.net' })
      assert.equal(known.statusCode, unknown.statusCode)
      assert.equal(known.body.replaceAll(email, ''), unknown.body.replaceAll('nobody@example.net', ''))
      const { date: _1, 'content-length': _2, 'set-cookie': _3, ...headers } = known.headers
      const { date: _4, 'content-length': _5, 'set-cookie': _6, ...others } = unknown.headers
      assert.deepEqual(headers, others)
    })

    test('the link is under the issuer, whatever Host the request claims (CVE-2023-49097, CVE-2025-64101)', async (t) => {
      const world = await open(t, kind)
      const hostile = {
        host: 'evil.example',
        'x-forwarded-host': 'evil.example',
        'x-forwarded-proto': 'gopher',
        forwarded: 'host=evil.example;proto=https',
        'x-original-url': 'https://evil.example/',
      }
      await world.submit(forgotUrl(world.application.clientId), { email }, hostile)
      await world.newestLink('/u/reset-password?')
      const mails = await world.mails()
      assert.ok(!JSON.stringify(mails).includes('evil.example'))
      assert.equal(linkIn(mails.at(-1)).origin, 'https://id.example.com')
    })

    test('opening a link changes nothing: mail scanners open links too', async (t) => {
      const world = await open(t, kind)
      await world.submit(forgotUrl(world.application.clientId), { email })
      for (const link of [
        await world.newestLink('/u/reset-password?'),
        await world.newestLink('/u/email-verification?'),
      ])
        for (const method of ['GET', 'HEAD', 'GET'] as const)
          assert.equal((await world.visit({ method, url: link })).statusCode, 200)
      assert.equal(
        (await findUserByEmail(world.ctx.store.db, world.connection.name, email))?.emailVerified,
        false,
      )
      assert.equal(await world.opens(old), true)
    })

    test('no order of requests skips the mail (CVE-2026-18963)', async (t) => {
      const world = await open(t, kind)
      for (const ticket of ['', 'x', '../../etc', 'a'.repeat(43)])
        for (const path of ['/u/reset-password', '/u/email-verification']) {
          const page = await world.visit({ url: `${path}?ticket=${encodeURIComponent(ticket)}` })
          assert.equal(page.statusCode, 400)
          assert.doesNotMatch(page.body, /<form/)
        }
      for (const payload of [
        { password: fresh },
        { password: fresh, email },
        { password: fresh, ticket: '' },
      ]) {
        const answer = await world
          .submit(forgotPath, {})
          .then(() => world.visit({ method: 'POST', url: '/u/reset-password', payload }))
        assert.ok([400, 403].includes(answer.statusCode))
      }
      assert.equal(await world.opens(old), true)
    })

    test('a form from another site, or without its token, does nothing (CVE-2023-34927)', async (t) => {
      const world = await open(t, kind)
      await world.submit(forgotUrl(world.application.clientId), { email })
      const link = await world.newestLink('/u/reset-password?')
      for (const [fields, headers] of [
        [{ password: fresh }, { 'sec-fetch-site': 'cross-site' }],
        [{ password: fresh }, { 'sec-fetch-site': 'same-site', origin: 'https://evil.example' }],
        [{ password: fresh, _csrf: '' }, {}],
        [{ password: fresh, _csrf: 'x'.repeat(43) }, {}],
      ] as const) {
        const answer = await world.submit(link, fields, headers)
        assert.equal(answer.statusCode, 403)
        assert.match(answer.body, /role="alert"/)
      }
      const mails = (await world.mails()).length
      assert.equal(
        (await world.submit(forgotPath, { email }, { 'sec-fetch-site': 'cross-site' })).statusCode,
        403,
      )
      await afterResponseDone(world.ctx)
      assert.equal((await world.mails()).length, mails)
      assert.equal(await world.opens(old), true)
    })

    test('a weak password is refused with its reason, and the same link still works', async (t) => {
      const world = await open(t, kind)
      await world.submit(forgotUrl(world.application.clientId), { email })
      const link = await world.newestLink('/u/reset-password?')
      for (const password of ['', 'short', 'password123', email, 'x'.repeat(2_000)]) {
        const answer = await world.submit(link, { password })
        assert.equal(answer.statusCode, 400)
        assert.match(answer.body, /role="alert"/)
        assert.ok(
          password === '' || !answer.body.includes(`value="${password}"`) || password === email,
          'the password comes back',
        )
      }
      assert.equal((await world.submit(link, { password: fresh })).statusCode, 200)
    })

    test('an address is confirmed with link and password', async (t) => {
      const world = await open(t, kind)
      const link = await world.newestLink('/u/email-verification?')
      const wrong = await world.submit(link, { password: 'wrong guess' })
      assert.equal(wrong.statusCode, 400)
      assert.match(wrong.body, /Wrong email or password\./)
      const right = await world.submit(link, { password: old })
      assert.match(right.body, /rosalind@example\.com is confirmed\./)
      assert.equal(
        (await findUserByEmail(world.ctx.store.db, world.connection.name, email))?.emailVerified,
        true,
      )
      assert.equal((await world.submit(link, { password: old })).statusCode, 400)
    })

    test('too many guesses there are told how long to wait', async (t) => {
      const world = await open(t, kind)
      const link = await world.newestLink('/u/email-verification?')
      for (let i = 0; i < 10; i++) await world.submit(link, { password: 'x'.repeat(1_025) })
      const answer = await world.submit(link, { password: old })
      assert.equal(answer.statusCode, 429)
      assert.equal(answer.headers['retry-after'], '60')
      assert.match(answer.body, /Wait 1 minute, then try again\./)
    })

    test('every answer is a page that no other site can frame, cache or read the address of', async (t) => {
      const world = await open(t, kind)
      await world.submit(forgotUrl(world.application.clientId), { email })
      const links = [
        forgotPath,
        await world.newestLink('/u/reset-password?'),
        await world.newestLink('/u/email-verification?'),
        '/u/reset-password',
      ]
      for (const url of links) {
        const { headers, body } = await world.visit({ url })
        assert.equal(headers['referrer-policy'], 'no-referrer')
        assert.equal(headers['cache-control'], 'no-store')
        assert.equal(headers['cross-origin-opener-policy'], 'same-origin')
        assert.match(String(headers['content-security-policy']), /default-src 'none'.*frame-ancestors 'none'/)
        assert.match(String(headers['content-type']), /^text\/html/)
        assert.doesNotMatch(body, /https?:\/\/(?!app\.example\.com)/)
      }
    })

    test('the way back leads to this server alone, and a link on leads to a web address', async (t) => {
      const world = await open(t, kind)
      const back = async (state: string) =>
        /<footer>\n<p><a href="([^"]+)"/.exec(
          (await world.visit({ url: `${forgotPath}?state=${encodeURIComponent(state)}` })).body,
        )?.[1]
      assert.equal(await back('V1StGXR8_Z5jdHi6B-myT'), '/interaction/V1StGXR8_Z5jdHi6B-myT')
      for (const hostile of [
        '//evil.example',
        '/\\evil.example',
        'https://evil.example/',
        'javascript:alert(1)',
        '../../x',
        'short',
      ])
        assert.equal(await back(hostile), undefined, hostile)
      await world.ctx.store.db
        .updateTable('tickets')
        .set({ data: JSON.stringify({ email, markEmailVerified: false, resultUrl: 'javascript:alert(1)' }) })
        .execute()
      const done = await world.submit(await world.newestLink('/u/email-verification?'), { password: old })
      assert.equal(done.statusCode, 200)
      assert.doesNotMatch(done.body, /javascript/)
    })

    test('nothing a caller sends is answered with a 500', async (t) => {
      const world = await open(t, kind)
      const deep = '{"a":'.repeat(5_000) + '1' + '}'.repeat(5_000)
      const bodies: InjectOptions[] = [
        { payload: '{"__proto__":{"ticket":"x"}}', headers: { 'content-type': 'application/json' } },
        { payload: deep, headers: { 'content-type': 'application/json' } },
        { payload: '[]', headers: { 'content-type': 'application/json' } },
        { payload: '{', headers: { 'content-type': 'application/json' } },
        {
          payload: 'ticket=a&ticket=b&password[x]=1',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
        {
          payload: 'ticket=%00&email=%ff%00@x',
          headers: { 'content-type': 'application/x-www-form-urlencoded' },
        },
        { payload: 'ticket=x', headers: { 'content-type': 'text/plain' } },
        {},
      ]
      for (const url of [forgotPath, '/u/reset-password', '/u/email-verification']) {
        for (const body of bodies) {
          const answer = await world.app.inject({ method: 'POST', url, ...body })
          assert.ok(
            answer.statusCode >= 400 && answer.statusCode < 500,
            `${url} ${JSON.stringify(body).slice(0, 60)} ${answer.statusCode}`,
          )
        }
        for (const query of [
          '?ticket=%00',
          '?ticket=a&ticket=b',
          '?client_id=%00',
          '?client_id[]=x',
          `?ticket=${'x'.repeat(10_000)}`,
          '?%',
        ])
          assert.ok((await world.app.inject(url + query)).statusCode < 500, url + query.slice(0, 40))
      }
    })
  })
