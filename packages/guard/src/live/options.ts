import { inRange } from '../token/range.ts'

/**
 * Live mode: the guard follows the changes of authorization of a Rolecall server, and refuses tokens that are older than a
 * change that concerns them.
 *
 * @example
 * ```ts
 * import type { LiveOptions } from '@rolecall/guard'
 *
 * const live: LiveOptions = { clientId: 'the-api', clientSecret: 'a secret', whenUnreachable: 'refuse' }
 * ```
 */
export interface LiveOptions {
  /** The application that belongs to your API (`app_type` `resource_server`, `resource_server_identifier`). */
  clientId: string
  clientSecret: string
  /**
   * What to do with tokens when the issuer was not heard from for `unreachableAfterMs`. `'accept'`: as without live mode,
   * told by `warn`. `'refuse'`: 503. Default: `'accept'`.
   */
  whenUnreachable?: 'accept' | 'refuse'
  /** 2,000 to 300,000. The issuer sends a heartbeat each second. Default: 5,000. */
  unreachableAfterMs?: number
  /**
   * Asks for changes at most this often, when a request comes, instead of holding a connection open. For functions that
   * run only while they answer. 0 to 300,000; 0 asks for each request. Default: a connection.
   */
  intervalMs?: number
}

/** Live options with their defaults. */
export interface ParsedLiveOptions {
  readonly clientId: string
  readonly clientSecret: string
  readonly whenUnreachable: 'accept' | 'refuse'
  readonly unreachableAfterMs: number
  readonly intervalMs: number | undefined
}

/**
 * Validates the options of live mode, and sets their defaults.
 *
 * @throws TypeError naming the faulty option
 *
 * @example
 * ```ts
 * parseLiveOptions({ clientId: 'api', clientSecret: 'secret' }).unreachableAfterMs // => 5_000
 * ```
 */
export function parseLiveOptions(options: LiveOptions): ParsedLiveOptions {
  const {
    clientId,
    clientSecret,
    whenUnreachable = 'accept',
    unreachableAfterMs = 5_000,
    intervalMs,
  } = options
  for (const [name, value] of Object.entries({ clientId, clientSecret }))
    if (typeof value !== 'string' || value === '') throw new TypeError(`live.${name} is missing`)
  if (whenUnreachable !== 'accept' && whenUnreachable !== 'refuse')
    throw new TypeError("live.whenUnreachable must be 'accept' or 'refuse'")
  inRange(unreachableAfterMs, 2_000, 300_000, 'live.unreachableAfterMs')
  if (intervalMs !== undefined) inRange(intervalMs, 0, 300_000, 'live.intervalMs')
  return { clientId, clientSecret, whenUnreachable, unreachableAfterMs, intervalMs }
}
