import type { FastifyReply, FastifyRequest } from 'fastify'
import { isUnavailable } from '../store/errors.ts'
import { codeOf } from '../store/values.ts'
import { ApiError, invalidBody } from './api-error.ts'

/** Answers with the error envelope of the Management API. */
export function replyWithApiError(error: ApiError, reply: FastifyReply): FastifyReply {
  if (error.statusCode === 503) void reply.header('retry-after', '1')
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
  const code = String(codeOf(error))
  const status = statusOf(error)
  // Fastify's own refusals of a request, and what its JSON parser throws for members that reach a prototype.
  if (status < 500 && code.startsWith('FST_ERR_'))
    return new ApiError(status, refusals[code] ?? 'The request cannot be read', 'invalid_request')
  if (status < 500 && error instanceof SyntaxError) return invalidBody("'Not JSON that can be accepted'")
  if (isUnavailable(error)) return new ApiError(503, 'The store cannot be reached', 'store_unavailable')
  return new ApiError(500, 'Something went wrong', 'internal_error')
}

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
}

const refusals: Record<string, string> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'The body is too large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'The body must be application/json',
  FST_ERR_CTP_INVALID_JSON_BODY: 'The body is not JSON',
  FST_ERR_BAD_URL: 'The path is not percent-encoded UTF-8',
  FST_ERR_MAX_PARAM_LENGTH: 'A part of the path is too long',
}
