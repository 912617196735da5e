import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { ApiError, type ApiErrorBody } from '../http/api-error.ts'
import { toApiError } from '../http/error-handler.ts'
import { recordRefusal } from './audited.ts'

/**
 * Makes the parts of a request one after the other, each in a transaction of its own. A refusal is logged as that of a
 * request for the part alone would be. After a failure of the server the rest is not tried.
 * @param nameOf names the part in its result
 * @returns for each part its result, or why there is none
 */
export async function eachPart<Part, Name extends object, Result extends object>(
  ctx: Pick<Context, 'store' | 'clock'>,
  request: FastifyRequest,
  parts: readonly Part[],
  nameOf: (part: Part) => Name,
  make: (part: Part) => Promise<Result>,
): Promise<(Name & (Result | { error: ApiErrorBody }))[]> {
  const results: (Name & (Result | { error: ApiErrorBody }))[] = []
  let failure: ApiError | undefined
  for (const part of parts) {
    const outcome = failure ?? (await make(part).catch((cause: unknown) => toApiError(cause, request)))
    if (!(outcome instanceof ApiError)) {
      results.push({ ...nameOf(part), ...outcome })
      continue
    }
    if (outcome.statusCode >= 500) failure = outcome
    else await recordRefusal(ctx, request, outcome)
    results.push({ ...nameOf(part), error: outcome.toJSON() })
  }
  return results
}
