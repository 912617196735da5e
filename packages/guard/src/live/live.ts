import { ChangesUnavailableError, InvalidTokenError } from '../bearer/errors.ts'
import type { Fetch } from '../token/remote-keys.ts'
import type { Subject } from '../token/subject.ts'
import { datedToken, formatPosition, type Position, parseEvent } from './change.ts'
import { ChangeIndex } from './change-index.ts'
import { type EventSource, verifyEvent } from './event.ts'
import { Feed } from './feed.ts'
import type { ParsedLiveOptions } from './options.ts'

/** What live mode is created with. */
export interface LiveSettings extends EventSource {
  options: ParsedLiveOptions
  timeoutMs: number
  fetch: Fetch
  now: () => number
  /** Called once per outage. */
  warn: (message: string, cause: unknown) => void
  /** Called after changes were added: drop the cached tokens that are stale now. */
  onChanges: (live: Live) => void
}

/**
 * The state of live mode for one issuer.
 *
 * @example
 * ```ts
 * import type { LiveState } from '@rolecall/guard'
 *
 * const isWatched = ({ connection }: LiveState) => connection === 'live'
 * ```
 */
export interface LiveState {
  readonly issuer: string
  /** `starting` until the first snapshot was read; `unreachable` while the issuer is not heard from. */
  readonly connection: 'starting' | 'live' | 'unreachable'
  /** The position that was reached: `<epoch>.<number>`. */
  readonly position: string | undefined
  /** Known changes. */
  readonly changes: number
  /** Requests that were refused because the authorization had changed: each makes a client renew its token. */
  readonly refused: number
  /** Tokens that were verified while the issuer was unreachable, and accepted without knowing of changes. */
  readonly acceptedUnchecked: number
}

const firstRetryMs = 100
const maxRetryMs = 2_000
/** How long a poll waits for a change where streams do not pass. */
const pollSeconds = 1

/**
 * Follows the changes of one issuer. A cached token may be used while `now < trustedUntil`.
 *
 * - With a connection, each heartbeat and each event extend that time. When it is over, the issuer is unreachable.
 * - An event that does not follow the last one ends the connection. The next one begins with a snapshot. An epoch that
 *   ended is not accepted again.
 * - With an interval, a request asks for changes when that time is over.
 *
 * @example
 * ```ts
 * import type { LiveSettings } from '../src/live/live.ts'
 *
 * const create = (settings: LiveSettings) => new Live(settings)
 * ```
 */
export class Live {
  /** Milliseconds since the epoch. */
  trustedUntil = Number.NEGATIVE_INFINITY
  readonly #settings: LiveSettings
  readonly #feed: Feed
  readonly #changes = new ChangeIndex()
  #connection: LiveState['connection'] = 'starting'
  #refused = 0
  #acceptedUnchecked = 0
  #startedAt: number | undefined
  #isClosed = false
  #stopReading: AbortController | undefined
  #silence: NodeJS.Timeout | undefined
  #firstSync: Promise<void> | undefined
  #endFirstSync: (() => void) | undefined
  #pending: Promise<void> | undefined
  #failure: unknown
  /** When the last poll of a guard with an interval was answered, on the monotonic clock. */
  #lastHeardAt = Number.NEGATIVE_INFINITY

  constructor(settings: LiveSettings) {
    this.#settings = settings
    const { issuer, options, timeoutMs, fetch, now } = settings
    const { clientId, clientSecret } = options
    this.#feed = new Feed({ issuer, clientId, clientSecret, timeoutMs, fetch, now })
  }

  get state(): LiveState {
    const { position } = this.#changes
    return {
      issuer: this.#settings.issuer,
      connection: this.#connection,
      position: position && formatPosition(position),
      changes: this.#changes.size,
      refused: this.#refused,
      acceptedUnchecked: this.#acceptedUnchecked,
    }
  }

  /** Whether a cached token has to be dropped. */
  isStale(subject: Subject): boolean {
    return this.#changes.isStale(datedToken(subject))
  }

  /** Whether one of these permissions may have been given to the subject since the token was issued. */
  mayHaveGained(subject: Subject, required: readonly string[]): boolean {
    return this.#changes.mayHaveGained(datedToken(subject), required)
  }

