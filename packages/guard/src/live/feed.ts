import { isJsonObject } from '../token/json.ts'
import type { Fetch } from '../token/remote-keys.ts'
import { formatPosition, type Position } from './change.ts'

/** Where and how the feed is read. */
export interface FeedOptions {
  issuer: string
  clientId: string
  clientSecret: string
  /** For the token, and for an answer to begin. */
  timeoutMs: number
  fetch: Fetch
  now: () => number
}

/** The server limits its events to a quarter of this. */
const maxEventLength = 8 * 1024 * 1024

/**
 * Reads the feed of changes of an issuer over HTTP, with a token that it requests by client credentials.
 *
 * @example
 * ```ts
 * const credentials = { clientId: 'the-api', clientSecret: 'secret' }
 * const feed = new Feed({ issuer: 'https://issuer.test/', ...credentials, timeoutMs: 3_000, fetch, now: Date.now })
 * ```
 */
export class Feed {
  readonly #options: FeedOptions
  #token: { value: string; renewAt: number } | undefined

  constructor(options: FeedOptions) {
    this.#options = options
  }

  /** The events after a position, without waiting for further ones. Signed, in order. */
  async poll(after: Position | undefined, waitSeconds: number): Promise<string[]> {
    const timeout = AbortSignal.timeout(this.#options.timeoutMs + waitSeconds * 1_000)
    const response = await this.#open(after, `wait=${waitSeconds}`, timeout)
    const body: unknown = await response.json()
    const events = isJsonObject(body) ? body['events'] : undefined
    if (!Array.isArray(events) || !events.every((event) => typeof event === 'string'))
      throw new Error('the feed of changes answered without events')
    return events
  }

  /** Reads the stream of events until it ends, is aborted, or fails. Undefined is a heartbeat. */
  async *stream(after: Position | undefined, signal: AbortSignal): AsyncGenerator<string | undefined> {
    const opening = new AbortController()
    const timer = setTimeout(
      () => opening.abort(new Error(`no answer within ${this.#options.timeoutMs} ms`)),
      this.#options.timeoutMs,
    )
    let response: Response
    try {
      response = await this.#open(after, '', AbortSignal.any([signal, opening.signal]))
    } finally {
      clearTimeout(timer)
    }
    let text = ''
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) {
      text += decoder.decode(chunk, { stream: true })
      if (text.length > maxEventLength) throw new Error('an event of the feed is too long')
      const blocks = text.split('\n\n')
      text = blocks.pop() ?? ''
      for (const block of blocks) yield block.startsWith('data: ') ? block.slice('data: '.length) : undefined
    }
  }

  async #open(after: Position | undefined, query: string, signal: AbortSignal): Promise<Response> {
    const { issuer, fetch } = this.#options
    const parameters = [after && `after=${formatPosition(after)}`, query].filter(Boolean).join('&')
    const url = `${issuer}authorization/changes${parameters && `?${parameters}`}`
    const headers = {
      accept: 'text/event-stream, application/json',
      authorization: `Bearer ${await this.#accessToken()}`,
    }
    const response = await fetch(url, { headers, redirect: 'error', signal })
    if (response.status === 200) return response
    await response.body?.cancel()
    // The token may have been revoked, or another key signs now.
    if (response.status === 401) this.#token = undefined
    throw new Error(`${issuer}authorization/changes answered with status ${response.status}`)
  }

  async #accessToken(): Promise<string> {
    const { issuer, clientId, clientSecret, timeoutMs, fetch, now } = this.#options
    if (this.#token !== undefined && now() < this.#token.renewAt) return this.#token.value
    const response = await fetch(`${issuer}oauth/token`, {
      method: 'POST',
      headers: { accept: 'application/json' },
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: clientId,
        client_secret: clientSecret,
        audience: `${issuer}authorization/`,
      }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    if (response.status !== 200) {
      await response.body?.cancel()
      throw new Error(
        `${issuer}oauth/token answered the request for a token of the feed of changes with status ${response.status}. ` +
          `live.clientId must be an application with app_type resource_server that belongs to the API`,
      )
    }
    const body: unknown = await response.json()
    const { access_token: value, expires_in: seconds } = isJsonObject(body) ? body : {}
    if (typeof value !== 'string' || typeof seconds !== 'number')
      throw new Error(`${issuer}oauth/token answered without a token`)
    this.#token = { value, renewAt: now() + Math.max(seconds - 60, 1) * 1_000 }
    return value
  }
}
