import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { reasons } from '../bearer/errors.ts'
import type { Guard } from '../guard.ts'
import { apps, multiFactor } from './apps.ts'
import { assertChallenge, assertRefused, bearer, observedGuard } from './assertions.ts'
import { badTokens } from './bad-tokens.ts'
import { audience, forge, issuer, jwks, withBytes, withEc } from './forge.ts'
import { get } from './request.ts'
import type { RunningApp } from './running-app.ts'

const bad = await badTokens()
const options = { issuer, audience, keys: jwks, algorithms: ['RS256', 'ES256'] as const }

/** Reasons that need other options than these tests use, or cannot arrive over HTTP. Other tests assert them. */
const testedElsewhere = [
  'authorization_changed',
  'missing_profile_claim',
  'token_too_long',
  'unbound_token',
  'unusable_key',
  'wrong_proof_key',
]

test('there is a bad token for every reason of invalid_token', () => {
  const covered = [
    ...new Set(Object.values(bad).map(({ reasonCode }): string => reasonCode)),
    ...testedElsewhere,
  ]
  assert.deepEqual(covered.toSorted(), Object.keys(reasons.invalid_token).toSorted())
})

for (const [name, start] of Object.entries(apps))
  describe(name, () => {
    let guard: Guard
    let app: RunningApp

    before(async () => {
      guard = observedGuard({ ...options, warn: () => {} })
      app = await start(guard)
      // The first request compiles what later ones are timed on.
      await get(app.port, '/admin', bearer(forge()))
    })
    after(() => app.close())

    const ask = (path: string, claims: Record<string, unknown> = {}) =>
      get(app.port, path, bearer(forge({ claims })))

    test('RFC 6750 §3.1: without credentials the challenge carries no error', async () => {
      const carriers = [
        [],
        ['Authorization', ''],
        ['Authorization', 'Basic dTpw'],
        ['Authorization', forge()],
        ['Authorization', `Negotiate ${forge()}`],
        ['Authorization', `Bearer:${forge()}`],
        ['Cookie', `access_token=${forge()}`],
        ['Proxy-Authorization', `Bearer ${forge()}`],
        ['X-Access-Token', forge()],
      ]
      for (const headers of carriers) {
        for (const path of ['/protected', '/admin', '/owner/user-1', '/later']) {
          const answer = await get(app.port, path, headers)
          assertRefused(answer, 401, 'missing_token', path)
          assert.equal(answer.headers['www-authenticate'], 'Bearer')
          assert.deepEqual(answer.body, {
            title: 'Unauthorized',
            status: 401,
            code: 'missing_token',
            detail: 'No access token was sent',
          })
        }
        for (const path of ['/public', '/optional'])
          assert.deepEqual((await get(app.port, path, headers)).body, { sub: null })
      }
    })

    test('RFC 6750 §2.1: a malformed Authorization header is 400 invalid_request', async () => {
      const token = forge()
      // `Headers` of fetch joins two header fields to one, which then has too many parts.
      const repeated = name === 'Hono' || name === 'fetch' ? 'malformed_header' : 'repeated_header'
      const carriers = [
        { reasonCode: 'malformed_header', values: ['Bearer'] },
        { reasonCode: 'malformed_header', values: ['bearer'] },
        { reasonCode: 'malformed_header', values: ['Bearer a b'] },
        { reasonCode: 'malformed_header', values: [`Bearer ${token} ${token}`] },
        { reasonCode: repeated, values: [`Bearer ${token}`, `Bearer ${token}`] },
        { reasonCode: repeated, values: [`Bearer ${token}`, 'Basic dTpw'] },
        { reasonCode: 'repeated_header', values: ['Basic dTpw', `Bearer ${token}`] },
        { reasonCode: 'malformed_header', values: [`Bearer ${token}, Bearer ${token}`] },
        { reasonCode: 'repeated_header', values: ['', `Bearer ${token}`] },
      ] as const
      for (const { reasonCode, values } of carriers) {
        const headers = values.flatMap((value) => ['Authorization', value])
        for (const path of ['/optional', '/protected', '/admin']) {
          const answer = await get(app.port, path, headers)
          assertRefused(answer, 400, reasonCode, values.join(' | ').slice(0, 40))
          assertChallenge(answer, /^Bearer error="invalid_request", error_description=/)
        }
        assert.equal((await get(app.port, '/public', headers)).status, 200)
      }
    })

    test('RFC 6750 §2.2, §2.3, RFC 9700 §4.3.2: a token in the query or the body is ignored', async () => {
      const good = forge({ claims: { permissions: ['read:admin-messages'] } })
      const bodies = {
        'application/x-www-form-urlencoded': (token: string) => `access_token=${token}`,
        'application/json': (token: string) => JSON.stringify({ access_token: token }),
      }
      const carriers = [
        (token: string, headers: string[]) => get(app.port, `/admin?access_token=${token}`, headers),
        ...Object.entries(bodies).map(([type, write]) => (token: string, headers: string[]) => {
          const body = write(token)
          const described = ['Content-Type', type, 'Content-Length', String(body.length)]
          return get(app.port, '/admin', [...headers, ...described], 'GET', body)
        }),
      ]
      for (const carry of carriers) {
        const answer = await carry(good, [])
        assertRefused(answer, 401, 'missing_token')
        assert.equal(answer.headers['www-authenticate'], 'Bearer')
        assert.equal((await carry('nonsense', bearer(good))).status, 200)
      }
    })

    test('RFC 6750 §2.1, RFC 9110 §11.1: the scheme is read in any case', async () => {
      for (const scheme of ['Bearer', 'bearer', 'BEARER', 'bEaReR'])
        assert.deepEqual(
          (await get(app.port, '/protected', ['Authorization', `${scheme} ${forge()}`])).body,
          { sub: 'user-1' },
        )
      assert.equal((await get(app.port, '/protected', ['authorization', `Bearer  ${forge()}`])).status, 200)
    })

    for (const typ of ['JWT', 'jwt', 'at+jwt', 'AT+JWT', 'application/at+jwt', undefined])
      test(`RFC 9068 §4: typ ${typ ?? 'absent'} is an access token`, async () => {
        assert.equal((await get(app.port, '/protected', bearer(forge({ header: { typ } })))).status, 200)
      })

    test('ES256, an array as audience, fractions of seconds and 8 s of skew are accepted', async () => {
      const now = Date.now() / 1000
      for (const token of [
        forge({ header: { alg: 'ES256', kid: 'ec' }, sign: withEc() }),
        forge({ claims: { aud: ['https://other.test', audience] } }),
        forge({ claims: { exp: now + 60.5, iat: now - 0.5 } }),
        forge({ claims: { nbf: now + 8, iat: now + 8 } }),
        forge({ claims: { exp: now - 8 } }),
      ])
        assert.equal((await get(app.port, '/protected', bearer(token))).status, 200)
    })

    test(`${Object.keys(bad).length} bad tokens: each is 401 invalid_token, on optional routes too`, async () => {
      for (const [what, { token, reasonCode }] of Object.entries(bad))
        for (const path of ['/optional', '/admin']) {
          const answer = await get(app.port, path, bearer(token))
          assertRefused(answer, 401, reasonCode, what, token)
          assertChallenge(answer, /^Bearer error="invalid_token", error_description="/, what)
        }
    })

    test('CVE-2021-29443: every encrypted token gets the same answer', async () => {
      const words = new Set<string>()
      for (const [what, { token }] of Object.entries(bad))
        if (what.includes('a JWE ') || what.endsWith('a JWE'))
          words.add(JSON.stringify((await get(app.port, '/admin', bearer(token))).body))
      assert.ok(words.size <= 2, [...words].join('\n'))
    })

    test('CVE-2026-35039: the cache never gives one token the subject of another', async () => {
      const claims = { iat: 1, permissions: ['read:admin-messages'] }
      const tokens = ['user-1', 'user-2'].map((sub) => [sub, forge({ claims: { ...claims, sub } })] as const)
      for (let round = 0; round < 60; round += 1)
        for (const [sub, token] of tokens)
          assert.deepEqual((await get(app.port, '/admin', bearer(token))).body, { sub })
      for (const [, token] of tokens) {
        const [header = '', payload = '', signature = ''] = token.split('.')
        const stolen = forge({ claims: { ...claims, sub: 'user-3' } }).split('.')[2]
        for (const [reasonCode, wrong] of [
          ['invalid_signature', `${header}.${payload}.${stolen}`],
          ['malformed_token', `${header}.${payload}.`],
          ['malformed_token', `${header}.${payload}.${signature.slice(0, -1)}`],
          ['invalid_signature', `${token}A`],
          [
            'invalid_signature',
            forge({ claims: { ...claims, sub: 'user-1' }, sign: withBytes(Buffer.alloc(256)) }),
          ],
        ] as const)
          assertRefused(await get(app.port, '/admin', bearer(wrong)), 401, reasonCode)
      }
    })

    test('GHSA-3j8v-cgw4-2g6q: a valid token is accepted ten times in a row', async () => {
      const token = forge()
      for (let round = 0; round < 10; round += 1)
        assert.equal((await get(app.port, '/protected', bearer(token))).status, 200)
    })

    test('CVE-2026-35041: long claims are refused quickly', async () => {
      const long = `${'a'.repeat(5_000)}!`
      assertRefused(await ask('/admin', { iss: long }), 401, 'wrong_issuer')
      for (const claims of [{ aud: long }, { aud: [long] }, { sub: long, aud: 'x' }])
        assertRefused(await ask('/admin', claims), 401, 'wrong_audience')
    })

    test('RFC 6750 §3.1: a missing permission is 403 insufficient_scope and names it', async () => {
      const answer = await ask('/admin', {
        permissions: ['read:admin-message', 'x'],
        scope: 'read:admin-messages',
      })
      assertRefused(answer, 403, 'missing_permission')
      assertChallenge(
        answer,
        /^Bearer error="insufficient_scope", error_description="[^"]+", scope="read:admin-messages"$/,
      )
      assert.deepEqual(answer.body, {
        title: 'Forbidden',
        status: 403,
        code: 'insufficient_scope',
        detail: 'The access token does not carry the required permission',
        required: ['read:admin-messages'],
      })
    })

    test('RFC 9470 §3: a log-in that is not enough is 401 and says what to ask for', async () => {
      const now = Math.floor(Date.now() / 1000)
      const permissions = ['read:admin-messages']
      const good = { permissions, acr: multiFactor, auth_time: now - 100 }
      assert.equal((await ask('/step-up', good)).status, 200)
      assert.equal((await ask('/step-up', { ...good, acr: 'gold' })).status, 200)
      for (const acr of [undefined, null, '', 'silver', [multiFactor], `${multiFactor}/`, 1]) {
        const answer = await ask('/step-up', { ...good, acr })
        assertRefused(answer, 401, 'missing_acr')
        assertChallenge(
          answer,
          /^Bearer error="insufficient_user_authentication", error_description="[^"]+", acr_values="[^ "]+multi-factor gold", max_age="300"$/,
        )
        assert.match(JSON.stringify(answer.body), /"code":"insufficient_user_authentication"/)
      }
      for (const auth_time of [undefined, null, String(now), now - 400, now + 3_600, [now], -now])
        assertRefused(await ask('/step-up', { ...good, auth_time }), 401, 'authentication_too_old')
      // A second log-in would not help a user who lacks the permission.
      assertRefused(await ask('/step-up', { acr: 'silver' }), 403, 'missing_permission')
    })

    test('only an array of strings grants permissions', async () => {
      for (const permissions of [
        undefined,
        null,
        1,
        true,
        {},
        '',
        'read:admin-messages',
        'x read:admin-messages',
        ['read:admin-messages', 1],
        [['read:admin-messages']],
        { 0: 'read:admin-messages', length: 1 },
        { includes: true },
      ])
        for (const path of ['/admin', '/class'])
          assertRefused(
            await ask(path, { permissions }),
            403,
            'missing_permission',
            JSON.stringify(permissions),
          )
    })

    const permitted: [string, Record<string, unknown>, boolean][] = [
      ['/admin', { permissions: ['read:admin-messages'] }, true],
      ['/class', { permissions: ['x', 'read:admin-messages'] }, true],
      ['/all', { permissions: ['read:a'] }, false],
      ['/all', { permissions: ['read:b', 'read:a'] }, true],
      ['/any', { permissions: ['read:c'] }, false],
      ['/any', { permissions: ['read:b'] }, true],
      ['/scoped', { scope: 'read' }, false],
      ['/scoped', { scope: 'openid write read' }, true],
      ['/scoped', { permissions: ['read', 'write'] }, false],
      ['/scoped', { scope: ['read', 'write'] }, false],
      ['/nested', { permissions: ['read:admin-messages'] }, false],
      ['/nested', { permissions: ['read:admin-messages'], scope: 'write' }, true],
      ['/nested', { permissions: ['read:admin-messages', 'write:all'] }, true],
      ['/owner/user-1', {}, true],
      ['/owner/user-2', {}, false],
      ['/later', {}, true],
      ['/later', { sub: 'user-2' }, false],
    ]
    for (const [path, claims, allowed] of permitted)
      test(`${path} ${allowed ? 'allows' : 'refuses'} ${JSON.stringify(claims)}`, async () => {
        const answer = await ask(path, claims)
        if (allowed) {
          assert.equal(answer.status, 200)
          assert.deepEqual(answer.body, { sub: 'user-1' })
          assert.equal(answer.headers['cache-control'], 'no-store')
        } else assertRefused(answer, 403, 'missing_permission')
      })

    test('a requirement that throws allows nothing', async () => {
      assert.equal((await ask('/broken')).status, 500)
      assert.equal((await get(app.port, '/protected', bearer(forge()))).status, 200)
    })

    test('claims named like members of Object.prototype have no effect', async () => {
      const ordinary = JSON.stringify({ iss: issuer, aud: audience, sub: 'user-1', exp: Date.now() })
      const hostile =
        '{"__proto__":{"permissions":["read:admin-messages"]},"constructor":{"prototype":{"x":1}},'
      const token = forge({ claims: Buffer.from(hostile + ordinary.slice(1)) })
      assertRefused(await get(app.port, '/admin', bearer(token)), 403, 'missing_permission')
      assert.equal(Reflect.get({}, 'permissions'), undefined)
    })
  })
