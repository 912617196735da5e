/** Signature algorithms the guard can be told to accept (RFC 7518 §3.1, RFC 8037 §3.1, RFC 9864 §2.2). */
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

export type SymmetricAlgorithm = 'HS256' | 'HS384' | 'HS512'

export type Algorithm = AsymmetricAlgorithm | SymmetricAlgorithm

/** The one kind of key an algorithm may be used with: RFC 8725 §3.1 and §3.2, one key serves one algorithm. */
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

/** A key as short as its hash is the least RFC 7518 §3.2 allows. */
export const minimumSecretBytes: Record<SymmetricAlgorithm, number> = { HS256: 32, HS384: 48, HS512: 64 }

export function isAsymmetric(algorithm: string): algorithm is AsymmetricAlgorithm {
  return Object.hasOwn(keyKinds, algorithm)
}

export function isSymmetric(algorithm: string): algorithm is SymmetricAlgorithm {
  return Object.hasOwn(minimumSecretBytes, algorithm)
}

/** Whether a published key may verify this algorithm at all, judged by its type and curve. */
export function keyFitsAlgorithm(jwk: { kty?: unknown; crv?: unknown }, algorithm: string): boolean {
  if (!isAsymmetric(algorithm)) return false
  const kind = keyKinds[algorithm]
  return jwk.kty === kind.kty && (kind.crv === undefined || jwk.crv === kind.crv)
}
