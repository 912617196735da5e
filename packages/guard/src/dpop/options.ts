import { type AsymmetricAlgorithm, isAsymmetric } from '../token/algorithms.ts'
import { inRange } from '../token/range.ts'

/**
 * How a guard treats tokens that are bound to a key of the client (DPoP, RFC 9449).
 *
 * @example
 * ```ts
 * import { createGuard, type DpopOptions } from '@rolecall/guard'
 *
 * const dpop: DpopOptions = { required: true, publicUrl: 'https://api.example.com' }
 * createGuard({ domain: 'tenant.eu.auth0.com', audience: 'https://api.test', dpop })
 * ```
 */
export interface DpopOptions {
  /** Refuse tokens that are not bound to a key. Default: false. */
  required?: boolean
  /**
   * The address under which clients reach the API: an origin, or an origin with the path that a proxy removes. Set it behind
   * a proxy. Without it the address is taken from the connection and the `Host` header, which a caller chooses.
   */
  publicUrl?: string
  /** Algorithms of proofs. Default: `['ES256', 'Ed25519', 'EdDSA']`. */
  algorithms?: readonly AsymmetricAlgorithm[]
  /** Greatest difference between `iat` of a proof and the clock, in seconds: 1 to 300. Default: 300. */
  maxAgeSeconds?: number
  /**
   * Whether a proof is used for the first time. Default: a memory of this process, of the last 100,000 proofs. Give a
   * function when several processes serve the API and share a store.
   */
  isFirstUse?: (proof: UsedProof) => boolean | Promise<boolean>
}

/**
 * A valid proof, for {@link DpopOptions.isFirstUse}. `thumbprint` and `jti` together identify it.
 *
 * @example
 * ```ts
 * import type { UsedProof } from '@rolecall/guard'
 *
 * const used = new Set<string>()
 * const isFirstUse = ({ thumbprint, jti }: UsedProof) => used.size < used.add(`${thumbprint} ${jti}`).size
 * isFirstUse({ thumbprint: 'a', jti: 'b', expiresAtSeconds: 60 }) // => true
 * isFirstUse({ thumbprint: 'a', jti: 'b', expiresAtSeconds: 60 }) // => false
 * ```
 */
export interface UsedProof {
  /** SHA-256 thumbprint of the key (RFC 7638). */
  readonly thumbprint: string
  readonly jti: string
  /** Seconds since the epoch. From then on the proof is refused for its age. */
  readonly expiresAtSeconds: number
}

/** The validated options. */
export interface DpopRules {
  required: boolean
  publicUrl: URL | undefined
  algorithms: readonly AsymmetricAlgorithm[]
  maxAgeSeconds: number
  isFirstUse: DpopOptions['isFirstUse']
}

/**
 * Validates the options of DPoP, and sets their defaults.
 *
 * @throws TypeError naming the faulty option
 *
 * @example
 * ```ts
 * parseDpopOptions({ publicUrl: 'https://api.example.com' }).algorithms // => ['ES256', 'Ed25519', 'EdDSA']
 * ```
 */
export function parseDpopOptions(options: DpopOptions = {}): DpopRules {
  const {
    required = false,
    publicUrl,
    algorithms = ['ES256', 'Ed25519', 'EdDSA'],
    maxAgeSeconds = 300,
  } = options
  if (algorithms.length === 0 || !algorithms.every(isAsymmetric))
    throw new TypeError('dpop.algorithms must name algorithms with a public key')
  return {
    required,
    publicUrl: publicUrl === undefined ? undefined : parsePublicUrl(publicUrl),
    algorithms,
    maxAgeSeconds: inRange(maxAgeSeconds, 1, 300, 'dpop.maxAgeSeconds'),
    isFirstUse: options.isFirstUse,
  }
}

function parsePublicUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !/^https?:$/.test(url.protocol) || url.search !== '' || url.hash !== '')
    throw new TypeError('dpop.publicUrl must be an http or https URL without query')
  return url
}
