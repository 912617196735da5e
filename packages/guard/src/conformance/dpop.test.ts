import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { reasons } from '../bearer/errors.ts'
import type { DpopOptions } from '../dpop/options.ts'
import { ProofMemory } from '../dpop/replay.ts'
import { createGuard, type Guard } from '../guard.ts'
import { createTestProofKey } from '../testing/index.ts'
import { apps } from './apps.ts'
import { assertRefused, bearer, observedGuard } from './assertions.ts'
import { badProofs, bound, key, nowSeconds } from './bad-proofs.ts'
import { audience, forge, issuer, jwks } from './forge.ts'
import { get } from './request.ts'
import type { RunningApp } from './running-app.ts'

const algs = 'algs="ES256 Ed25519 EdDSA"'

const make = (dpop?: DpopOptions | false): Guard =>
  observedGuard({ issuer, audience, keys: jwks, ...(dpop !== undefined && { dpop }) })

function onEach(
  what: string,
  dpop: DpopOptions | false | undefined,
  run: (app: RunningApp) => Promise<void>,
) {
  for (const [name, start] of Object.entries(apps))
    test(`${name}: ${what}`, { timeout: 60_000 }, async () => {
      const app = await start(make(dpop))
      // The first requests compile what later ones are timed on.
      for (const headers of [[], bearer(forge())]) await get(app.port, '/protected', headers)
      try {
        await run(app)
      } finally {
        await app.close()
      }
    })
}

const dpop = (proof: string, token = bound) => ['Authorization', `DPoP ${token}`, 'DPoP', proof]
const at = ({ port }: RunningApp, path = '/protected') => `http://127.0.0.1:${port}${path}`

