import type { Provider } from 'oidc-provider'
import { lockAttempts, saveAttempts } from '../../accounts/store.ts'
import type { Context } from '../../context.ts'
import { sha256 } from '../../crypto/secrets.ts'
import { text } from '../request.ts'

/** Seconds that a device waits between two requests, and by how much each early one lengthens that (RFC 8628 §3.5). */
export const intervalSeconds = 5

/** A timer of a device may be a little early. */
const toleranceMs = 500

/** oidc-provider answers `authorization_pending` at any pace; a device that asks too often is told to slow down. */
export function slowDown(provider: Provider, ctx: Pick<Context, 'store' | 'clock'>): void {
  const pending = new WeakSet<object>()
  provider.on('grant.error', (request, error) => {
    if (error.error === 'authorization_pending') pending.add(request)
  })
  provider.use(async (request, next) => {
    await next()
    if (!pending.has(request) || !(await isTooEarly(ctx, text(request.oidc.params, 'device_code')))) return
    request.status = 429
    request.body = {
      error: 'slow_down',
      error_description: `You are polling too quickly: wait ${intervalSeconds} seconds longer between two requests`,
    }
  })
}

/** Notes a request for the code. The row keeps when it came, and how many before it were too early. */
async function isTooEarly(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  deviceCode: string,
): Promise<boolean> {
  return store.transaction(async (tx) => {
    const now = clock()
    const row = await lockAttempts(tx, `device-code|${sha256(deviceCode)}`, now)
    const isFirst = row.failures === 0
    const intervalMs = intervalSeconds * 1_000 * Math.max(1, row.failures)
    const early = !isFirst && now - row.last_at < intervalMs - toleranceMs
    await saveAttempts(tx, { ...row, failures: isFirst ? 1 : row.failures + (early ? 1 : 0), last_at: now })
    return early
  })
}
