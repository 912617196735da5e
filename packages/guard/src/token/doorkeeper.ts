/**
 * Remembers which tokens were used before, so that tokens that are used once do not fill the cache (Einziger, Friedman and
 * Manes, "TinyLFU", 2017, §3.4.2). It compares hashes: two tokens with the same hash count as one.
 *
 * @example
 * ```ts
 * const doorkeeper = new Doorkeeper(1_000)
 * doorkeeper.sawBefore(42) // => false
 * doorkeeper.sawBefore(42) // => true
 * ```
 */
export class Doorkeeper {
  readonly #slots: Int32Array
  readonly #shift: number

  /** @param maxEntries how many tokens the cache can hold. Takes about 16 bytes for each, at most 16 MB */
  constructor(maxEntries: number) {
    const bits = Math.ceil(Math.log2(Math.min(Math.max(4 * maxEntries, 2), 2 ** 22)))
    this.#slots = new Int32Array(2 ** bits)
    this.#shift = 32 - bits
  }

  /** Whether this hash was passed before. Remembers it if not. */
  sawBefore(hash: number): boolean {
    // Fibonacci hashing (Knuth, The Art of Computer Programming, vol. 3, §6.4).
    const slot = Math.imul(hash, 0x9e37_79b1) >>> this.#shift
    const remembered = this.#slots[slot]
    if (remembered === hash) return true
    // At random: two hashes that alternate in one slot would otherwise replace each other every time.
    if (remembered === 0 || Math.random() < 0.5) this.#slots[slot] = hash
    return false
  }
}
