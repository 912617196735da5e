import { changeHeader } from '@rolecall/contract'
import type { FastifyInstance } from 'fastify'
import { userBlockRoutes } from '../accounts/block-routes.ts'
import { ticketRoutes } from '../accounts/ticket-routes.ts'
import { userAccountRoutes } from '../accounts/user-routes.ts'
import { resourceServerRoutes } from '../apis/routes.ts'
import { grantRoutes } from '../applications/grant-routes.ts'
import { requireMayActOnApplications } from '../applications/privilege.ts'
import { applicationRoutes } from '../applications/routes.ts'
import { changeRoutes } from '../authorization/change-routes.ts'
import { explainRoutes } from '../authorization/explain-routes.ts'
import { previewRoutes } from '../authorization/preview-routes.ts'
import { providerRoutes } from '../connections/provider-routes.ts'
import { connectionRoutes } from '../connections/routes.ts'
import { consentRoutes } from '../consents/routes.ts'
import type { Context } from '../context.ts'
import { callRoute } from '../dashboard/call-route.ts'
import { clashRoutes } from '../dashboard/clash-routes.ts'
import { insightRoutes } from '../dashboard/insight-routes.ts'
import { overviewRoutes } from '../dashboard/overview-routes.ts'
import { guardianRoutes } from '../factors/guardian-routes.ts'
import { authenticationMethodRoutes } from '../factors/routes.ts'
import { insufficientScope, notFound } from '../http/api-error.ts'
import { replyWithApiError, toApiError } from '../http/error-handler.ts'
import { parseJson } from '../http/json-body.ts'
import { hasScopes, type ManagementApp, type Scopes, scopeNames } from '../http/management-app.ts'
import { networkOf } from '../http/network.ts'
import { limitRate } from '../http/rate-limit.ts'
import { showVersions } from '../http/versions.ts'
import { identityRoutes } from '../identities/routes.ts'
import { jobRoutes } from '../jobs/routes.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { signingKeyRoutes } from '../keys/routes.ts'
import { lazyMigrationRoutes } from '../lazy-migration/routes.ts'
import { recordRefusal } from '../logs/audited.ts'
import { logRoutes } from '../logs/routes.ts'
import { statsRoutes } from '../logs/stats-routes.ts'
import { outboxRoutes } from '../mail/routes.ts'
import { rolePermissionRoutes } from '../roles/role-permissions-routes.ts'
import { memberRoutes, roleRoutes } from '../roles/routes.ts'
import type { Cache } from '../store/cache.ts'
import { logStreamRoutes } from '../streams/routes.ts'
import { tenantRoutes } from '../tenant/routes.ts'
import { readStubRoutes } from '../tenant/stub-routes.ts'
import { userAccessRoutes } from '../users/access-routes.ts'
import { userBulkRoutes } from '../users/bulk-routes.ts'
import { countActiveUsers, hasUsers } from '../users/lists.ts'
import { userRoutes } from '../users/routes.ts'
import { userSessionRoutes } from '../users/session-routes.ts'
import { undoRoutes } from '../users/undo-routes.ts'
import { unusedUserRoutes } from '../users/unused-routes.ts'
import { authenticate } from './authenticate.ts'
import { describeApi } from './openapi.ts'

export interface ManagementRoute {
  method: string
  url: string
  scope: Scopes | 'public'
}

declare module 'fastify' {
  interface FastifyInstance {
    /** Every route under `/api/v2`, for the test that tries each of them without permission. */
    managementRoutes: readonly ManagementRoute[]
  }
}

