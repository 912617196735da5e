import type { FastifyRequest, FastifyServerOptions } from 'fastify'

type LoggerOptions = Exclude<FastifyServerOptions['logger'], boolean | undefined>

/** One JSON object per line. The query of an address is left out: it holds codes, states and one-time links. */
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

/** The `:uid` of an interaction is also the value of its cookie, so the route is logged instead of the path. */
function pathOf({ url, routeOptions }: FastifyRequest): string | undefined {
  return routeOptions.url?.includes(':uid') ? routeOptions.url : url.split('?', 1)[0]
}
