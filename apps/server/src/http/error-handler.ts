import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { ApiError } from './api-error.ts'

/** Answers with the error envelope of the Management API. */
export function replyWithApiError(error: ApiError, reply: FastifyReply): FastifyReply {
  // As text: an error has no place in the schemas that a route's answers are filtered by.
  return reply
    .code(error.statusCode)
    .header('content-type', 'application/json; charset=utf-8')
    .serializer((body) => JSON.stringify(body))
    .send(error.toJSON())
}

/** What a client gets to see of an error. What nobody foresaw goes to the log, never to the client. */
export function toApiError(error: unknown, request: Pick<FastifyRequest, 'log'>): ApiError {
  const shown = shownTo(error)
  if (shown.statusCode >= 500) request.log.error({ err: error }, 'request failed')
  return shown
}

function shownTo(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const { code, statusCode } = error as Partial<FastifyError>
  if (typeof code === 'string' && code.startsWith('FST_ERR_') && statusCode && statusCode < 500)
    return new ApiError(statusCode, fastifyRefusals[code] ?? 'The request cannot be read', 'invalid_request')
  if (statusCode === 400 && error instanceof SyntaxError)
    return new ApiError(400, 'The body is not JSON that can be accepted', 'invalid_body')
  if (isUnavailable(error)) return new ApiError(503, 'The store cannot be reached', 'store_unavailable')
  return new ApiError(500, 'Something went wrong', 'internal_error')
}

const fastifyRefusals: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be application/json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not JSON',
}

/** The database does not answer: SQLSTATE classes 08 and 57P, or a connection that fails. */
function isUnavailable(error: unknown): boolean {
  const { code } = error as { code?: unknown }
  return (
    error instanceof Error &&
    typeof code === 'string' &&
    /^(08...|57P0.|53300|ECONN(REFUSED|RESET)|EPIPE|ETIMEDOUT|ENOTFOUND)$/.test(code)
  )
}
