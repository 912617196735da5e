import type { FastifyRequest, FastifyServerOptions } from 'fastify'

type LoggerOptions = Exclude<FastifyServerOptions['logger'], boolean | undefined>

/** One JSON object a line. Of an address only the path is kept: codes, states and one-time links ride in queries. */
export function loggerOptions(level: string): LoggerOptions {
  return {
    level,
    serializers: {
      req: (request: FastifyRequest) => ({
        method: request.method,
        path: pathOf(request),
        ip: request.ip,
      }),
      res: (reply: { statusCode: number }) => ({ status: reply.statusCode }),
    },
    redact: ['*.password', '*.client_secret', '*.token', '*.authorization', '*.cookie'],
  }
}

/** `:uid` in a route stands for a log-in under way, whose cookie has the same value: there the route says enough. */
function pathOf({ url, routeOptions }: FastifyRequest): string | undefined {
  return routeOptions.url?.includes(':uid') ? routeOptions.url : url.split('?', 1)[0]
}
