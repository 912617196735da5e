import { Doorkeeper } from './doorkeeper.ts'
import type { KeyOrigin, KeyRing } from './key-ring.ts'
import type { Subject } from './subject.ts'

/** What the cache counts against its byte limit for an entry, beside the token's own length. */
const entryOverheadBytes = 1024

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
  /** The whole header as it was sent, the token to its last character. */
  readonly credentials: string
  readonly bytes: number
  /** A whole number, which is kept within the entry where a fraction would be an object of its own. */
  readonly expiresAtSeconds: number
  /** Used since the cache last looked for something to drop. */
  used: boolean
}

export interface CacheLimits {
  maxEntries: number
  maxBytes: number
}

/**
 * Verified credentials. An entry is given for its whole token and for nothing less: the end of the signature only says
 * where to look, and then every character is compared. Of two that end alike the later one is kept.
 *
 * Bounded by count and by bytes. What was not used since the last sweep goes first (the clock algorithm: a hit costs
 * one write, not a move within the map).
 */
export class TokenCache {
  readonly #entries = new Map<number, Entry>()
  readonly #limits: CacheLimits
  readonly #doorkeeper: Doorkeeper
  /** Where the last sweep stopped. Starting over each time would pass the places of all that went before. */
  #hand = this.#entries.entries()
  #droppedSinceSweep = 0
  #bytes = 0

  constructor(limits: CacheLimits) {
    this.#limits = limits
    this.#doorkeeper = new Doorkeeper(Math.min(limits.maxEntries, limits.maxBytes / entryOverheadBytes))
  }

  get size(): number {
    return this.#entries.size
  }

  /** Bytes held, by the cache's own estimate. */
  get bytes(): number {
    return this.#bytes
  }

  get(credentials: string, now: number): Entry | undefined {
    const place = placeOf(credentials)
    const entry = this.#entries.get(place)
    if (entry?.credentials !== credentials) return undefined
    if (entry.expiresAtSeconds * 1000 <= now || entry.origin.retired) {
      this.#drop(place, entry)
      return undefined
    }
    if (!entry.used) entry.used = true
    return entry
  }

  /**
   * Keeps a token that came before; of one that is new it only takes note.
   *
   * @param now milliseconds since the epoch
   */
  set(credentials: string, known: CachedToken, expiresAtSeconds: number, now: number): void {
    // The key, and claims that are the payload parsed: about three times its text.
    const bytes = entryOverheadBytes + credentials.length * 4
    if (bytes > this.#limits.maxBytes || this.#limits.maxEntries < 1) return
    if (expiresAtSeconds * 1000 <= now) return
    const place = placeOf(credentials)
    if (!this.#doorkeeper.knows(place)) return
    const before = this.#entries.get(place)
    if (before !== undefined) this.#drop(place, before)
    this.#makeRoom(bytes, now)
    const { subject, origin, ring } = known
    this.#entries.set(place, {
      credentials,
      subject,
      origin,
      ring,
      bytes,
      expiresAtSeconds,
      used: false,
    })
    this.#bytes += bytes
  }

  #drop(place: number, entry: Entry): void {
    this.#entries.delete(place)
    this.#bytes -= entry.bytes
    // A hand that stands still holds on to every table the map has outgrown, and to all that was in them.
    this.#droppedSinceSweep += 1
    if (this.#droppedSinceSweep > this.#entries.size) this.#startOver()
  }

  #startOver(): void {
    this.#hand = this.#entries.entries()
    this.#droppedSinceSweep = 0
  }

  #makeRoom(bytes: number, now: number): void {
    while (this.#entries.size >= this.#limits.maxEntries || this.#bytes + bytes > this.#limits.maxBytes) {
      const { done, value } = this.#hand.next()
      this.#droppedSinceSweep = 0
      if (done) {
        this.#startOver()
        continue
      }
      const [place, entry] = value
      if (entry.used && entry.expiresAtSeconds * 1000 > now) entry.used = false
      else this.#drop(place, entry)
    }
  }
}

/**
 * About 28 bits from near the end of the signature (its last character holds fewer). Hashing the whole token would cost
 * four times what all the rest of a hit costs, and a key that is a string would be one more thing to fetch.
 */
function placeOf(credentials: string): number {
  let place = 0
  for (let index = credentials.length - 6; index < credentials.length - 1; index += 1)
    place = ((place << 6) ^ credentials.charCodeAt(index)) & 0x3f_ff_ff_ff
  return place
}
