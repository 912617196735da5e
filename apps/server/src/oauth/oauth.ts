import type { FastifyInstance } from 'fastify'
import { addRefusals } from '../accounts/attempts.ts'
import { reservedNamesWarning } from '../apis/apis.ts'
import { createSecretUses } from '../applications/secret-uses.ts'
import type { Context } from '../context.ts'
import { networkOf } from '../http/network.ts'
import { limitAnswers } from '../http/rate-limit.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import { pageAssets } from '../pages/assets.ts'
import type { Cache } from '../store/cache.ts'
import { avatarRoutes } from '../users/avatar-routes.ts'
import { accountPageRoutes } from './account-page/routes.ts'
import { startBackchannelLogout } from './backchannel-logout.ts'
import { createCors } from './cors.ts'
import type { ReportError } from './failures.ts'
import { enrolRoutes } from './interaction/enrol-routes.ts'
import { factorRoutes } from './interaction/factor-routes.ts'
import { linkRoutes } from './interaction/link-routes.ts'
import { providerRoutes } from './interaction/provider-routes.ts'
import { interactionRoutes } from './interaction/routes.ts'
import { accountRoutes } from './pages/account-routes.ts'
import { setupRoutes } from './pages/setup-routes.ts'
import { createProtocol } from './protocol.ts'
import { createProviders } from './providers/providers.ts'
import { oauthRoutes } from './routes.ts'

/** Refused requests and authorization requests of one network; far above what people behind one address need. */
const maxAnswersPerMinute = 6_000

/** The authorization server: protocol, pages and Auth0's addresses. */
export async function oauth(
  app: FastifyInstance,
  ctx: Context,
  keys: KeyRing,
  logs: LogBuffer,
  cache: Cache,
): Promise<void> {
  const report: ReportError = (error, requestId) =>
    app.log.error({ err: error, ...(requestId && { reqId: requestId }) }, 'the protocol failed')
  const warning = await reservedNamesWarning(ctx.store.db)
  if (warning) app.log.warn(warning)
  // Another server on the same store may have rotated the signing keys.
  cache.onInvalidate(() => void keys.reload().catch(report))
  const uses = createSecretUses(ctx, (error) => app.log.error(error, 'the use of a secret was not noted'))
  app.addHook('onClose', () => uses.flush())
  const protocol = createProtocol(ctx, keys, cache, logs, uses, report)
  const backchannel = startBackchannelLogout(ctx, keys, logs, report)
  app.addHook('onClose', () => backchannel.close())
  pageAssets(app)
  avatarRoutes(app)
  accountRoutes(app, ctx)
  setupRoutes(app, ctx, protocol)
  const steps = { ctx, protocol, cache, providers: createProviders(ctx, keys) }
  interactionRoutes(app, steps)
  providerRoutes(app, steps)
  linkRoutes(app, steps)
  factorRoutes(app, steps)
  enrolRoutes(app, steps)
  accountPageRoutes(app, steps)
  const cors = createCors(ctx, cache)
  await app.register(async (scope) => {
    oauthRoutes(scope, ctx, keys, protocol, cache, cors, logs)
    // After CORS, so that scripts can read the refusal.
    limitAnswers(scope, {
      limit: maxAnswersPerMinute,
      windowSeconds: 60,
      clock: ctx.clock,
      key: (request) => networkOf(request.ip),
      share: (network, window, refused) => addRefusals(ctx, network, window, refused),
      // Stored even if the sender is anonymous.
      isCounted: ({ url }, statusCode) =>
        statusCode >= 400 || /^\/(authorize\?|activate|oauth\/(par|device\/code))/.test(url),
    })
  })
}
