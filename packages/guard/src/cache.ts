import type { KeyOrigin, KeyRing } from './key-ring.ts'
import type { Subject } from './subject.ts'

/** What the cache counts against its byte limit for an entry, beside the token's own length. */
const entryOverheadBytes = 1024

/** Hashing a whole token costs four times what all the rest of a hit costs; this much of a signature spreads as well. */
const hashedCharacters = 12

/** What is known of a verified token. */
export interface CachedToken {
  readonly subject: Subject
  /** Where the key came from, to drop the token with it. */
  readonly origin: KeyOrigin
  /** Undefined for tokens under a shared secret. */
  readonly ring: KeyRing | undefined
}

/** All in one object: each that a hit has to look at may have to be fetched from memory. */
interface Entry extends CachedToken {
  /** The whole token, to the last character. */
  readonly token: string
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
 * Verified tokens. An entry is given for its whole token and for nothing less: the end of the signature only says where
 * to look, and then every character is compared. Of two tokens that end alike the later one is kept.
 *
 * Bounded by count and by bytes. What was not used since the last sweep goes first (the clock algorithm: a hit costs
 * one write, not a move within the map).
 */
export class TokenCache {
  readonly #entries = new Map<string, Entry>()
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

  get(token: string, now: number): Entry | undefined {
    const place = placeOf(token)
    const entry = this.#entries.get(place)
    if (entry?.token !== token) return undefined
    if (entry.expiresAt <= now || entry.origin.retired) {
      this.#drop(place, entry)
      return undefined
    }
    entry.used = true
    return entry
  }

  /** @param expiresAt milliseconds since the epoch */
  set(token: string, known: CachedToken, expiresAt: number, now: number): void {
    // The key, and claims that are the payload parsed: about three times its text.
    const bytes = entryOverheadBytes + token.length * 4
    if (bytes > this.#limits.maxBytes || this.#limits.maxEntries < 1) return
    this.#delete(token)
    this.#makeRoom(bytes, now)
    const { subject, origin, ring } = known
    this.#entries.set(placeOf(token), { token, subject, origin, ring, bytes, expiresAt, used: false })
    this.#bytes += bytes
  }

  #delete(token: string): void {
    const place = placeOf(token)
    const entry = this.#entries.get(place)
    if (entry !== undefined) this.#drop(place, entry)
  }

  #drop(place: string, entry: Entry): void {
    this.#entries.delete(place)
    this.#bytes -= entry.bytes
  }

  #makeRoom(bytes: number, now: number): void {
    for (const [place, entry] of this.#entries) {
      if (this.#entries.size < this.#limits.maxEntries && this.#bytes + bytes <= this.#limits.maxBytes) return
      if (entry.used && entry.expiresAt > now) {
        // A second chance: to the end of the map, where this same loop finds it again if it must.
        entry.used = false
        this.#entries.delete(place)
        this.#entries.set(place, entry)
      } else this.#drop(place, entry)
    }
  }
}

function placeOf(token: string): string {
  return token.slice(-hashedCharacters)
}
