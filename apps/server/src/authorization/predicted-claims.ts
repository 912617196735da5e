import type { ClaimsAnswer, ClaimsRequest } from '@rolecall/contract'
import { requireApi } from '../apis/apis.ts'
import type { Api } from '../apis/store.ts'
import { requireApplication } from '../applications/applications.ts'
import type { Application } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { requireUser } from '../users/users.ts'
import { accessTokenClaims } from './claims.ts'
import { clientScopes, type Entitlement, entitlementOf, protocolScopesOf, readFacts } from './entitlement.ts'
import { entryChecks } from './explain.ts'

type Refusals = ClaimsAnswer['refusals']

/**
 * The claims of an access token that would be issued now, by the rules of issuing, or why there would be none. It is
 * assumed that a user who is asked for consent agrees.
 * @throws ApiError 404 for an unknown user, application or API
 */
export async function predictClaims(
  { store: { db }, config }: Pick<Context, 'store' | 'config'>,
  request: ClaimsRequest,
): Promise<ClaimsAnswer> {
  const user = request.user_id === undefined ? undefined : await requireUser(db, request.user_id)
  const application = await requireApplication(db, request.client_id)
  const api = await requireApi(db, request.api)
  const facts = readFacts(db)
  const subjectType = user ? 'user' : 'client'
  const subject = { type: subjectType, clientId: application.clientId, userId: user?.userId } as const
  const checks = await entryChecks(facts, { user, application })
  const refusals: Refusals = checks
    .filter(({ passed }) => !passed)
    .map(({ code, message }) => ({ code, message }))
  const entitlement = await entitlementOf(facts, api, subject)
  const requested = (request.scope ?? '').split(' ').filter(Boolean)
  const permissions = permissionsIn(entitlement)
  const token = user
    ? userScopes(api, application, requested, permissions)
    : ownScopes(permissions, requested)

  refusals.push(...tokenRefusals(entitlement, token.refused, subjectType))
  const consent = { consent_required: user !== undefined && application.data.is_first_party === false }
  if (refusals.length > 0) return { issued: false, refusals, ...consent }

  const claims = accessTokenClaims(
    {
      issuer: config.issuer,
      api,
      subjectType,
      clientId: application.clientId,
      userId: user?.userId,
      scope: token.scopes.join(' ') || undefined,
      permissions: api.enforcePolicies ? token.permissions : undefined,
    },
    {},
  )
  return { issued: true, refusals, claims: withoutStamp(claims), expires_in: api.tokenLifetime, ...consent }
}

const permissionsIn = (entitlement: Entitlement) => ('refusal' in entitlement ? [] : entitlement.permissions)

/** Why an application that passed the entry checks gets no token: its subject is not entitled, or a scope is not granted. */
function tokenRefusals(
  entitlement: Entitlement,
  refusedScopes: readonly string[],
  subjectType: 'user' | 'client',
): Refusals {
  if ('refusal' in entitlement) return [refusalOf(entitlement.refusal, subjectType)]
  if (refusedScopes.length === 0) return []
  return [{ code: 'scope_granted', message: `Not granted: ${refusedScopes.join(', ')}.` }]
}

const refusalOf = (
  refusal: 'subject_type_denied' | 'no_client_grant',
  subjectType: 'user' | 'client',
): Refusals[number] =>
  refusal === 'no_client_grant'
    ? { code: 'client_grant', message: 'The application has no client grant on the API.' }
    : {
        code: 'subject_type_allowed',
        message: `The API denies tokens for this subject type: ${subjectType}.`,
      }

/** The scopes of a user's token. Others that are requested are left out. OpenID Connect requires `openid`. */
function userScopes(
  api: Api,
  { data }: Application,
  requested: readonly string[],
  permissions: readonly string[],
) {
  const mayRefresh = data.grant_types?.includes('refresh_token') ?? false
  const ofProtocol = protocolScopesOf(api).filter((scope) => scope !== 'offline_access' || mayRefresh)
  const allowed = new Set([...ofProtocol, ...permissions])
  const scopes = [...new Set(['openid', ...requested])].filter((scope) => allowed.has(scope))
  return { scopes, permissions, refused: [] }
}

/** The scopes of an application's own token, which are its permissions too. */
function ownScopes(granted: readonly string[], requested: readonly string[]) {
  const { scopes, beyond } = clientScopes(granted, requested)
  return { scopes, permissions: scopes, refused: beyond }
}

/** Without the members that differ from token to token. */
function withoutStamp(claims: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(claims).filter(([name]) => name !== 'iat' && name !== 'exp' && name !== 'jti'),
  )
}
