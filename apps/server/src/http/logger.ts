import type { FastifyRequest } from 'fastify'
import type { LoggerOptions } from 'pino'

/** One JSON object a line. Of an address only the path is kept: codes, states and one-time links ride in queries. */
export function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    serializers: {
      req: (request: FastifyRequest) => ({
        method: request.method,
        path: request.url.split('?', 1)[0],
        ip: request.ip,
      }),
      res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
    },
    redact: ['*.password', '*.client_secret', '*.token', '*.authorization', '*.cookie'],
  }
}
