import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** The body is a large file: it may take as long as the server allows any request. */
    hasLargeBody?: true
  }
}

/**
 * Ends a request whose body takes too long to arrive. Node.js has one such limit for the whole server, which a route
 * that takes large files needs to be long.
 */
export function limitBodyTime(app: FastifyInstance, limitMs: number): void {
  app.addHook('onRequest', (request, reply, done) => {
    done()
    const { raw, headers, routeOptions } = request
    const hasBody = headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0
    if (!hasBody || raw.complete || routeOptions.config.hasLargeBody) return
    const timer = setTimeout(() => {
      reply.hijack()
      if (!reply.raw.headersSent)
        raw.socket.write('HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n')
      raw.socket.destroySoon()
    }, limitMs)
    timer.unref()
    const clear = () => clearTimeout(timer)
    raw.once('end', clear)
    // A body that is not read does not end, and the connection may then serve another request.
    reply.raw.once('finish', clear)
    reply.raw.once('close', clear)
  })
}
