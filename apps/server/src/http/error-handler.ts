import type { FastifyReply, FastifyRequest } from 'fastify'
import { isUnavailable } from '../store/errors.ts'
import { codeOf } from '../store/values.ts'
import { ApiError, invalidBody } from './api-error.ts'

/** Answers with the error envelope of the Management API. */
export function replyWithApiError(error: ApiError, reply: FastifyReply): FastifyReply {
  if (error.statusCode === 503) void reply.header('retry-after', '1')
  // Serialized here, because the route's response schema does not describe errors.
  return reply
    .code(error.statusCode)
    .header('content-type', 'application/json; charset=utf-8')
    .serializer((body) => JSON.stringify(body))
    .send(error.toJSON())
}

/** Maps an error to the one that the client gets. The cause of an unexpected error goes to the log alone. */
export function toApiError(error: unknown, request: Pick<FastifyRequest, 'log'>): ApiError {
  const mapped = mapError(error)
  if (mapped.statusCode >= 500) request.log.error({ err: error }, 'request failed')
  return mapped
}

function mapError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  const code = String(codeOf(error))
  const status = statusOf(error)
  // Fastify's errors for a request, and the error of its JSON parser for members that reach a prototype.
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
