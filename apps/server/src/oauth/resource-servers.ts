import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import { type Api, openSigningSecret, proofRequiredOf, subjectTypes } from '../apis/apis.ts'
import { findApiByIdentifier } from '../apis/store.ts'
import type { SubjectType } from '../applications/grants.ts'
import { findClientGrant } from '../applications/store.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import type { Cache } from '../store/cache.ts'
import { fromResource } from './audience.ts'
import { text, words } from './request.ts'

/**
 * Scopes of OpenID Connect itself. An API's token may contain them in addition to the API's own, except for a name that the
 * API has as a permission: that one counts as the permission alone.
 */
export const protocolScopes = ['openid', 'profile', 'email', 'offline_access'] as const

/** What one access token is issued from; `access-token.ts` writes it into claims. */
export interface Issuance {
  api: Api
  /** What the subject may do on the API now; undefined where the API does not enforce RBAC. */
  permissions: string[] | undefined
}

/** Whether the API behind a resource server takes part in refresh tokens; a token for no API always does. */
export function allowsOfflineAccess(resourceServer: ResourceServer | undefined): boolean {
  return issuanceOf(resourceServer)?.api.allowOfflineAccess ?? true
}

type JwtOptions = NonNullable<ResourceServer['jwt']>
const issuances = new WeakMap<JwtOptions, Issuance>()

/** The facts behind a token that `getResourceServerInfo` of this file prepared. */
export function issuanceOf(resourceServer: ResourceServer | undefined): Issuance | undefined {
  return resourceServer?.jwt && issuances.get(resourceServer.jwt)
}

/**
 * Answers for a requested audience: which scopes may be granted on it to this subject, and how its tokens are signed.
 * Called at every issue, a refresh included, so what was taken from a user is gone with their next token.
 * @throws {errors.AccessDenied} for an unknown audience, or an application without a grant on it
 */
export function createResourceServerInfo(ctx: Context, keys: KeyRing, cache: Cache) {
  return async (request: KoaContextWithOIDC, resource: string): Promise<ResourceServer> => {
    const audience = fromResource(resource)
    const api = await cache.get(`api:${audience}`, () => findApiByIdentifier(ctx.store.db, audience))
    if (!api) throw new errors.AccessDenied(`Service not found: ${audience}`)

    const machine = request.oidc.params?.['grant_type'] === 'client_credentials'
    if (subjectTypes(api)[machine ? 'client' : 'user'].policy === 'deny_all') throw notAuthorized(api)
    const permissions = machine
      ? await grantedToApplication(ctx, cache, request, api)
      : await grantedToUser(ctx, cache, request, api)
    const scopes = permissions ?? api.permissions.map((permission) => permission.value)
    requireProof(request, api)
    const jwt = signatureOf(ctx, keys, api)
    issuances.set(jwt, { api, permissions: api.enforcePolicies ? scopes : undefined })
    return {
      audience: api.identifier,
      scope: [...(machine ? [] : protocolScopesOf(api)), ...scopes].join(' '),
      accessTokenTTL: api.tokenLifetime,
      accessTokenFormat: 'jwt',
      jwt,
    }
  }
}

/**
 * An API may require that its tokens are bound to a key (RFC 9449). oidc-provider has checked a proof that was sent.
 * @throws {errors.InvalidDpopProof} for a token request without proof
 */
function requireProof(request: KoaContextWithOIDC, api: Api): void {
  if (request.oidc.route !== 'token' || request.get('dpop') !== '') return
  const isPublic = request.oidc.client?.clientAuthMethod === 'none'
  if (proofRequiredOf(api, isPublic))
    throw new errors.InvalidDpopProof(`${api.identifier} requires a DPoP proof (RFC 9449)`)
}

/** The scopes of the client grant; without a `scope` in the request all of them are meant (RFC 6749 §3.3). */
async function grantedToApplication(
  ctx: Context,
  cache: Cache,
  request: KoaContextWithOIDC,
  api: Api,
): Promise<string[]> {
  const { params } = request.oidc
  const granted = await grantOf(ctx, cache, request, api, 'client')
  if (!params) throw notAuthorized(api)
  const requested = words(text(params, 'scope'))
  const beyond = requested.filter((scope) => !granted.includes(scope))
  if (beyond.length > 0)
    throw new errors.InvalidScope(
      `Client has not been granted scopes: ${beyond.join(', ')}`,
      beyond.join(' '),
    )
  if (requested.length === 0) params['scope'] = granted.join(' ') || undefined
  return requested.length > 0 ? requested : granted
}

/** RBAC's rule. At the authorization endpoint the user is not known yet; the requested scopes are kept for the token endpoint. */
async function grantedToUser(
  ctx: Context,
  cache: Cache,
  request: KoaContextWithOIDC,
  api: Api,
): Promise<string[] | undefined> {
  const userId = request.oidc.account?.accountId
  const held =
    api.enforcePolicies && userId ? await effectivePermissions(ctx.store.db, userId, api.id) : undefined
  if (subjectTypes(api).user.policy === 'allow_all') return held
  const granted = await grantOf(ctx, cache, request, api, 'user')
  return held ? held.filter((permission) => granted.includes(permission)) : granted
}

/** What the application may ask of the API, for itself or for people. @throws {errors.AccessDenied} for nothing at all */
async function grantOf(
  ctx: Context,
  cache: Cache,
  request: KoaContextWithOIDC,
  api: Api,
  subjectType: SubjectType,
): Promise<string[]> {
  const clientId = request.oidc.client?.clientId ?? ''
  const grant = await cache.get(`grant:${subjectType}:${clientId}:${api.id}`, () =>
    findClientGrant(ctx.store.db, clientId, api.id, subjectType),
  )
  if (!grant) throw notAuthorized(api)
  return grant.allowAllScopes ? api.permissions.map(({ value }) => value) : grant.scope
}

const notAuthorized = (api: Api) =>
  new errors.AccessDenied(
    `Client is not authorized to access "${api.identifier}". You need to create a "client-grant" associated to this API.`,
  )

function protocolScopesOf(api: Api): readonly string[] {
  const permissions = new Set(api.permissions.map(({ value }) => value))
  return protocolScopes.filter(
    (scope) => !permissions.has(scope) && (scope !== 'offline_access' || api.allowOfflineAccess),
  )
}

function signatureOf(ctx: Context, keys: KeyRing, api: Api): JwtOptions {
  const secret = openSigningSecret(ctx.sealer, api)
  if (secret !== undefined) return { sign: { alg: 'HS256', key: Buffer.from(secret) } }
  return { sign: { alg: 'RS256', kid: keys.current().kid } }
}