describe('DPoP on every adapter', () => {
  onEach(
    'RFC 9449 §7.1: a bound token with its proof is accepted, in any case of the scheme',
    undefined,
    async (app) => {
      for (const scheme of ['DPoP', 'dpop', 'DPOP'])
        for (let use = 0; use < 3; use += 1) {
          const proof = await key.proof({ method: 'GET', url: at(app), token: bound })
          const answer = await get(app.port, '/protected?page=1', [
            'Authorization',
            `${scheme} ${bound}`,
            'DPoP',
            proof,
          ])
          assert.deepEqual([answer.status, answer.body], [200, { sub: 'user-1' }])
          assert.equal(answer.headers['cache-control'], 'no-store')
        }
      const proof = await key.proof({ method: 'GET', url: at(app, '/optional'), token: bound })
      assert.deepEqual((await get(app.port, '/optional', dpop(proof))).body, { sub: 'user-1' })
      assert.equal((await get(app.port, '/public', dpop('garbage'))).status, 200)
    },
  )

  onEach('RFC 9449 §4.3: every bad proof is refused', undefined, async (app) => {
    const bad = await badProofs(at(app))
    const covered = new Set<string>(Object.values(bad).map(({ reasonCode }) => reasonCode))
    for (const reasonCode of ['missing_proof', 'repeated_proof', 'replayed_proof', 'wrong_proof_key'])
      covered.add(reasonCode)
    assert.deepEqual(
      [...covered].toSorted(),
      [...Object.keys(reasons.invalid_dpop_proof), 'wrong_proof_key'].toSorted(),
    )
    // The token is cached from its second use on; its proofs are checked all the same.
    for (let use = 0; use < 3; use += 1) {
      const good = await key.proof({ method: 'GET', url: at(app), token: bound })
      assert.equal((await get(app.port, '/protected', dpop(good))).status, 200)
    }
    for (const [what, { reasonCode, proof }] of Object.entries(bad)) {
      const answer = await get(app.port, '/protected', dpop(proof))
      assertRefused(answer, 401, reasonCode, what, bound)
      const error = reasonCode === 'wrong_proof_key' ? 'invalid_token' : 'invalid_dpop_proof'
      assert.match(
        answer.headers['www-authenticate'] ?? '',
        new RegExp(`^DPoP error="${error}", error_description="[^"]+", ${algs}$`),
        what,
      )
    }
  })

  onEach('RFC 9449 §4.3, §11.1: one proof, used once', undefined, async (app) => {
    const proof = await key.proof({ method: 'GET', url: at(app), token: bound })
    const second = await key.proof({ method: 'GET', url: at(app), token: bound })
    assertRefused(await get(app.port, '/protected', ['Authorization', `DPoP ${bound}`]), 401, 'missing_proof')
    assertRefused(await get(app.port, '/protected', dpop('')), 401, 'missing_proof')
    assertRefused(await get(app.port, '/protected', [...dpop(proof), 'DPoP', second]), 401, 'repeated_proof')
    assert.equal((await get(app.port, '/protected', dpop(proof))).status, 200)
    assertRefused(await get(app.port, '/protected', dpop(proof)), 401, 'replayed_proof')
    assert.equal((await get(app.port, '/protected', dpop(second))).status, 200)
  })

  onEach('RFC 9449 §7.2: no downgrade to Bearer, and no proof for a bearer token', undefined, async (app) => {
    const proof = () => key.proof({ method: 'GET', url: at(app), token: bound })
    const unbound = forge()
    const ofUnbound = await key.proof({ method: 'GET', url: at(app), token: unbound })
    for (let use = 0; use < 3; use += 1) {
      assertRefused(await get(app.port, '/protected', bearer(bound)), 401, 'key_bound_token')
      assertRefused(
        await get(app.port, '/protected', [...bearer(bound), 'DPoP', await proof()]),
        401,
        'key_bound_token',
      )
      assert.equal((await get(app.port, '/protected', dpop(await proof()))).status, 200)
      assert.equal((await get(app.port, '/protected', bearer(unbound))).status, 200)
      assertRefused(await get(app.port, '/protected', dpop(ofUnbound, unbound)), 401, 'unbound_token')
    }
    for (const cnf of [{}, { jkt: 1 }, { 'x5t#S256': key.thumbprint }, null, [key.thumbprint]]) {
      const token = forge({ claims: { cnf } })
      const itsProof = await key.proof({ method: 'GET', url: at(app), token })
      assertRefused(
        await get(app.port, '/protected', dpop(itsProof, token)),
        401,
        'unbound_token',
        JSON.stringify(cnf),
      )
    }
  })

  onEach('two credentials in one request are 400, whatever their schemes', undefined, async (app) => {
    for (const [one, two] of [
      [`DPoP ${bound}`, `Bearer ${forge()}`],
      [`Bearer ${forge()}`, `DPoP ${bound}`],
      [`DPoP ${bound}`, `DPoP ${bound}`],
      ['Basic dTpw', `DPoP ${bound}`],
    ]) {
      const proof = await key.proof({ method: 'GET', url: at(app), token: bound })
      for (const headers of [
        ['Authorization', one ?? '', 'Authorization', two ?? ''],
        ['Authorization', `${one}, ${two}`],
      ])
        assert.equal((await get(app.port, '/optional', [...headers, 'DPoP', proof])).status, 400)
    }
  })

  onEach('RFC 9449 §7.1: a missing permission is answered with the scheme DPoP', undefined, async (app) => {
    const proof = await key.proof({ method: 'GET', url: at(app, '/admin'), token: bound })
    const answer = await get(app.port, '/admin', dpop(proof))
    assertRefused(answer, 403, 'missing_permission')
    assert.match(answer.headers['www-authenticate'] ?? '', /^DPoP error="insufficient_scope"/)
  })

  onEach('`dpop.required` refuses every request without proof', { required: true }, async (app) => {
    const answer = await get(app.port, '/protected')
    assertRefused(answer, 401, 'missing_token')
    assert.equal(answer.headers['www-authenticate'], `DPoP ${algs}`)
    for (const token of [forge(), bound])
      assertRefused(await get(app.port, '/protected', bearer(token)), 401, 'missing_proof')
    const proof = await key.proof({ method: 'GET', url: at(app), token: bound })
    assert.equal((await get(app.port, '/protected', dpop(proof))).status, 200)
    assert.equal((await get(app.port, '/optional')).status, 200)
  })

  test('`dpop.required` refuses a bearer token that `verify` has cached', async () => {
    const guard = make({ required: true })
    const token = forge()
    // A token is cached from its second use on.
    for (let use = 0; use < 3; use += 1) await guard.verify(token)
    assert.equal(guard.cached.entries, 1)
    const app = await apps['node:http']?.(guard)
    assert.ok(app)
    try {
      assertRefused(await get(app.port, '/protected', bearer(token)), 401, 'missing_proof')
    } finally {
      await app.close()
    }
  })

  onEach('`dpop: false` knows no scheme DPoP', false, async (app) => {
    const proof = await key.proof({ method: 'GET', url: at(app), token: bound })
    assertRefused(await get(app.port, '/protected', dpop(proof)), 401, 'missing_token')
    assert.deepEqual((await get(app.port, '/optional', dpop(proof))).body, { sub: null })
  })

  onEach(
    '`dpop.publicUrl` is what proofs are for, whatever the Host header says',
    { publicUrl: 'https://api.example.com/v1/' },
    async (app) => {
      const proofFor = (url: string) => key.proof({ method: 'GET', url, token: bound })
      for (const url of [
        'https://api.example.com/v1/protected',
        'https://API.example.com:443/v1/x/../protected?page=2#top',
      ])
        assert.equal((await get(app.port, '/protected?page=1', dpop(await proofFor(url)))).status, 200, url)
      for (const url of [at(app), 'https://api.example.com/protected', 'http://api.example.com/v1/protected'])
        assertRefused(
          await get(app.port, '/protected', dpop(await proofFor(url))),
          401,
          'wrong_proof_url',
          url,
        )
    },
  )
})

