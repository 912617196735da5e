/**
 * Tells a token that comes again from a new one, so that what is used but once pushes nothing out of the cache
 * (Einziger, Friedman and Manes, "TinyLFU", 2017, §3.4.2). It goes by places: of two that share one, both seem known.
 */
export class Doorkeeper {
  readonly #slots: Int32Array
  readonly #shift: number

  /** @param most how many the cache can hold: some 16 bytes are set aside for each, up to 16 MB */
  constructor(most: number) {
    const bits = Math.ceil(Math.log2(Math.min(Math.max(4 * most, 2), 2 ** 22)))
    this.#slots = new Int32Array(2 ** bits)
    this.#shift = 32 - bits
  }

  /** Whether this one is remembered from before. */
  knows(place: number): boolean {
    // Fibonacci hashing (Knuth, The Art of Computer Programming, vol. 3, §6.4).
    const slot = Math.imul(place, 0x9e37_79b1) >>> this.#shift
    const remembered = this.#slots[slot]
    if (remembered === place) return true
    // By chance, or two of one slot that take turns would never be known.
    if (remembered === 0 || Math.random() < 0.5) this.#slots[slot] = place
    return false
  }
}
