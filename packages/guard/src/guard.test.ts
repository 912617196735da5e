import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { audience, forge, issuer, jwks, keys, withHmac } from './conformance/forge.ts'
import { createGuard, type GuardOptions, InvalidTokenError, KeysUnavailableError } from './index.ts'
import { createTestIssuer } from './testing/index.ts'

const options = { issuer, audience, keys: jwks }

describe('wrong options are refused', () => {
  const secret = 'a'.repeat(32)
  const pem = keys.rsa.publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const pkcs1 = keys.rsa.publicKey.export({ type: 'pkcs1', format: 'pem' }).toString()
  const wrong: [string, GuardOptions, RegExp][] = [
    ['no issuer', { audience }, /issuer is missing/],
    ['an empty issuer', { issuer: '', audience }, /issuer is missing/],
    ['an issuer that is no URL', { issuer: 'tenant.eu.auth0.com', audience }, /issuer must be/],
    ['issuer and domain', { issuer, domain: 'issuer.test', audience }, /either an issuer or a domain/],
    ['a domain with a path', { domain: 'issuer.test/oauth', audience }, /domain must be/],
    ['a domain with a user', { domain: 'user@issuer.test', audience }, /domain must be/],
    ['no audience', { issuer }, /audience is missing/],
    ['an empty audience', { issuer, audience: '' }, /audience is missing/],
    ['an empty list of audiences', { issuer, audience: [] }, /audience is missing/],
    ['no algorithm', { ...options, algorithms: [] }, /algorithms is empty/],
    ['RFC 8725 §3.1: HS256 without a secret', { ...options, algorithms: ['RS256', 'HS256'] }, /HS256/],
    [
      'RFC 8725 §3.1: RS256 with a secret',
      { issuer, audience, secret, algorithms: ['RS256'] },
      /secret serves/,
    ],
    ['a secret and keys', { ...options, secret }, /only one of/],
    ['RFC 7518 §3.2: a short secret', { issuer, audience, secret: 'a'.repeat(31) }, /at least 32 bytes/],
    [
      'RFC 7518 §3.2: a short secret for HS512',
      { issuer, audience, secret, algorithms: ['HS512'] },
      /at least 64/,
    ],
    ['a public key as secret', { issuer, audience, secret: pem }, /key file/],
    ['CVE-2023-48223: a PKCS #1 key as secret', { issuer, audience, secret: pkcs1 }, /key file/],
    ['CVE-2026-34950: a public key after blanks', { issuer, audience, secret: ` \r\n${pem}` }, /key file/],
    [
      'CVE-2026-34950: a public key after a byte order mark',
      { issuer, audience, secret: `\uFEFF${pkcs1}` },
      /key file/,
    ],
    ['a JWK as secret', { issuer, audience, secret: JSON.stringify(jwks.keys[0]) }, /key file/],
    ['keys without a key', { issuer, audience, keys: { keys: [] } }, /no key/],
    ['keys that are all secret', { issuer, audience, keys: { keys: [{ kty: 'oct', k: 'AAAA' }] } }, /no key/],
    ['an empty list of issuers', { audience, issuers: [] }, /issuers is empty/],
    ['an issuer listed twice', { audience, issuers: [options, options] }, /listed twice/],
    ['more than a minute of leeway', { ...options, clockToleranceSeconds: 61 }, /clockToleranceSeconds/],
    ['a realm that breaks the challenge', { ...options, realm: 'a"b' }, /realm/],
  ]
  for (const [what, given, message] of wrong)
    test(what, () => assert.throws(() => createGuard(given), { name: 'TypeError', message }))

  test('an unknown algorithm', () => {
    const algorithms: string[] = ['none']
    // Possible in JavaScript only; it does not compile.
    assert.throws(
      () => Reflect.apply(createGuard, undefined, [{ ...options, algorithms }]),
      /algorithm is unknown/,
    )
  })
})

test('a token that is longer than all headers of a request is refused before it is parsed', async () => {
  const error = { name: 'InvalidTokenError', reasonCode: 'token_too_long' }
  await assert.rejects(createGuard(options).verify(`${'a'.repeat(16_385)}.b.c`), error)
})

test('a token whose published key cannot be imported is refused', async () => {
  const offTheCurve = { kty: 'EC', crv: 'P-256', kid: 'ec', x: 'AQ', y: 'AQ' }
  const guard = createGuard({ issuer, audience, keys: { keys: [offTheCurve] }, algorithms: ['ES256'] })
  const token = forge({ header: { alg: 'ES256', kid: 'ec' } })
  await assert.rejects(guard.verify(token), { name: 'InvalidTokenError', reasonCode: 'unusable_key' })
})

