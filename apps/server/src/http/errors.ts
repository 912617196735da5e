import type { FastifyError, FastifyInstance } from 'fastify'
import { isUnavailable } from '../store/unavailable.ts'

/** Answers outside the Management API: OAuth's error shape (RFC 6749 §5.2), for what no route answered itself. */
export function answerErrors(app: FastifyInstance): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'not_found', error_description: 'There is nothing at this address.' }),
  )
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const status = error.statusCode ?? 500
    if (status < 500)
      return reply.code(status).send({ error: 'invalid_request', error_description: error.message })
    request.log.error(error, 'request failed')
    const unavailable = status === 503 || isUnavailable(error)
    if (unavailable) reply.header('retry-after', '1')
    return reply.code(unavailable ? 503 : 500).send({
      error: unavailable ? 'temporarily_unavailable' : 'server_error',
      error_description: `The server could not answer. Its log tells why, under request ${request.id}.`,
    })
  })
}
