import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { createGuard, InvalidTokenError } from '../index.ts'
import { isVerificationJwk } from '../token/key-ring.ts'
import { audience, issuer } from './forge.ts'

/*
 * Project Wycheproof's vectors for JSON Web Signature that concern RS256 and ES256, as published. Their payloads are no
 * claims, so no guard can accept one: a vector counts as valid when the guard misses the claims, which it parses only after
 * the signature was verified.
 */
interface Vector {
  tcId: number
  comment: string
  jws: string
  result: 'valid' | 'invalid'
}

interface Group {
  comment: string
  public: Record<string, unknown>
  tests: Vector[]
}

/** A valid JWS with an empty payload, which the guard refuses before the signature. */
const noJwt: ReadonlySet<number> = new Set([259])

const file = new URL('./wycheproof.json', import.meta.url)
const { groups }: { groups: Group[] } = JSON.parse(await readFile(file, 'utf8'))

async function holds(jws: string, key: Record<string, unknown>): Promise<boolean> {
  const make = () => createGuard({ issuer, audience, keys: { keys: [key] }, algorithms: ['RS256', 'ES256'] })
  // Four groups have keys for encryption alone: no guard is made with such.
  if (!isVerificationJwk(key)) {
    assert.throws(make, /hold no key that can verify a signature/)
    return false
  }
  const guard = make()
  // A known key is used for any token. To cause a load of keys, a token would have to name the issuer.
  await guard.refreshKeys()
  const refusal: unknown = await guard.verify(jws).then(
    () => assert.fail('A token without claims was accepted'),
    (error: unknown) => error,
  )
  assert.ok(refusal instanceof InvalidTokenError, String(refusal))
  return refusal.reasonCode === 'malformed_claims'
}

for (const { comment, public: key, tests } of groups)
  describe(`Wycheproof, ${comment} with key ${String(key['kid'])}`, () => {
    for (const { tcId, comment: what, jws, result } of tests)
      test(`${tcId} ${what}: ${result}`, async () =>
        assert.equal(await holds(jws, key), result === 'valid' && !noJwt.has(tcId)))
  })