/** The routes of each slice, under `/api/v2`. */
const slices: ((app: ManagementApp, ctx: Context, keys: KeyRing) => void)[] = [
  resourceServerRoutes,
  roleRoutes,
  rolePermissionRoutes,
  memberRoutes,
  userRoutes,
  userAccountRoutes,
  userAccessRoutes,
  identityRoutes,
  userBulkRoutes,
  undoRoutes,
  userSessionRoutes,
  userBlockRoutes,
  unusedUserRoutes,
  applicationRoutes,
  grantRoutes,
  consentRoutes,
  explainRoutes,
  previewRoutes,
  changeRoutes,
  (app, ctx) => connectionRoutes(app, ctx, { hasUsers, requireMayActOnApplications }),
  lazyMigrationRoutes,
  providerRoutes,
  authenticationMethodRoutes,
  guardianRoutes,
  tenantRoutes,
  logRoutes,
  logStreamRoutes,
  signingKeyRoutes,
  ticketRoutes,
  jobRoutes,
  (app, ctx) => statsRoutes(app, ctx, countActiveUsers),
  outboxRoutes,
  insightRoutes,
  overviewRoutes,
  clashRoutes,
  callRoute,
  readStubRoutes,
]

/** Far above Auth0's limit. It prevents one caller from blocking all others. */
const requestsPerSecond = 1_000

/**
 * The Management API. A request passes the rate limit, then its token and the scope of its route are checked, and only
 * then its body is read and parsed. Errors have one format. A refused change is logged.
 */
export async function management(
  app: FastifyInstance,
  ctx: Context,
  keys: KeyRing,
  cache: Cache,
): Promise<void> {
  const routes: ManagementRoute[] = []
  app.decorate('managementRoutes', routes)
  await app.register(
    async (scoped) => {
      const api = scoped as ManagementApp
      parseJson(api)
      api.decorateRequest('caller', undefined)
      nameChanges(api)
      if (!api.hasRequestDecorator('subject')) api.decorateRequest('subject', undefined)
      limitRate(api, {
        limit: requestsPerSecond,
        windowSeconds: 1,
        clock: ctx.clock,
        key: (request) => networkOf(request.ip),
      })
      requireScopes(api, authenticate(ctx, keys, cache), routes)
      answerErrors(api, ctx)
      showVersions(api)
      await describeApi(api, ctx.config)
      for (const slice of slices) slice(api, ctx, keys)
    },
    { prefix: '/api/v2' },
  )
}

function requireScopes(
  api: ManagementApp,
  authenticated: ReturnType<typeof authenticate>,
  routes: ManagementRoute[],
): void {
  api.addHook('onRoute', ({ method, url, config }) => {
    if (!config?.scope) throw new Error(`${String(method)} ${url} does not say which scope it asks for`)
    for (const one of [method].flat()) routes.push({ method: one, url, scope: config.scope })
  })
  api.addHook('onRequest', async (request, reply) => {
    const { scope } = request.routeOptions.config
    // Only an unknown address has no scope. It is answered with 404.
    if (scope === undefined || scope === 'public') return
    await authenticated(request, reply)
    if (!request.caller || !hasScopes(request.caller.scopes, scope))
      throw insufficientScope(scopeNames(scope))
  })
}

/** Names the log entry of a change in its answer, so that the change can be undone. */
function nameChanges(api: ManagementApp): void {
  api.decorateRequest('changeId', undefined)
  api.addHook('onSend', async ({ changeId }, reply) => {
    if (changeId !== undefined) reply.header(changeHeader, changeId)
  })
}

function answerErrors(api: ManagementApp, ctx: Context): void {
  // A 5xx would make Auth0's SDK retry for minutes.
  api.setNotFoundHandler(() => {
    throw notFound()
  })
  api.setErrorHandler(async (error, request, reply) => {
    const apiError = toApiError(error, request)
    const { readsOnly = request.method === 'GET' || request.method === 'HEAD' } = request.routeOptions.config
    if (request.caller && !readsOnly && apiError.statusCode < 500) {
      try {
        await recordRefusal(ctx, request, apiError)
      } catch (cause) {
        request.log.error({ err: cause }, 'a refusal was not logged')
      }
    }
    return replyWithApiError(apiError, reply)
  })
}
