/**
 * Signature algorithms with a public key that a guard can accept (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2).
 *
 * @example
 * ```ts
 * import type { AsymmetricAlgorithm } from '@rolecall/guard'
 *
 * const algorithms: AsymmetricAlgorithm[] = ['RS256', 'ES256']
 * ```
 */
export type AsymmetricAlgorithm =
  | 'RS256'
  | 'RS384'
  | 'RS512'
  | 'PS256'
  | 'PS384'
  | 'PS512'
  | 'ES256'
  | 'ES384'
  | 'ES512'
  | 'EdDSA'
  | 'Ed25519'

/**
 * Signature algorithms with a shared secret that a guard can accept (RFC 7518 §3.2).
 *
 * @example
 * ```ts
 * import type { SymmetricAlgorithm } from '@rolecall/guard'
 *
 * const algorithm: SymmetricAlgorithm = 'HS256'
 * ```
 */
export type SymmetricAlgorithm = 'HS256' | 'HS384' | 'HS512'

/**
 * Signature algorithms that a guard can accept. One guard accepts either those with public keys or those with a secret.
 *
 * @example
 * ```ts
 * import { type Algorithm, createGuard } from '@rolecall/guard'
 *
 * const algorithms: Algorithm[] = ['ES256']
 * createGuard({ domain: 'tenant.eu.auth0.com', audience: 'https://api.test', algorithms })
 * ```
 */
export type Algorithm = AsymmetricAlgorithm | SymmetricAlgorithm

/** The kind of key that an algorithm uses (RFC 8725 §3.1 and §3.2: one key is used with one algorithm). */
const keyKinds: Record<AsymmetricAlgorithm, { kty: 'RSA' | 'EC' | 'OKP'; crv?: string }> = {
  RS256: { kty: 'RSA' },
  RS384: { kty: 'RSA' },
  RS512: { kty: 'RSA' },
  PS256: { kty: 'RSA' },
  PS384: { kty: 'RSA' },
  PS512: { kty: 'RSA' },
  ES256: { kty: 'EC', crv: 'P-256' },
  ES384: { kty: 'EC', crv: 'P-384' },
  ES512: { kty: 'EC', crv: 'P-521' },
  EdDSA: { kty: 'OKP', crv: 'Ed25519' },
  Ed25519: { kty: 'OKP', crv: 'Ed25519' },
}

/** The shortest secret of an algorithm, in bytes: as long as its hash (RFC 7518 §3.2). */
export const minimumSecretBytes: Record<SymmetricAlgorithm, number> = { HS256: 32, HS384: 48, HS512: 64 }

/**
 * Whether the algorithm is one with a public key.
 *
 * @example
 * ```ts
 * isAsymmetric('RS256') // => true
 * isAsymmetric('none') // => false
 * ```
 */
export function isAsymmetric(algorithm: string): algorithm is AsymmetricAlgorithm {
  return Object.hasOwn(keyKinds, algorithm)
}

/**
 * Whether the algorithm is one with a shared secret.
 *
 * @example
 * ```ts
 * isSymmetric('HS256') // => true
 * ```
 */
export function isSymmetric(algorithm: string): algorithm is SymmetricAlgorithm {
  return Object.hasOwn(minimumSecretBytes, algorithm)
}

/**
 * Whether a published key can verify this algorithm, by its type and curve (RFC 7517 §4.1, RFC 7518 §6.2.1.1).
 *
 * @example
 * ```ts
 * keyFitsAlgorithm({ kty: 'EC', crv: 'P-256' }, 'ES256') // => true
 * keyFitsAlgorithm({ kty: 'EC', crv: 'P-256' }, 'RS256') // => false
 * ```
 */
export function keyFitsAlgorithm(jwk: { kty?: unknown; crv?: unknown }, algorithm: string): boolean {
  if (!isAsymmetric(algorithm)) return false
  const kind = keyKinds[algorithm]
  return jwk.kty === kind.kty && (kind.crv === undefined || jwk.crv === kind.crv)
}
