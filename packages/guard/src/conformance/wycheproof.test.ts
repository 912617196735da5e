import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, test } from 'node:test'
import { createGuard, InvalidTokenError } from '../index.ts'
import { isVerificationJwk } from '../token/key-ring.ts'
import { audience, issuer } from './forge.ts'

/*
 * Project Wycheproof's vectors for JSON Web Signature that concern RS256 and ES256, as published. Their payloads are no
 * claims, so that no guard can accept one: a vector is valid here when the guard gets as far as missing the claims,
 * which it looks for only behind a signature that holds.
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

/** Right as a JWS, but a JWT has claims: the guard refuses these unread. */
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
  // A key that is there is used whoever the token is from; only to ask for one it would have to name the issuer.
  await guard.refreshKeys()
  const refusal: unknown = await guard.verify(jws).then(
    () => assert.fail('A token without claims was accepted'),
    (error: unknown) => error,
  )
  assert.ok(refusal instanceof InvalidTokenError, String(refusal))
  return refusal.message === 'The token carries no claims'
}

for (const { comment, public: key, tests } of groups)
  describe(`Wycheproof, ${comment} with key ${String(key['kid'])}`, () => {
    for (const { tcId, comment: what, jws, result } of tests)
      test(`${tcId} ${what}: ${result}`, async () =>
        assert.equal(await holds(jws, key), result === 'valid' && !noJwt.has(tcId)))
  })
