import type { ServerResponse } from 'node:http'
import type { Refusal } from '../bearer/refusal.ts'

/**
 * Sends the answer to a refused request.
 *
 * @example
 * ```ts
 * import { MissingTokenError } from '@rolecall/guard'
 *
 * sendRefusal(response, guard.refusal(new MissingTokenError()))
 * response.statusCode // => 401
 * ```
 */
export function sendRefusal(response: ServerResponse, refusal: Refusal): void {
  preventCaching(response)
  response.statusCode = refusal.status
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value)
  response.end(JSON.stringify(refusal.body))
}

/**
 * Sets `Cache-Control: no-store` unless the application has set the header: RFC 9111 §3.5 allows a shared cache to store
 * some answers to authorized requests.
 *
 * @example
 * ```ts
 * preventCaching(response)
 * response.getHeader('cache-control') // => 'no-store'
 * ```
 */
export function preventCaching(response: ServerResponse): void {
  if (!response.hasHeader('cache-control')) response.setHeader('cache-control', 'no-store')
}

/**
 * The path of a request target (RFC 9112 §3.2), without the query.
 *
 * @example
 * ```ts
 * pathOf('/messages?page=2') // => '/messages'
 * ```
 */
export function pathOf(url: string): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}
