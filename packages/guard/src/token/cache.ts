import { Doorkeeper } from './doorkeeper.ts'
import type { KeyOrigin, KeyRing } from './key-ring.ts'
import type { Subject } from './subject.ts'

/** Bytes that an entry counts against the limit in addition to the length of its token. */
const entryOverheadBytes = 1024

/** Until when a cached token may be used without looking at changes of authorization. */
export interface Freshness {
  /** Milliseconds since the epoch. */
  readonly trustedUntil: number
}

/** What the cache stores for a verified token. */
export interface CachedToken {
  readonly subject: Subject
  /** The key that signed the token. The entry is dropped when the issuer withdraws the key. */
  readonly origin: KeyOrigin
  /** The keys of the issuer. Undefined for tokens signed with a shared secret. */
  readonly ring: KeyRing | undefined
  /** The changes of authorization of the issuer. Undefined without live mode. */
  readonly live: Freshness | undefined
  /** Thumbprint of the client's key that the token is bound to (RFC 9449 §6.1). Undefined for bearer tokens. */
  readonly boundKey: string | undefined
}

/** One object for each token: every further object costs a hit another access to memory. */
interface Entry extends CachedToken {
  /** The whole Authorization header, as it was sent. */
  readonly credentials: string
  readonly bytes: number
  /** An integer: V8 stores it in the entry, a fraction in another object. */
  readonly expiresAtSeconds: number
  /** Whether the entry was used since the clock hand last passed it. */
  used: boolean
}

/** The limits of a cache. */
export interface CacheLimits {
  maxEntries: number
  /** By the cache's own estimate. */
  maxBytes: number
}

/**
 * Verified tokens. A hash of the end of the signature finds an entry; then the whole header is compared, character by
 * character. Of two tokens with the same hash the later one is stored.
 *
 * Bounded by count and by bytes. Entries that were not used since the clock hand last passed them are evicted first (the
 * clock algorithm: a hit writes a flag, it does not move the entry).
 *
 * @example
 * ```ts
 * const cache = new TokenCache({ maxEntries: 10_000, maxBytes: 64 * 1024 * 1024 })
 * const verified = { subject, origin: { retired: false }, ring: undefined, live: undefined, boundKey: undefined }
 * for (let use = 0; use < 2; use += 1) cache.set('Bearer abc.def.ghi', verified, 60, 0)
 * cache.get('Bearer abc.def.ghi', 59_000)?.subject // => subject
 * cache.get('Bearer abc.def.ghi', 60_000) // => undefined
 * ```
 */
export class TokenCache {
  readonly #entries = new Map<number, Entry>()
  readonly #limits: CacheLimits
  readonly #doorkeeper: Doorkeeper
  /** The clock hand. It continues where it stopped: an iterator that starts again passes every deleted entry. */
  #hand = this.#entries.entries()
  #droppedSinceMove = 0
  #bytes = 0

  constructor(limits: CacheLimits) {
    this.#limits = limits
    this.#doorkeeper = new Doorkeeper(Math.min(limits.maxEntries, limits.maxBytes / entryOverheadBytes))
  }

  get size(): number {
    return this.#entries.size
  }

  /** Bytes in use, by the cache's own estimate. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * The entry of a header. Undefined when it is not stored, has expired, or its key was withdrawn.
   *
   * @param now milliseconds since the epoch
   */
  get(credentials: string, now: number): Entry | undefined {
    const hash = hashOf(credentials)
    const entry = this.#entries.get(hash)
    if (entry?.credentials !== credentials) return undefined
    if (entry.expiresAtSeconds * 1000 <= now || entry.origin.retired) {
      this.#drop(hash, entry)
      return undefined
    }
    if (entry.live !== undefined && now >= entry.live.trustedUntil) return undefined
    if (!entry.used) entry.used = true
    return entry
  }

  /**
   * Stores a token from its second use on. At the first use only its hash is remembered.
   *
   * @param now milliseconds since the epoch
   */
  set(credentials: string, verified: CachedToken, expiresAtSeconds: number, now: number): void {
    // The header itself, and the parsed claims, which take about three times the length of their text.
    const bytes = entryOverheadBytes + credentials.length * 4
    if (bytes > this.#limits.maxBytes || this.#limits.maxEntries < 1) return
    if (expiresAtSeconds * 1000 <= now) return
    const hash = hashOf(credentials)
    if (!this.#doorkeeper.sawBefore(hash)) return
    const before = this.#entries.get(hash)
    if (before !== undefined) this.#drop(hash, before)
    this.#evictFor(bytes, now)
    const { subject, origin, ring, live, boundKey } = verified
    this.#entries.set(hash, {
      credentials,
      subject,
      origin,
      ring,
      live,
      boundKey,
      bytes,
      expiresAtSeconds,
      used: false,
    })
    this.#bytes += bytes
  }

  /** Drops the tokens of an issuer that `isStale` names. */
  dropWhere(live: Freshness, isStale: (subject: Subject) => boolean): void {
    for (const [hash, entry] of this.#entries)
      if (entry.live === live && isStale(entry.subject)) this.#drop(hash, entry)
  }

  #drop(hash: number, entry: Entry): void {
    this.#entries.delete(hash)
    this.#bytes -= entry.bytes
    // A Map iterator that is never advanced keeps old hash tables alive. Restart it.
    this.#droppedSinceMove += 1
    if (this.#droppedSinceMove > this.#entries.size) this.#resetHand()
  }

  #resetHand(): void {
    this.#hand = this.#entries.entries()
    this.#droppedSinceMove = 0
  }

  #evictFor(bytes: number, now: number): void {
    while (this.#entries.size >= this.#limits.maxEntries || this.#bytes + bytes > this.#limits.maxBytes) {
      const { done, value } = this.#hand.next()
      this.#droppedSinceMove = 0
      if (done) {
        this.#resetHand()
        continue
      }
      const [hash, entry] = value
      if (entry.used && entry.expiresAtSeconds * 1000 > now) entry.used = false
      else this.#drop(hash, entry)
    }
  }
}

/**
 * About 28 bits from near the end of the signature, whose last character has fewer. Hashing the whole token would cost four
 * times as much as the rest of a hit, and a string as key would be one more access to memory.
 */
function hashOf(credentials: string): number {
  let hash = 0
  for (let index = credentials.length - 6; index < credentials.length - 1; index += 1)
    hash = ((hash << 6) ^ credentials.charCodeAt(index)) & 0x3f_ff_ff_ff
  return hash
}