  /** A promise where the changes have to be waited for before {@link check}. */
  ready(): Promise<void> | undefined {
    const now = this.#settings.now()
    if (this.#isClosed || now < this.trustedUntil) return undefined
    if (this.#settings.options.intervalMs !== undefined) return this.#poll()
    this.start()
    if (this.#connection !== 'starting') {
      // A timer that did not run, because the process was suspended.
      if (this.#connection === 'live') this.#setUnreachable(new Error('no heartbeat'))
      return undefined
    }
    const elapsed = now - (this.#startedAt ?? now)
    return elapsed < this.#settings.timeoutMs ? this.#firstSync : undefined
  }

  /**
   * Compares a token that is verified with the changes.
   *
   * @throws InvalidTokenError when something that it rests on may have been taken
   * @throws ChangesUnavailableError when the issuer is unreachable, and `whenUnreachable` is `'refuse'`
   */
  check(subject: Subject): void {
    if (this.#isClosed) return
    if (this.isStale(subject)) {
      this.#refused += 1
      throw new InvalidTokenError('authorization_changed')
    }
    if (this.#connection === 'live') return
    if (this.#settings.options.whenUnreachable === 'refuse') throw new ChangesUnavailableError()
    this.#acceptedUnchecked += 1
  }

  /** Opens the connection, if there is to be one and it is not open. */
  start(): void {
    if (this.#startedAt !== undefined || this.#isClosed || this.#settings.options.intervalMs !== undefined)
      return
    const { now, timeoutMs } = this.#settings
    this.#startedAt = now()
    this.#firstSync = new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs)
      this.#endFirstSync = () => {
        clearTimeout(timer)
        resolve()
      }
    })
    this.#expectSignal()
    void this.#follow()
  }

  /** Ends the connection. Tokens are verified without live mode from then on. */
  close(): void {
    this.#isClosed = true
    this.trustedUntil = Number.POSITIVE_INFINITY
    clearTimeout(this.#silence)
    this.#endFirstSync?.()
    this.#stopReading?.abort()
  }

  /** Reads the feed, and again after each failure. */
  async #follow(): Promise<void> {
    let retryMs = firstRetryMs
    let isStreaming = true
    while (!this.#isClosed) {
      const reading = new AbortController()
      this.#stopReading = reading
      let heard = 0
      try {
        if (isStreaming)
          for await (const event of this.#feed.stream(this.#changes.cursor, reading.signal)) {
            heard += 1
            await this.#receive(event)
            retryMs = firstRetryMs
          }
        else {
          for (const event of await this.#feed.poll(this.#changes.cursor, pollSeconds)) {
            heard += 1
            await this.#receive(event)
          }
          retryMs = firstRetryMs
          continue
        }
      } catch (failure) {
        this.#failure = failure
      }
      // A proxy that buffers passes nothing on, while it passes on a whole answer.
      isStreaming = !(isStreaming && heard === 0 && reading.signal.aborted)
      if (this.#isClosed) return
      await wait(retryMs * (0.5 + Math.random() / 2))
      retryMs = Math.min(retryMs * 2, maxRetryMs)
    }
  }

  /** @throws when the event is not valid, or does not follow the last one */
  async #receive(event: string | undefined): Promise<void> {
    if (event === undefined) {
      if (this.#connection === 'live') this.#expectSignal()
      return
    }
    const parsed = parseEvent(await verifyEvent(event, this.#settings))
    const before: Position | undefined = this.#changes.position
    if (!this.#changes.apply(parsed)) {
      this.#changes.startOver()
      throw new Error('an event of the feed of changes does not follow the last one')
    }
    if (parsed.changes.length > 0 || before?.epoch !== parsed.position.epoch) this.#settings.onChanges(this)
    if (parsed.isComplete || this.#connection === 'live') this.#setLive()
    // A part of a snapshot: the issuer is not silent.
    else this.#expectSignal()
  }

  /** Asks for changes once. Concurrent requests share the answer. */
  #poll(): Promise<void> {
    this.#pending ??= this.#pollOnce().finally(() => {
      this.#pending = undefined
    })
    return this.#pending
  }

  async #pollOnce(): Promise<void> {
    const { options } = this.#settings
    const askedAt = performance.now()
    try {
      for (const event of await this.#feed.poll(this.#changes.cursor, 0)) await this.#receive(event)
      this.#lastHeardAt = askedAt
    } catch (failure) {
      this.#failure = failure
      const silence = askedAt - this.#lastHeardAt
      if (this.#connection !== 'live' || silence >= options.unreachableAfterMs) this.#setUnreachable(failure)
    }
  }

  #setLive(): void {
    this.#connection = 'live'
    this.#failure = undefined
    this.#endFirstSync?.()
    this.#expectSignal()
  }

  /** The issuer was heard from. */
  #expectSignal(): void {
    const { now, options } = this.#settings
    const { intervalMs, unreachableAfterMs } = options
    const trusted = intervalMs ?? unreachableAfterMs
    if (this.#connection === 'live') this.trustedUntil = now() + trusted
    // A timer too: the clock may be set back.
    clearTimeout(this.#silence)
    this.#silence = setTimeout(() => {
      if (intervalMs === undefined) this.#setUnreachable(this.#failure)
      else this.trustedUntil = Number.NEGATIVE_INFINITY
    }, trusted)
    this.#silence.unref?.()
  }

  #setUnreachable(cause: unknown): void {
    const { options, warn, issuer } = this.#settings
    const isFirst = this.#connection !== 'unreachable'
    this.#connection = 'unreachable'
    this.#stopReading?.abort()
    this.#endFirstSync?.()
    const accepts = options.whenUnreachable === 'accept'
    // Without an interval the next event ends this state. With one, the next request asks again.
    this.trustedUntil =
      accepts && options.intervalMs === undefined ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY
    if (!isFirst) return
    const consequence = accepts
      ? 'Until they are, tokens are accepted until they expire, whatever has changed.'
      : 'Until they are, requests with a token are answered 503.'
    const reason = cause instanceof Error ? cause.message : 'no heartbeat'
    warn(`The changes of authorization of ${issuer} cannot be read. ${consequence} Cause: ${reason}`, cause)
  }
}

/** Does not keep the process alive. */
function wait(ms: number): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, ms).unref?.())
}
