import { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { requestIdHeader } from '../http/request-id.ts'
import { type Params, toQuery } from './request.ts'

/**
 * A request as oidc-provider shall see it: with the address and body of the edge's making, and as if it had come
 * straight to the issuer's own address. The issuer alone decides which host and scheme the protocol's addresses name; no
 * header a caller sends does (CVE-2025-64101).
 */
export function asProtocolRequest(
  request: FastifyRequest,
  issuer: URL,
  url: string = request.url,
  body?: Params,
): IncomingMessage {
  const { raw } = request
  const message = new IncomingMessage(raw.socket)
  const form = body && toQuery(body)
  const { 'x-forwarded-host': _host, 'transfer-encoding': _encoding, ...headers } = raw.headers
  Object.assign(message, { method: raw.method, url, httpVersion: raw.httpVersion, complete: true })
  message.headers = {
    ...headers,
    host: issuer.host,
    'x-forwarded-proto': issuer.protocol.slice(0, -1),
    'x-forwarded-for': request.ip,
    [requestIdHeader]: request.id,
    ...(form !== undefined && {
      'content-type': 'application/x-www-form-urlencoded',
      'content-length': String(Buffer.byteLength(form)),
    }),
  }
  if (form !== undefined) message.push(form)
  message.push(null)
  // oidc-provider reads the body by this method. What a stream does for each reader costs more than parsing the form.
  message.iterator = () => bodyOf(form)
  return message
}

async function* bodyOf(form: string | undefined): AsyncGenerator<Buffer> {
  if (form !== undefined) yield Buffer.from(form)
}
