import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Refusal } from '../bearer/refusal.ts'
import { headerValues } from '../bearer/token.ts'
import type { ProofRequest } from '../dpop/proof.ts'

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

/**
 * What a DPoP proof is compared with, of a request of `node:http` or `node:http2`.
 *
 * @param target the request target as it was received, before a router changed it
 *
 * @example
 * ```ts
 * import { IncomingMessage } from 'node:http'
 * import { Socket } from 'node:net'
 *
 * const request = Object.assign(new IncomingMessage(new Socket()), { headers: { host: 'api.test' } })
 * proofRequest(request, '/messages').url // => 'http://api.test/messages'
 * ```
 */
export function proofRequest(request: IncomingMessage, target: string): ProofRequest {
  const { headers, rawHeaders, socket, method = 'GET' } = request
  const scheme = 'encrypted' in socket ? 'https' : 'http'
  const authority = [headers[':authority'], headers.host, ''].find((name) => typeof name === 'string')
  const url = target.startsWith('/') ? `${scheme}://${String(authority)}${target}` : target
  return { method, url, proofs: headerValues(rawHeaders, 'dpop') }
}
