import { randomUUID } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import proxyAddr from '@fastify/proxy-addr'

export const requestIdHeader = 'x-request-id'

/** UUIDs, and the ids that nginx, Envoy, HAProxy and load balancers make. */
const wellFormed = /^[\w-]{8,64}$/

/**
 * Makes the ids under which requests are logged, and which clients are told. A proxy that is trusted with the address of a
 * client may also name the request, so that its log and this one have the same id. From others the header is ignored: a
 * caller could give many requests one id.
 */
export function requestIds(isFromProxy: IsFromProxy): (request: IncomingMessage) => string {
  return (request) => {
    const given = request.headers[requestIdHeader]
    const isUsable = typeof given === 'string' && wellFormed.test(given) && isFromProxy(request)
    return isUsable ? given : randomUUID()
  }
}

/** Whether a request comes from a proxy of the settings directly. */
export type IsFromProxy = (request: IncomingMessage) => boolean

/** By the rule that Fastify has for `X-Forwarded-For`. */
export function proxyCheck(trustProxy: string[]): IsFromProxy {
  if (trustProxy.length === 0) return () => false
  const isTrusted = proxyAddr.compile(trustProxy)
  return ({ socket }) => isTrusted(socket.remoteAddress ?? '', 0)
}
