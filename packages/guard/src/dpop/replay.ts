import type { UsedProof } from './options.ts'

const maxProofs = 100_000

/**
 * Remembers used proofs until they expire, in bounded memory: two sets, of which the older one is dropped as a whole. When
 * a set fills up before its proofs expire, the oldest proofs are forgotten early.
 *
 * @example
 * ```ts
 * const memory = new ProofMemory(300)
 * const proof = { thumbprint: 'a', jti: 'b', expiresAtSeconds: 300 }
 * memory.isFirstUse(proof, 0) // => true
 * memory.isFirstUse(proof, 1) // => false
 * ```
 */
export class ProofMemory {
  readonly #lifetimeSeconds: number
  readonly #limit: number
  #current = new Set<string>()
  #previous = new Set<string>()
  #rotatedAt = 0

  /** @param maxAgeSeconds how far `iat` may be from the clock, in both directions */
  constructor(maxAgeSeconds: number, limit: number = maxProofs) {
    this.#lifetimeSeconds = 2 * maxAgeSeconds
    this.#limit = limit
  }

  get size(): number {
    return this.#current.size + this.#previous.size
  }

  /** Remembers the proof. Returns whether it was unknown. */
  isFirstUse({ thumbprint, jti }: UsedProof, nowSeconds: number): boolean {
    const id = `${thumbprint} ${jti}`
    if (this.#current.has(id) || this.#previous.has(id)) return false
    const isOld = nowSeconds - this.#rotatedAt >= this.#lifetimeSeconds
    if (isOld || this.#current.size >= this.#limit / 2) this.#rotate(nowSeconds)
    this.#current.add(id)
    return true
  }

  #rotate(nowSeconds: number): void {
    this.#previous = this.#current
    this.#current = new Set()
    this.#rotatedAt = nowSeconds
  }
}
