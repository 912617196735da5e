import {
  base64url,
  calculateJwkThumbprint,
  compactVerify,
  decodeProtectedHeader,
  importJWK,
  type JWK,
} from 'jose'
import { InvalidProofError, InvalidTokenError } from '../bearer/errors.ts'
import type { Credentials } from '../bearer/token.ts'
import { keyFitsAlgorithm } from '../token/algorithms.ts'
import { parseJsonObject } from '../token/compact.ts'
import { isJsonObject } from '../token/json.ts'
import type { DpopRules, UsedProof } from './options.ts'
import { ProofMemory } from './replay.ts'

/**
 * What a proof is compared with, as an adapter sees it.
 *
 * @example
 * ```ts
 * import type { ProofRequest } from '@rolecall/guard'
 *
 * const request: ProofRequest = { method: 'GET', url: 'https://api.test/messages', proofs: undefined }
 * ```
 */
export interface ProofRequest {
  readonly method: string
  /** The absolute address of the request. The query does not count. */
  readonly url: string
  /** Value of the `DPoP` header, or every value when it was sent more than once. */
  readonly proofs: string | readonly string[] | undefined
}

const maxProofLength = 8_192
const maxIdLength = 128
/** Members of private and symmetric keys (RFC 7518 §6, RFC 8037 §2). */
const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k', 'priv']
/** In base64url characters: a modulus of 4,096 bits, and an exponent of 32. Larger ones make a verification slow. */
const maxRsa = { n: 683, e: 6 }

const encoder = new TextEncoder()

/**
 * Checks DPoP proofs (RFC 9449 §4.3).
 *
 * @example
 * ```ts
 * const rules = { required: false, publicUrl: undefined, maxAgeSeconds: 300, isFirstUse: undefined }
 * const checker = new ProofChecker({ ...rules, algorithms: ['ES256'] }, Date.now)
 * const request = { method: 'GET', url: 'https://api.test/', proofs: undefined }
 * await checker.check(request, token, 'thumbprint').catch((error) => error.reasonCode) // => 'missing_proof'
 * ```
 */
export class ProofChecker {
  readonly rules: DpopRules
  readonly #now: () => number
  readonly #isFirstUse: (proof: UsedProof) => boolean | Promise<boolean>

  constructor(rules: DpopRules, now: () => number) {
    this.rules = rules
    this.#now = now
    const memory = new ProofMemory(rules.maxAgeSeconds)
    this.#isFirstUse = rules.isFirstUse ?? ((proof) => memory.isFirstUse(proof, now() / 1000))
  }

  /** Whether a request with these credentials needs a proof. */
  appliesTo({ scheme }: Pick<Credentials, 'scheme'>): boolean {
    return scheme === 'DPoP' || this.rules.required
  }

  /**
   * Checks the proof of a request with a token that is verified and bound to the key of this thumbprint.
   *
   * @throws InvalidProofError, or InvalidTokenError when the proof is signed with another key
   */
  async check(request: ProofRequest, token: string, thumbprint: string): Promise<void> {
    const proof = onlyProof(request.proofs)
    const { claims, jwk } = await this.#verify(proof)
    if (claims['htm'] !== request.method) refuse('wrong_proof_method')
    if (!this.#isFor(claims['htu'], request.url)) refuse('wrong_proof_url')
    const { iat, jti } = claims
    if (typeof iat !== 'number' || typeof jti !== 'string' || jti === '' || jti.length > maxIdLength)
      refuse('malformed_proof')
    const expiresAtSeconds = iat + this.rules.maxAgeSeconds
    // Written so that an `iat` that is no finite number is refused too.
    if (!(Math.abs(this.#now() / 1000 - iat) <= this.rules.maxAgeSeconds)) refuse('proof_expired')
    if (claims['ath'] !== (await hash(token))) refuse('wrong_proof_token')
    if ((await calculateJwkThumbprint(jwk)) !== thumbprint) throw new InvalidTokenError('wrong_proof_key')
    if (!(await this.#isFirstUse({ thumbprint, jti, expiresAtSeconds }))) refuse('replayed_proof')
  }

  async #verify(proof: string): Promise<{ claims: Record<string, unknown>; jwk: JWK }> {
    const { alg, typ, jwk } = headerOf(proof)
    if (typ !== 'dpop+jwt') refuse('wrong_proof_type')
    const algorithm = this.rules.algorithms.find((accepted) => accepted === alg)
    if (algorithm === undefined) refuse('unaccepted_proof_algorithm')
    if (!isPublicKey(jwk) || !keyFitsAlgorithm(jwk, algorithm)) refuse('invalid_proof_key')
    const key = await importJWK(jwk, algorithm).catch((cause: unknown) => refuse('invalid_proof_key', cause))
    const { payload } = await compactVerify(proof, key, { algorithms: [algorithm] }).catch((cause: unknown) =>
      refuse('invalid_proof_signature', cause),
    )
    return { claims: parseJsonObject(payload) ?? refuse('malformed_proof'), jwk }
  }

  #isFor(htu: unknown, requested: string): boolean {
    const url = addressOf(requested)
    const { publicUrl } = this.rules
    if (typeof htu !== 'string' || url === undefined) return false
    if (publicUrl === undefined) return addressOf(htu) === url
    return addressOf(htu) === addressOf(publicUrl.href.replace(/\/$/, '') + new URL(url).pathname)
  }
}

/** RFC 9449 §4.3, check 1. `Headers` of fetch joins two header fields with a comma, which no JWT has. */
function onlyProof(proofs: ProofRequest['proofs']): string {
  const [proof, second] = typeof proofs === 'string' ? [proofs] : (proofs ?? [])
  if (proof === undefined || proof === '') refuse('missing_proof')
  if (second !== undefined || proof.includes(',')) refuse('repeated_proof')
  if (proof.length > maxProofLength) refuse('malformed_proof')
  return proof
}

function headerOf(proof: string): Record<string, unknown> {
  try {
    return decodeProtectedHeader(proof)
  } catch (cause) {
    return refuse('malformed_proof', cause)
  }
}

function isPublicKey(jwk: unknown): jwk is JWK & { kty: string } {
  if (!isJsonObject(jwk) || typeof jwk['kty'] !== 'string') return false
  if (privateMembers.some((member) => Object.hasOwn(jwk, member))) return false
  return Object.entries(maxRsa).every(([member, limit]) => {
    const value = jwk[member]
    return value === undefined || (typeof value === 'string' && value.length <= limit)
  })
}

/** Without query and fragment, and normalized (RFC 9449 §4.3, check 9; RFC 3986 §6.2.2 and §6.2.3). */
function addressOf(text: string): string | undefined {
  if (!URL.canParse(text)) return undefined
  const { origin, pathname } = new URL(text)
  return origin + pathname.replaceAll(/%[\da-f]{2}/gi, (encoded) => encoded.toUpperCase())
}

/** Claim `ath` (RFC 9449 §4.2). */
async function hash(token: string): Promise<string> {
  return base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(token))))
}

function refuse(reasonCode: InvalidProofError['reasonCode'], cause?: unknown): never {
  throw new InvalidProofError(reasonCode, cause)
}
