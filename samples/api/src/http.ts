import type { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

/** Sent with every response, errors included. */
const securityHeaders = {
  'content-security-policy': "default-src 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'x-xss-protection': '0',
  'strict-transport-security': 'max-age=31536000; includeSubDomains',
  'cache-control': 'max-age=0, no-cache, no-store, must-revalidate, private',
  expires: '0',
  vary: 'Origin',
  'content-type': 'application/json',
} as const

/** Sets the headers and answers requests that need neither route nor token. Calls `next` for all others. */
export function answerEarly(
  clientOrigin: string,
  request: FastifyRequest,
  reply: FastifyReply,
  next: () => void,
): void {
  const fromClient = request.headers.origin === clientOrigin
  reply.headers(securityHeaders)
  if (fromClient)
    reply.headers({
      'access-control-allow-origin': clientOrigin,
      // The reason of a refusal is in this header.
      'access-control-expose-headers': 'WWW-Authenticate',
    })
  if (request.raw.rawHeaders.some((text) => /[^\x20-\x7e\t]/.test(text))) return badRequest(reply)
  if (request.method === 'OPTIONS') {
    if (fromClient)
      reply.headers({
        'access-control-allow-headers': 'authorization, content-type',
        'access-control-allow-methods': 'GET',
        'access-control-max-age': '86400',
      })
    return void reply.code(204).send()
  }
  if (!request.is404 && !acceptsJson(request.headers.accept))
    return void reply.code(406).send({ message: 'Could not satisfy the request Accept header.' })
  next()
}

/** Sends bytes, because Fastify would add a charset to text, and no hook that removes it runs for a malformed path. */
export function badRequest(reply: FastifyReply): void {
  void reply.code(400).send(Buffer.from('{"message":"Bad Request"}'))
}

/** RFC 9110 §12.5.1. Without the header any type is acceptable. */
function acceptsJson(accept: string | undefined): boolean {
  if (accept === undefined || accept.trim() === '') return true
  return accept.split(',').some((range) => {
    const [type = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase())
    return (
      ['*/*', 'application/*', 'application/json'].includes(type) &&
      !parameters.some((one) => /^q=0(\.0*)?$/.test(one))
    )
  })
}

const parserStatuses: Record<string, readonly [number, string]> = {
  HPE_HEADER_OVERFLOW: [431, 'Request Header Fields Too Large'],
  ERR_HTTP_REQUEST_TIMEOUT: [408, 'Request Timeout'],
}

/** Answers a request that Node could not parse. There is no reply object, so the response is written to the socket. */
export function answerUnparsable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const [status, text] = parserStatuses[error.code ?? ''] ?? [400, 'Bad Request']
  const body = JSON.stringify({ message: text })
  const headers = { ...securityHeaders, 'content-length': String(body.length), connection: 'close' }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${status} ${text}\r\n${lines.join('')}\r\n${body}`)
}
