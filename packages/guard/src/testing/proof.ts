import { createHash, randomUUID } from 'node:crypto'
import { CompactSign, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { AsymmetricAlgorithm } from '../token/algorithms.ts'

/**
 * The contents of a proof of {@link createTestProofKey}.
 *
 * @example
 * ```ts
 * import { createTestProofKey, type ProofOptions } from '@rolecall/guard/testing'
 *
 * const old: ProofOptions = { method: 'GET', url: 'https://api.test/', token, claims: { iat: 1 } }
 * const stale = await (await createTestProofKey()).proof(old)
 * ```
 */
export interface ProofOptions {
  method: string
  url: string
  /** The access token of the request. Not given at a token endpoint. */
  token?: string
  /** Further claims, or other values for the default ones. `undefined` omits a claim. */
  claims?: Readonly<Record<string, unknown>>
  /** Further header parameters, or other values for the default ones. `undefined` omits a parameter. */
  header?: Readonly<Record<string, unknown>>
}

/**
 * A key of a client that uses DPoP (RFC 9449).
 *
 * @example
 * ```ts
 * import { createTestProofKey, type TestProofKey } from '@rolecall/guard/testing'
 *
 * const key: TestProofKey = await createTestProofKey()
 * const bound = await issuer.token({ claims: { cnf: { jkt: key.thumbprint } } })
 * const url = 'https://api.test/'
 * const headers = { authorization: `DPoP ${bound}`, dpop: await key.proof({ method: 'GET', url, token: bound }) }
 * ```
 */
export interface TestProofKey {
  /** SHA-256 thumbprint (RFC 7638), for `cnf.jkt` of a token. */
  readonly thumbprint: string
  /** A signed proof, each with a new identifier. */
  proof(options: ProofOptions): Promise<string>
}

/**
 * Creates a new key of a client that uses DPoP.
 *
 * @example
 * ```ts
 * import { createTestProofKey } from '@rolecall/guard/testing'
 *
 * const key = await createTestProofKey()
 * const proof = await key.proof({ method: 'POST', url: 'https://issuer.test/oauth/token' })
 * ```
 */
export async function createTestProofKey(algorithm: AsymmetricAlgorithm = 'ES256'): Promise<TestProofKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  const jwk = await exportJWK(publicKey)
  return {
    thumbprint: await calculateJwkThumbprint(jwk),
    proof: ({ method, url, token, claims, header }) => {
      const ath = token === undefined ? undefined : createHash('sha256').update(token).digest('base64url')
      const payload = {
        htm: method,
        htu: url,
        iat: Math.floor(Date.now() / 1000),
        jti: randomUUID(),
        ath,
        ...claims,
      }
      return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
        .setProtectedHeader({ alg: algorithm, typ: 'dpop+jwt', jwk, ...header })
        .sign(privateKey)
    },
  }
}
