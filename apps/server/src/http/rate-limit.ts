import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Clock } from '../clock.ts'
import { isUnavailable } from '../store/errors.ts'
import { tooManyRequests } from './api-error.ts'

export interface RateLimit {
  /** Requests that one caller may make in one window. */
  limit: number
  windowSeconds: number
  clock: Clock
  /** The key under which a request is counted. */
  key(request: FastifyRequest): string
}

interface Count {
  window: number
  used: number
  /** How many of them were added to the counts that servers share. */
  shared: number
  /** What other servers had counted by then. */
  elsewhere: number
}

/**
 * Adds to the count that all servers share.
 * @param window its first moment, in epoch milliseconds
 * @returns the sum over all servers
 */
export type ShareCount = (caller: string, window: number, used: number) => Promise<number>

/** Beyond it, the counts of expired windows are dropped. */
const maxCallers = 10_000

/**
 * Refuses the requests beyond the limit. Every answer states the rest in the headers that Auth0's clients read (`Reset` in
 * epoch seconds). Counts in fixed windows, in the memory of this server.
 */
export function limitRate(app: FastifyInstance, options: RateLimit): void {
  const { limit, windowSeconds, clock } = options
  const countOf = fixedWindows(options)
  app.addHook('onRequest', async (request, reply) => {
    const nowSeconds = clock() / 1000
    const count = countOf(options.key(request))
    const reset = (count.window + 1) * windowSeconds
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

/** A server shares its count of a caller in parts, so that the limit is exceeded by one part for each server at most. */
const parts = 50

/**
 * As {@link limitRate}, but counts only the answers that `isCounted` selects, and sends no headers. For anonymous
 * endpoints: a successful request proves credentials, a failed one costs the same work. The limit holds for all servers
 * together.
 */
export function limitAnswers(
  app: FastifyInstance,
  options: RateLimit & {
    isCounted(request: FastifyRequest, statusCode: number): boolean
    share: ShareCount
  },
): void {
  const { limit, windowSeconds, clock } = options
  const countOf = fixedWindows(options)
  app.addHook('onRequest', async (request, reply) => {
    const count = countOf(options.key(request))
    if (count.used + count.elsewhere < limit) return
    void reply.header('retry-after', Math.ceil((count.window + 1) * windowSeconds - clock() / 1000))
    throw tooManyRequests()
  })
  app.addHook('onResponse', async (request, reply) => {
    if (!options.isCounted(request, reply.statusCode)) return
    const caller = options.key(request)
    const count = countOf(caller)
    count.used++
    const part = count.used - count.shared
    if (part < limit / parts) return
    const own = (count.shared = count.used)
    try {
      const sum = await options.share(caller, count.window * windowSeconds * 1000, part)
      // Answers may arrive in another order.
      count.elsewhere = Math.max(count.elsewhere, sum - own)
    } catch (error) {
      // Counted again with the next part.
      count.shared -= part
      if (!isUnavailable(error)) throw error
    }
  })
}

/** @returns the count of a caller in the present window */
function fixedWindows({ windowSeconds, clock }: RateLimit): (caller: string) => Count {
  const counts = new Map<string, Count>()
  return (caller) => {
    const window = Math.floor(clock() / 1000 / windowSeconds)
    let count = counts.get(caller)
    if (count?.window !== window) {
      if (counts.size >= maxCallers) dropExpired(counts, window)
      counts.set(caller, (count = { window, used: 0, shared: 0, elsewhere: 0 }))
    }
    return count
  }
}

/** Drops expired windows. If the map is still full, clears it. */
function dropExpired(counts: Map<string, Count>, window: number): void {
  for (const [caller, count] of counts) if (count.window < window) counts.delete(caller)
  if (counts.size >= maxCallers) counts.clear()
}