describe('accepted algorithms', () => {
  for (const algorithm of [
    'RS256',
    'RS384',
    'RS512',
    'PS256',
    'PS384',
    'PS512',
    'ES256',
    'ES384',
    'ES512',
    'EdDSA',
    'Ed25519',
  ] as const)
    test(algorithm, async () => {
      const source = await createTestIssuer({ algorithm })
      const guard = createGuard({
        issuer: source.issuer,
        audience: source.audience,
        keys: source.keys,
        algorithms: [algorithm],
      })
      assert.equal((await guard.verify(await source.token())).sub, 'auth0|test-user')
      await assert.rejects(guard.verify(await source.token({ fault: 'wrong-signature' })), InvalidTokenError)
    })

  for (const [alg, bytes, digest] of [
    ['HS256', 32, 'sha256'],
    ['HS384', 48, 'sha384'],
    ['HS512', 64, 'sha512'],
  ] as const)
    test(`${alg} with a secret, and only with it`, async () => {
      const secret = Buffer.alloc(bytes, 7)
      const guard = createGuard({ issuer, audience, secret, algorithms: [alg] })
      assert.equal(
        (await guard.verify(forge({ header: { alg, kid: undefined }, sign: withHmac(secret, digest) }))).sub,
        'user-1',
      )
      for (const wrong of [
        forge(),
        forge({ header: { alg }, sign: withHmac(Buffer.alloc(bytes), digest) }),
        forge({ header: { alg: 'none' }, sign: () => Buffer.alloc(0) }),
      ])
        await assert.rejects(guard.verify(wrong), InvalidTokenError)
    })
})

/** The addresses from which a guard with these options loads the keys for a valid token of this issuer. */
async function fetchedFor(given: Partial<GuardOptions>, iss: string): Promise<string[]> {
  const requested: string[] = []
  const discovery = { issuer: iss, jwks_uri: `${iss}keys` }
  const guard = createGuard({
    ...given,
    audience,
    fetch: async (url) => {
      requested.push(url)
      return Response.json(url.endsWith('openid-configuration') ? discovery : jwks)
    },
  })
  assert.equal((await guard.verify(forge({ claims: { iss } }))).issuer, iss)
  return requested
}

describe('the issuer', () => {
  for (const [domain, origin] of [
    ['tenant.eu.auth0.com', 'https://tenant.eu.auth0.com/'],
    ['tenant.eu.auth0.com/', 'https://tenant.eu.auth0.com/'],
    ['localhost:5050', 'https://localhost:5050/'],
    ['http://localhost:5050', 'http://localhost:5050/'],
    ['https://login.example.com/', 'https://login.example.com/'],
  ] as const)
    test(`domain ${domain} is the issuer ${origin}, with its keys at a fixed path`, async () => {
      assert.deepEqual(await fetchedFor({ domain }, origin), [`${origin}.well-known/jwks.json`])
    })

  test('the keys of an issuer are found by discovery', async () => {
    assert.deepEqual(
      await fetchedFor({ issuer: 'https://login.example.com/a/' }, 'https://login.example.com/a/'),
      ['https://login.example.com/a/.well-known/openid-configuration', 'https://login.example.com/a/keys'],
    )
  })

  test('a known jwksUri needs no discovery', async () => {
    assert.deepEqual(await fetchedFor({ issuer, jwksUri: 'https://keys.example.com/' }, issuer), [
      'https://keys.example.com/',
    ])
  })

  for (const [what, document] of Object.entries({
    'another issuer': { issuer: 'https://issuer.test', jwks_uri: 'https://issuer.test/keys' },
    'keys without TLS': { issuer, jwks_uri: 'http://issuer.test/keys' },
    'no keys': { issuer },
    nothing: null,
  }))
    test(`OpenID Connect Discovery 1.0 §4.3: a document that names ${what} is not used`, async () => {
      const warnings: unknown[] = []
      const guard = createGuard({
        issuer,
        audience,
        fetch: async (url) => Response.json(url.endsWith('openid-configuration') ? document : jwks),
        warn: (_message, cause) => warnings.push(cause),
      })
      await assert.rejects(guard.verify(forge()), KeysUnavailableError)
      assert.equal(warnings.length, 1)
    })
})

test('a subject is typed, complete and immutable', async () => {
  const guard = createGuard(options)
  const token = forge({
    claims: { permissions: ['read:a'], scope: 'openid  email', nested: { list: [{ deep: true }] } },
  })
  const subject = await guard.verify(token)
  assert.deepEqual(subject.permissions, ['read:a'])
  assert.deepEqual(subject.scope, ['openid', 'email'])
  assert.equal(subject.claims['client_id'], 'client')
  assert.equal(subject.issuer, issuer)
  for (const change of [
    () => Reflect.apply(Array.prototype.push, subject.permissions, ['read:admin-messages']),
    () => Object.assign(subject, { permissions: ['read:admin-messages'] }),
    () => Object.assign(subject.claims, { sub: 'admin' }),
    () => Reflect.apply(Array.prototype.push, subject.scope, ['admin']),
  ])
    assert.throws(change, TypeError)
  for (let use = 0; use < 3; use += 1) assert.deepEqual(await guard.verify(token), subject)
})
