import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { inspect } from 'node:util'
import { createGuard, type Guard } from '../guard.ts'
import { apps } from './apps.ts'
import { assertRefused, bearer, observedGuard } from './assertions.ts'
import { audience, forge, issuer, jwks, keys, withBytes, withEc, withHmac, withRsa } from './forge.ts'
import { get } from './request.ts'
import type { RunningApp } from './running-app.ts'

const options = { issuer, audience, keys: jwks, algorithms: ['RS256', 'ES256'] as const }

function onEach(what: string, make: () => Guard, run: (app: RunningApp) => Promise<void>): void {
  for (const [name, start] of Object.entries(apps))
    test(`${name}: ${what}`, async () => {
      const app = await start(make())
      try {
        await run(app)
      } finally {
        await app.close()
      }
    })
}

describe('with other settings, on every adapter', () => {
  onEach(
    'a `respond` that throws fails only the request',
    () =>
      createGuard({
        ...options,
        warn: () => {},
        respond: () => {
          throw new Error('a refusal that is itself wrong')
        },
      }),
    async ({ port }) => {
      const expired = forge({ claims: { exp: 1 } })
      for (const headers of [bearer(expired), bearer('nonsense'), []])
        assert.equal((await get(port, '/protected', headers)).status, 500)
      assert.equal((await get(port, '/protected', bearer(forge()))).status, 200)
    },
  )
  onEach(
    'RFC 9068 §4: the strict profile accepts only at+jwt with every claim',
    () => observedGuard({ ...options, strict: true }),
    async ({ port }) => {
      const at = { typ: 'at+jwt' }
      for (const typ of ['at+jwt', 'application/at+jwt', 'AT+JWT'])
        assert.equal((await get(port, '/protected', bearer(forge({ header: { typ } })))).status, 200)
      for (const typ of ['JWT', undefined, 'at+jwt;x', 'jwt'])
        assertRefused(
          await get(port, '/protected', bearer(forge({ header: { typ } }))),
          401,
          'wrong_type',
          String(typ),
        )
      for (const [claim, reasonCode] of [
        ['iss', 'wrong_issuer'],
        ['exp', 'missing_expiry'],
        ['aud', 'wrong_audience'],
        ['sub', 'missing_subject'],
        ['client_id', 'missing_profile_claim'],
        ['iat', 'missing_profile_claim'],
        ['jti', 'missing_profile_claim'],
      ] as const)
        for (const value of [undefined, '', null, {}])
          assertRefused(
            await get(port, '/protected', bearer(forge({ header: at, claims: { [claim]: value } }))),
            401,
            claim === 'iat' && value !== undefined ? 'invalid_date' : reasonCode,
            claim,
          )
    },
  )

  onEach(
    'CVE-2022-23540: while no key was ever fetched, a signed token is 503 and an unsigned one 401',
    () => observedGuard({ ...options, keys: () => Promise.reject(new Error('away')), warn: () => {} }),
    async ({ port }) => {
      const answer = await get(port, '/protected', bearer(forge()))
      assertRefused(answer, 503, 'keys_unavailable')
      assert.equal(answer.headers['retry-after'], '1')
      assert.equal(answer.headers['www-authenticate'], undefined)
      for (const alg of ['none', 'None', 'HS256'])
        assertRefused(
          await get(port, '/protected', bearer(forge({ header: { alg }, sign: withBytes(Buffer.alloc(0)) }))),
          401,
          'malformed_token',
        )
      assertRefused(await get(port, '/protected'), 401, 'missing_token')
    },
  )

  onEach(
    'CVE-2020-15084: without a list of algorithms only RS256 is accepted',
    () => observedGuard({ issuer, audience, keys: jwks }),
    async ({ port }) => {
      assert.equal((await get(port, '/protected', bearer(forge()))).status, 200)
      for (const forgery of [
        { header: { alg: 'ES256', kid: 'ec' }, sign: withEc() },
        { header: { alg: 'RS512', kid: 'for-rs512' }, sign: withRsa(undefined, 'sha512') },
        { header: { alg: 'HS256', kid: 'oct' }, sign: withHmac(keys.oct) },
        { header: { alg: 'none' }, sign: withBytes(Buffer.alloc(0)) },
      ])
        assertRefused(
          await get(port, '/protected', bearer(forge(forgery))),
          401,
          forgery.header.alg === 'none' ? 'malformed_token' : 'unaccepted_algorithm',
          forgery.header.alg,
        )
    },
  )

  const requested = new Set<string>()
  onEach(
    'RFC 8725 §3.10, CVE-2025-59936: no token causes a request to an address of its choice',
    () => {
      requested.clear()
      const fetch = async (url: string) => {
        requested.add(url)
        return Response.json(jwks)
      }
      // Issuer and key id of one, concatenated, equal those of the other.
      const issuers = [{ domain: 'issuer.test' }, { domain: 'issuer.tes' }]
      return observedGuard({ audience, fetch, issuers, keysCooldownMs: 0 })
    },
    async ({ port }) => {
      const away = 'https://attacker.invalid/'
      const byStranger = withRsa(keys.foreignRsa.privateKey)
      for (const [reasonCode, token] of [
        ['unknown_key', forge({ header: { jku: away, kid: 'x' } })],
        ['unknown_key', forge({ header: { x5u: away, kid: 'x' } })],
        ['wrong_issuer', forge({ claims: { iss: away }, header: { kid: 'x' } })],
        [
          'unknown_key',
          forge({ claims: { iss: 'https://issuer.tes/' }, header: { kid: 't/rsa' }, sign: byStranger }),
        ],
        ['wrong_issuer', forge({ claims: { iss: `${issuer}@attacker.invalid/` } })],
      ] as const)
        assertRefused(await get(port, '/protected', bearer(token)), 401, reasonCode)
      assert.ok(requested.size > 0)
      for (const url of requested)
        assert.match(url, /^https:\/\/issuer\.tes(?:t)?\/\.well-known\/jwks\.json$/)
    },
  )

  const logged: string[] = []
  onEach(
    'RFC 6750 §5.3: the log contains no token',
    () => {
      logged.length = 0
      let loads = 0
      return createGuard({
        ...options,
        keys: async () => {
          loads += 1
          if (loads === 1) throw new Error('away')
          return jwks
        },
        warn: (...logArguments) => logged.push(inspect(logArguments, { depth: 10 })),
      })
    },
    async ({ port }) => {
      const good = forge()
      const sent = [
        good,
        good,
        forge({ header: { kid: 'unknown' } }),
        `${good.slice(0, -8)}AAAAAAAA`,
        'nonsense',
      ]
      const statuses = []
      for (const token of sent)
        for (const path of ['/protected', '/broken'])
          statuses.push((await get(port, path, bearer(token))).status)
      assert.deepEqual(new Set(statuses), new Set([200, 401, 500, 503]))
      assert.ok(logged.length > 0)
      for (const token of sent)
        for (const part of token.split('.')) assert.ok(!logged.join('\n').includes(part), part)
    },
  )

  const other = 'https://other.test/'
  const twoIssuers = {
    audience,
    algorithms: ['RS256'] as const,
    issuers: [
      { issuer, keys: jwks },
      {
        issuer: other,
        keys: { keys: [{ ...keys.foreignRsa.publicKey.export({ format: 'jwk' }), kid: 'foreign' }] },
      },
    ],
  }
  onEach(
    'RFC 8725 §3.8: with several issuers, the tokens of each are verified with its own keys',
    () => observedGuard(twoIssuers),
    async ({ port }) => {
      const byOther = withRsa(keys.foreignRsa.privateKey)
      for (const [iss, kid, sign] of [
        [issuer, 'rsa', withRsa()],
        [other, 'foreign', byOther],
      ] as const) {
        const token = forge({ header: { kid }, claims: { iss }, sign })
        assert.equal((await get(port, '/protected', bearer(token))).status, 200, `${iss} ${kid}`)
      }
      for (const [iss, kid, sign, reasonCode] of [
        [other, 'rsa', withRsa(), 'unknown_key'],
        [issuer, 'foreign', byOther, 'unknown_key'],
        [other, 'foreign', withRsa(), 'invalid_signature'],
        ['https://third.test/', 'rsa', withRsa(), 'wrong_issuer'],
      ] as const) {
        const token = forge({ header: { kid }, claims: { iss }, sign })
        assertRefused(await get(port, '/protected', bearer(token)), 401, reasonCode, `${iss} ${kid}`)
      }
    },
  )

  onEach(
    'an application shapes its refusals',
    () =>
      createGuard({
        ...options,
        realm: 'api',
        errorDetail: false,
        respond: (error) => ({
          status: error.code === 'invalid_request' ? 401 : error.status,
          body: { message: error.code, needs: error.required },
          headers: { 'x-refused': 'yes' },
        }),
      }),
    async ({ port }) => {
      const answer = await get(port, '/admin', bearer(forge()))
      assert.equal(answer.status, 403)
      assert.deepEqual(answer.body, { message: 'insufficient_scope', needs: ['read:admin-messages'] })
      assert.match(answer.headers['content-type'] ?? '', /^application\/json\b/)
      assert.equal(answer.headers['x-refused'], 'yes')
      assert.equal(
        answer.headers['www-authenticate'],
        'Bearer realm="api", error="insufficient_scope", scope="read:admin-messages"',
      )
      assert.equal((await get(port, '/admin', ['Authorization', 'Bearer'])).status, 401)
      assert.equal((await get(port, '/admin')).headers['www-authenticate'], 'Bearer realm="api"')
    },
  )
})
