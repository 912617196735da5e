import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isUnavailable } from '../store/errors.ts'
import { replyWithApiError, toApiError } from './error-handler.ts'
import { requestIdHeader } from './request-id.ts'
import { setSecurityHeaders } from './security-headers.ts'

/** An error outside the Management API, in the form of OAuth (RFC 6749 §5.2). */
export interface Failure {
  status: number
  error: string
  error_description: string
}

/** The HTML of a failure, for a person. */
export type FailurePage = (failure: Failure) => { headers: Record<string, string>; body: string }

const retryAfterSeconds = '1'

/** Handles errors and unknown addresses outside the Management API: JSON for programs, a page for browsers. */
export function answerErrors(app: FastifyInstance, page: FailurePage): void {
  app.setNotFoundHandler((_request, reply) =>
    reply.code(404).send({ error: 'not_found', error_description: 'There is nothing at this address.' }),
  )
  app.setErrorHandler((error: FastifyError, request, reply) =>
    replyWithFailure(failureOf(error, request.id), page, { error, request, reply }),
  )
}

/**
 * Answers a request that the router refuses: its path is not percent-encoded UTF-8, or a part of it is too long. Fastify
 * runs no hook and no error handler for it, and its own answer repeats the path and has neither API's form of an error.
 */
export function answerUnroutable(page: FailurePage, https: boolean) {
  return (error: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    setSecurityHeaders(reply.raw, https)
    reply.raw.setHeader(requestIdHeader, request.id)
    const refusal = toApiError(error, request)
    if (request.url.startsWith('/api/v2/')) return void replyWithApiError(refusal, reply)
    const { statusCode: status, message } = refusal
    const failure = { status, error: 'invalid_request', error_description: message }
    void replyWithFailure(failure, page, { error, request, reply })
  }
}

function replyWithFailure(
  failure: Failure,
  page: FailurePage,
  { error, request, reply }: { error: Error; request: FastifyRequest; reply: FastifyReply },
): FastifyReply {
  const { status, ...body } = failure
  if (status >= 500) request.log.error(error, 'request failed')
  void reply.code(status).headers(retryHeaders(failure))
  if (!wantsPage(request.url, request.headers)) return reply.send(body)
  const shown = page(failure)
  return reply.headers(shown.headers).send(shown.body)
}

/** Maps an error to the answer of the caller. The cause goes to the log. */
export function failureOf(error: unknown, requestId?: string): Failure {
  const status = statusOf(error)
  if (error instanceof Error && status < 500)
    return {
      status,
      error: status === 429 ? 'too_many_requests' : 'invalid_request',
      error_description: status === 429 ? 'Too many requests. Try again later.' : error.message,
    }
  if (status === 503 || isUnavailable(error))
    return {
      status: 503,
      error: 'temporarily_unavailable',
      error_description: 'The server cannot answer at the moment. Try again.',
    }
  return {
    status: 500,
    error: 'server_error',
    error_description: `The server could not answer. Its log tells why${requestId ? `, under request ${requestId}` : ''}.`,
  }
}

export function retryHeaders({ status }: Failure): Record<string, string> {
  return status === 503 ? { 'retry-after': retryAfterSeconds } : {}
}

/**
 * Browsers accept HTML when they navigate. Some HTTP libraries always accept it, so endpoints and files for programs
 * answer JSON.
 */
export function wantsPage(url: string, headers: IncomingHttpHeaders): boolean {
  const [path = ''] = url.split('?', 1)
  if (programs.test(path) || /\.js(on)?$/.test(path)) return false
  return headers.accept?.includes('text/html') ?? false
}

const programs =
  /^\/(oauth|userinfo|dbconnections|co|passwordless|authorization|\.well-known|healthz|readyz)\b/

function statusOf(error: unknown): number {
  return error instanceof Error && 'statusCode' in error ? Number(error.statusCode) : 500
}
