import type { CustomFetch } from 'openid-client'
import { sendOutbound } from '../../http/outbound.ts'

/** For all requests of one step of a log-in together. */
const timeoutMs = 6_000

/** When the requests of a step end that begins now. */
export const stepDeadline = () => AbortSignal.timeout(timeoutMs)

const withoutBody = new Set([204, 205, 304])

/**
 * What openid-client sends its requests with: to public addresses only, with a limit of size, and ended together at one time.
 */
export function createFetch(localHosts: readonly string[], deadline = stepDeadline()): CustomFetch {
  return async (url, { method, headers, body, signal }) => {
    const response = await sendOutbound(localHosts, {
      method: method === 'POST' ? 'POST' : 'GET',
      url,
      headers: { ...headers, 'user-agent': 'Rolecall' },
      // A form, in all that openid-client sends.
      ...(body instanceof URLSearchParams && { body: body.toString() }),
      signal: signal ? AbortSignal.any([signal, deadline]) : deadline,
    })
    const { status } = response
    if (status < 200 || status > 599) throw new TypeError('the status of the response is not one of HTTP')
    const type = response.headers['content-type']
    return new Response(withoutBody.has(status) ? null : response.body, {
      status,
      headers: type === undefined ? {} : { 'content-type': type },
    })
  }
}
