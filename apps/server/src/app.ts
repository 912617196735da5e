import formbody from '@fastify/formbody'
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify'
import { serializerCompiler } from 'fastify-type-provider-zod'
import { deleteExpiredAttempts } from './accounts/attempts.ts'
import { deleteExpiredTickets } from './accounts/store.ts'
import { unauthenticatedGrantsWarning } from './applications/applications.ts'
import { feedRoutes } from './authorization/feed-routes.ts'
import { openMarkLog } from './authorization/mark-log.ts'
import { deleteOldAudienceSubjects } from './authorization/store.ts'
import type { Context } from './context.ts'
import { clashWarning } from './dashboard/clash-routes.ts'
import { dashboard } from './dashboard/dashboard.ts'
import { limitBodyTime } from './http/body-time.ts'
import { manageConnections } from './http/connections.ts'
import { answerErrors, answerUnroutable } from './http/errors.ts'
import { healthRoutes } from './http/health.ts'
import { boundInput } from './http/input-bounds.ts'
import { parseJson } from './http/json-body.ts'
import { loggerOptions } from './http/logger.ts'
import { proxyCheck, requestIdHeader, requestIds } from './http/request-id.ts'
import { setSecurityHeaders } from './http/security-headers.ts'
import { answerUnparsable } from './http/unparsable.ts'
import { validatorCompiler } from './http/validation.ts'
import { deleteOldJobs } from './jobs/store.ts'
import type { KeyRing } from './keys/key-ring.ts'
import { createLogBuffer, type LogBuffer } from './logs/log-buffer.ts'
import { deleteOldLogs } from './logs/store.ts'
import { deleteOldMail } from './mail/store.ts'
import { management } from './management/management.ts'
import { oauth } from './oauth/oauth.ts'
import { failurePage } from './oauth/pages/failure.ts'
import { hasTextIndex } from './search/text-search.ts'
import { deleteExpired, deleteUsedTokens } from './sessions/store.ts'
import { openCache } from './store/cache.ts'
import { type Housekeeping, olderThan, startHousekeeping } from './store/housekeeping.ts'
import { deleteOldMarks } from './store/marks.ts'
import { type LogStreams, startLogStreams } from './streams/delivery.ts'
import { deleteOldFailures } from './streams/store.ts'
import { traces } from './telemetry/traces.ts'

declare module 'fastify' {
  interface FastifyInstance {
    logs: LogBuffer
    logStreams: LogStreams
    housekeeping: Housekeeping
  }
}

const bodyLimit = 1024 * 1024
/** For the headers of a request, and for its body on routes that take no large file. */
const requestTimeMs = 20_000
/** Enough for the largest file over a slow connection. */
const maxRequestMs = 30 * 60_000
/** By default Node.js checks for overdue requests only every 30 seconds. */
const timeLimits = { headersTimeout: requestTimeMs, connectionsCheckingInterval: 1_000 }

type Compilers = NonNullable<NonNullable<FastifyServerOptions['schemaController']>['compilersFactory']>
/** Zod describes all input and output, so Fastify's own compilers are not loaded. */
// oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Fastify types compilers after those of its default, Ajv.
const compilersFactory = {
  buildValidator: () => validatorCompiler,
  buildSerializer: () => serializerCompiler,
} as unknown as Compilers

const noTextIndex =
  'The database has no extension pg_trgm, so a search for users finds the beginnings of names, addresses and ids, not ' +
  'their other parts. Run "create extension pg_trgm" in it as a superuser and start the server again.'

/** Composes the server from its slices. It does not listen yet. */
export async function createApp(ctx: Context, keys: KeyRing): Promise<FastifyInstance> {
  const { config } = ctx
  const https = config.issuer.startsWith('https:')
  const isFromProxy = proxyCheck(config.trustProxy)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- Fastify types http and https servers apart; no route depends on it.
  const app = Fastify({
    ...(config.tls ? { https: { ...config.tls, ...timeLimits } } : { http: timeLimits }),
    logger: loggerOptions(config.logLevel),
    genReqId: requestIds(isFromProxy),
    trustProxy: config.trustProxy.length > 0 ? config.trustProxy : false,
    bodyLimit,
    requestTimeout: maxRequestMs,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    onProtoPoisoning: 'remove',
    onConstructorPoisoning: 'remove',
    schemaController: { compilersFactory },
    clientErrorHandler: answerUnparsable,
    frameworkErrors: answerUnroutable(failurePage, https),
    // An API's identifier, percent-encoded, may be a path segment: 600 characters of up to 9.
    routerOptions: { maxParamLength: 5_400 },
  }) as unknown as FastifyInstance
  app.addHook('onRequest', async (request, reply) => {
    setSecurityHeaders(reply.raw, https)
    reply.raw.setHeader(requestIdHeader, request.id)
  })
  await traces(app, config, ({ raw }) => isFromProxy(raw))
  manageConnections(app)
  limitBodyTime(app, requestTimeMs)
  answerErrors(app, failurePage)
  boundInput(app)
  parseJson(app)
  await app.register(formbody)

  const logs = createLogBuffer(ctx, (message, error) => app.log.error({ err: error }, message))
  app.decorate('logs', logs)
  app.addHook('onClose', () => logs.flush())
  if (config.metrics) {
    // Its library is loaded only where it is used.
    const { metrics } = await import('./metrics/metrics.ts')
    await metrics(app, ctx, config.metrics, { keys, logs })
  }
  ctx.mailer.onProblem((problem) => app.log.warn(problem))
  app.addHook('onReady', async () => {
    const warning = await clashWarning(ctx.store.db)
    if (warning !== undefined) app.log.warn(warning)
    if (!hasTextIndex(ctx.store.db)) app.log.warn(noTextIndex)
  })
  const { retentionDays, keyRotationDays } = config
  const sweeps = [
    deleteExpired,
    deleteExpiredTickets,
    deleteExpiredAttempts,
    deleteOldMarks,
    deleteOldAudienceSubjects,
    deleteOldFailures,
    olderThan(retentionDays.usedTokens, deleteUsedTokens),
    olderThan(retentionDays.mail, deleteOldMail),
    olderThan(retentionDays.jobs, deleteOldJobs),
    olderThan(retentionDays.logs, deleteOldLogs),
    async () => {
      if (keyRotationDays > 0) await keys.rotateAfter(keyRotationDays * 86_400_000)
      return 0
    },
  ]
  const housekeeping = startHousekeeping(ctx, sweeps, (error) => app.log.error(error, 'housekeeping failed'))
  app.decorate('housekeeping', housekeeping)
  app.addHook('onClose', () => housekeeping.stop())
  healthRoutes(app, ctx, () => keys.check())
  const streams = startLogStreams(ctx, keys, (error) => app.log.error(error, 'the log could not be streamed'))
  app.decorate('logStreams', streams)
  app.addHook('onClose', () => streams.close())
  const cache = await openCache(ctx.store, ctx.clock, (error) =>
    app.log.error(error, 'the store could not be asked for changes'),
  )
  app.addHook('onClose', () => cache.stop())
  const marks = await openMarkLog(ctx, (error) =>
    app.log.error(error, 'the store could not be asked for marks'),
  )
  app.addHook('onClose', () => marks.close())
  feedRoutes(app, ctx, keys, cache, marks)
  await management(app, ctx, keys, cache)
  await oauth(app, ctx, keys, logs, cache)
  await dashboard(app, ctx)
  const warning = await unauthenticatedGrantsWarning(ctx.store.db)
  if (warning !== undefined) app.log.warn(warning)
  return app
}
