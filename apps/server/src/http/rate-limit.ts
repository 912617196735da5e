import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { tooManyRequests } from './api-error.ts'

export interface RateLimit {
  /** Requests that one caller may make in one window. */
  limit: number
  windowSeconds: number
  clock: Clock
  /** Whose bucket a request counts into. */
  key(request: FastifyRequest): string
}

/** Callers remembered at once; beyond it, windows that have ended are forgotten. */
const mostCallers = 10_000

/**
 * Says on every answer what is left, in the headers that Auth0's clients wait by (`Reset` in epoch seconds), and
 * refuses what is beyond the limit. Counts in fixed windows, in the memory of this server.
 */
export function limitRate(app: FastifyInstance, options: RateLimit): void {
  const { limit, windowSeconds, clock } = options
  const counts = new Map<string, { window: number; used: number }>()
  app.addHook('onRequest', async (request, reply) => {
    const nowSeconds = clock() / 1000
    const window = Math.floor(nowSeconds / windowSeconds)
    const reset = (window + 1) * windowSeconds
    const caller = options.key(request)
    let count = counts.get(caller)
    if (count?.window !== window) {
      if (counts.size >= mostCallers) forgetBefore(counts, window)
      counts.set(caller, (count = { window, used: 0 }))
    }
    count.used++
    void reply.headers({
      'x-ratelimit-limit': limit,
      'x-ratelimit-remaining': Math.max(0, limit - count.used),
      'x-ratelimit-reset': reset,
    })
    if (count.used <= limit) return
    void reply.header('retry-after', Math.ceil(reset - nowSeconds))
    throw tooManyRequests()
  })
}

/** Those of past windows first; if callers flood this very window, all. */
function forgetBefore(counts: Map<string, { window: number }>, window: number): void {
  for (const [caller, count] of counts) if (count.window < window) counts.delete(caller)
  if (counts.size >= mostCallers) counts.clear()
}
