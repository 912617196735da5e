/** What the cache counts against its byte limit for an entry, beside the token's own length. */
const entryOverheadBytes = 1024

interface Entry<Value> {
  readonly value: Value
  readonly bytes: number
  /** Milliseconds since the epoch at which the entry stops counting. */
  readonly expiresAt: number
  /** Used since the cache last looked for something to drop. */
  used: boolean
}

export interface CacheLimits {
  maxEntries: number
  maxBytes: number
}

/**
 * Verified tokens, under the whole token: never under a part or a digest of it, so that no two tokens can meet.
 *
 * Bounded by count and by bytes. What was not used since the last sweep goes first (the clock algorithm: a hit costs
 * one write, not a move within the map).
 */
export class TokenCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #limits: CacheLimits
  #bytes = 0

  constructor(limits: CacheLimits) {
    this.#limits = limits
  }

  get size(): number {
    return this.#entries.size
  }

  /** Bytes held, by the cache's own estimate. */
  get bytes(): number {
    return this.#bytes
  }

  get(token: string, now: number): Value | undefined {
    const entry = this.#entries.get(token)
    if (entry === undefined) return undefined
    if (entry.expiresAt <= now) {
      this.delete(token)
      return undefined
    }
    entry.used = true
    return entry.value
  }

  /** @param expiresAt milliseconds since the epoch */
  set(token: string, value: Value, expiresAt: number, now: number): void {
    // The key, and claims that are the payload parsed: about three times its text.
    const bytes = entryOverheadBytes + token.length * 4
    if (bytes > this.#limits.maxBytes || this.#limits.maxEntries < 1) return
    this.delete(token)
    this.#makeRoom(bytes, now)
    this.#entries.set(token, { value, bytes, expiresAt, used: false })
    this.#bytes += bytes
  }

  delete(token: string): void {
    const entry = this.#entries.get(token)
    if (entry === undefined) return
    this.#entries.delete(token)
    this.#bytes -= entry.bytes
  }

  #makeRoom(bytes: number, now: number): void {
    for (const [token, entry] of this.#entries) {
      if (this.#entries.size < this.#limits.maxEntries && this.#bytes + bytes <= this.#limits.maxBytes) return
      if (entry.used && entry.expiresAt > now) {
        // A second chance: to the end of the map, where this same loop finds it again if it must.
        entry.used = false
        this.#entries.delete(token)
        this.#entries.set(token, entry)
      } else this.delete(token)
    }
  }
}
