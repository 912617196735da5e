import type { KoaContextWithOIDC } from 'oidc-provider'
import { type Failure, failureOf, retryHeaders, wantsPage } from '../http/errors.ts'
import { requestIdHeader } from '../http/request-id.ts'
import { isUnavailable } from '../store/errors.ts'
import { failurePage } from './pages/failure.ts'

/** Logs an error under the request that failed. */
export type ReportError = (error: unknown, requestId?: string) => void

/** What oidc-provider reported as its own failure, kept for {@link answerFailures}. */
export function noteFailure(request: KoaContextWithOIDC, error: unknown): void {
  request.state['failure'] = error
}

/**
 * The outermost middleware. oidc-provider answers 500 when the store is away, redirects included, and saves sessions
 * after its error handlers, where an error reaches Koa. Both are answered here, and nothing that was not stored is
 * handed out.
 */
export function answerFailures(onServerError: ReportError) {
  return async (request: KoaContextWithOIDC, next: () => Promise<void>): Promise<void> => {
    try {
      await next()
    } catch (error) {
      onServerError(error, request.get(requestIdHeader))
      return answer(request, failureOf(error, request.get(requestIdHeader)))
    }
    const failure: unknown = request.state['failure']
    if (isUnavailable(failure)) answer(request, failureOf(failure))
  }
}

function answer(request: KoaContextWithOIDC, failure: Failure): void {
  const { status, ...body } = failure
  for (const header of ['location', 'set-cookie', 'www-authenticate']) request.remove(header)
  request.status = status
  request.set(retryHeaders(failure))
  if (wantsPage(request.url, request.headers)) {
    const page = failurePage(failure)
    request.set(page.headers)
    request.body = page.body
  } else request.body = body
}