describe('the options of DPoP', () => {
  test('each is checked when the guard is created', () => {
    for (const wrong of [
      { publicUrl: 'api.example.com' },
      { publicUrl: 'ftp://api.example.com' },
      { publicUrl: 'https://api.example.com/?x' },
      { algorithms: [] },
      { algorithms: ['HS256' as 'RS256'] },
      { algorithms: ['none' as 'RS256'] },
      { maxAgeSeconds: 0 },
      { maxAgeSeconds: 301 },
      { maxAgeSeconds: Number.NaN },
    ])
      assert.throws(() => createGuard({ issuer, audience, keys: jwks, dpop: wrong }), /dpop\./)
  })

  const request = async (guard: Guard, proof: string) =>
    guard.authorize(`DPoP ${bound}`, { kind: 'authenticated' }, () => ({
      method: 'GET',
      path: '/',
      params: {},
      request: undefined,
      proof: () => ({ method: 'GET', url: 'https://api.test/', proofs: proof }),
    }))
  const proofAt = (claims: Record<string, unknown> = {}) =>
    key.proof({ method: 'GET', url: 'https://api.test/', token: bound, claims })

  test('`isFirstUse` decides on replays, and a proof is accepted only when it says so', async () => {
    const seen: { expiresAtSeconds: number }[] = []
    let answer: boolean | Error = true
    const guard = make({
      isFirstUse: async (proof) => {
        seen.push(proof)
        if (answer instanceof Error) throw answer
        return answer
      },
    })
    const now = nowSeconds()
    const proof = await proofAt({ jti: 'one', iat: now })
    await request(guard, proof)
    const expiresAtSeconds = seen[0]?.expiresAtSeconds ?? 0
    assert.ok(expiresAtSeconds >= now + 300 && expiresAtSeconds <= nowSeconds() + 300)
    assert.deepEqual(seen, [{ thumbprint: key.thumbprint, jti: 'one', expiresAtSeconds }])
    answer = false
    await assert.rejects(request(guard, proof), { reasonCode: 'replayed_proof' })
    answer = new Error('the store is away')
    await assert.rejects(request(guard, proof), answer)
    assert.equal(seen.length, 3)
  })

  test('`maxAgeSeconds` bounds the age of a proof in both directions', async () => {
    const guard = make({ maxAgeSeconds: 30 })
    for (const age of [-20, 0, 20]) await request(guard, await proofAt({ iat: nowSeconds() + age }))
    for (const age of [-45, 45])
      await assert.rejects(request(guard, await proofAt({ iat: nowSeconds() + age })), {
        reasonCode: 'proof_expired',
      })
  })

  test('`algorithms` accepts others, RSA keys up to 4,096 bits', async () => {
    const rsa = await createTestProofKey('PS256')
    const guard = make({ algorithms: ['PS256'] })
    const token = forge({ claims: { cnf: { jkt: rsa.thumbprint } } })
    const view = (proofs: string) => () => ({
      method: 'GET',
      path: '/',
      params: {},
      request: undefined,
      proof: () => ({ method: 'GET', url: 'https://api.test/', proofs }),
    })
    const good = { method: 'GET', url: 'https://api.test/', token }
    assert.ok(await guard.authorize(`DPoP ${token}`, { kind: 'authenticated' }, view(await rsa.proof(good))))
    for (const jwk of [
      { kty: 'RSA', e: 'AQAB', n: 'a'.repeat(2_731) },
      { kty: 'RSA', e: 'A'.repeat(300), n: 'a'.repeat(342) },
    ]) {
      const proof = await rsa.proof({ ...good, header: { jwk } })
      const answer = guard.authorize(`DPoP ${token}`, { kind: 'authenticated' }, view(proof))
      await assert.rejects(Promise.resolve(answer), { reasonCode: 'invalid_proof_key' })
    }
  })

  test('a guard that is not told the request refuses the scheme DPoP', async () => {
    const view = () => ({ method: 'GET', path: '/', params: {}, request: undefined })
    const answer = make().authorize(`DPoP ${bound}`, { kind: 'authenticated' }, view)
    await assert.rejects(Promise.resolve(answer), { reasonCode: 'missing_proof' })
    await assert.rejects(make().verify(bound), { reasonCode: 'key_bound_token' })
  })

  test('the memory of proofs is bounded, and keeps each as long as it could be replayed', () => {
    const memory = new ProofMemory(300, 1_000)
    const proof = (jti: string) => ({ thumbprint: 'key', jti, expiresAtSeconds: 0 })
    for (let index = 0; index < 5_000; index += 1) memory.isFirstUse(proof(`flood ${index}`), 0)
    assert.ok(memory.size <= 1_000)
    assert.equal(memory.isFirstUse(proof('flood 4999'), 0), false)
    const quiet = new ProofMemory(300, 1_000)
    assert.equal(quiet.isFirstUse(proof('early'), 10_000), true)
    assert.equal(quiet.isFirstUse(proof('late'), 10_599), true)
    assert.equal(quiet.isFirstUse(proof('early'), 10_599), false)
    assert.equal(quiet.isFirstUse(proof('later'), 10_601), true)
    assert.equal(quiet.isFirstUse(proof('late'), 11_198), false)
    assert.equal(quiet.isFirstUse({ ...proof('late'), thumbprint: 'other key' }, 11_198), true)
  })
})
