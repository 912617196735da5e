import type { Socket } from 'node:net'
import { ApiError } from './api-error.ts'

/**
 * Answers a request that Node could not parse, on its socket: there is no reply object. The answer ends the connection
 * and says so (RFC 9112 §9.6). Fastify's own answer does not say it, and a client that keeps connections sends its next
 * request on one that is about to be reset.
 */
export function answerUnparsable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, reason, message] = refusals[error.code ?? ''] ?? badRequest
  const body = JSON.stringify(new ApiError(status, message, 'invalid_request'))
  socket.end(
    [
      `HTTP/1.1 ${status} ${reason}`,
      'connection: close',
      'content-type: application/json; charset=utf-8',
      `content-length: ${Buffer.byteLength(body)}`,
      'x-content-type-options: nosniff',
      'cache-control: no-store',
      '',
      body,
    ].join('\r\n'),
  )
}

type Refusal = readonly [status: number, reason: string, message: string]

const badRequest: Refusal = [400, 'Bad Request', 'The request is not HTTP/1.1']

const refusals: Record<string, Refusal> = {
  HPE_HEADER_OVERFLOW: [
    431,
    'Request Header Fields Too Large',
    'The headers and the address are longer than 16 KiB',
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout', 'The request took too long'],
}
