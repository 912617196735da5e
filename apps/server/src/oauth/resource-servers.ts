import { errors, type KoaContextWithOIDC, type ResourceServer } from 'oidc-provider'
import { openSigningSecret, proofRequiredOf } from '../apis/apis.ts'
import type { Api } from '../apis/store.ts'
import {
  clientScopes,
  entitlementOf,
  type Facts,
  protocolScopesOf,
  readFacts,
  type TokenSubject,
} from '../authorization/entitlement.ts'
import { audienceOf, changesScope, feedAudience } from '../authorization/feed-access.ts'
import type { Context } from '../context.ts'
import { isOff, multiFactor } from '../factors/policy.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Cache } from '../store/cache.ts'
import { StoreUnavailable } from '../store/errors.ts'
import { fromResource } from './audience.ts'
import { acrOf, authorizationOf, mfaRequired } from './log-in-facts.ts'
import { text, words } from './request.ts'
import { hasKey, tenantOf } from './tenant-rules.ts'

/** What one access token is issued from; `access-token.ts` writes it into claims. */
export interface Issuance {
  api: Api
  /** What the subject may do on the API now; undefined where the API does not enforce RBAC. */
  permissions: readonly string[] | undefined
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
  const facts = readFacts(ctx.store.db, cache)
  return async (request: KoaContextWithOIDC, resource: string): Promise<ResourceServer> => {
    const audience = fromResource(resource)
    if (audience === feedAudience(ctx.config.issuer)) return feedResource(facts, keys, request, audience)
    const api = await facts.api(audience)
    if (!api) throw new errors.AccessDenied(`Service not found: ${audience}`)

    const subject = subjectOf(request)
    const entitlement = await entitlementOf(facts, api, subject)
    if ('refusal' in entitlement) throw notAuthorized(api)
    const machine = subject.type === 'client'
    const scopes = machine ? requestedScopes(request, entitlement.permissions) : entitlement.permissions
    requireProof(request, api)
    if (!machine) requireSecondFactor(request, api)
    const jwt = await signatureOf(ctx, keys, api, request)
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

/** The feed of changes is for applications that belong to an API, without a client grant. */
async function feedResource(
  facts: Facts,
  keys: KeyRing,
  request: KoaContextWithOIDC,
  audience: string,
): Promise<ResourceServer> {
  const application = await facts.application(request.oidc.client?.clientId ?? '')
  const { params } = request.oidc
  const isMachine = params?.['grant_type'] === 'client_credentials'
  if (!isMachine || !params || !application || audienceOf(application) === undefined)
    throw new errors.AccessDenied('Only the application of an API reads its changes of authorization')
  if (!text(params, 'scope')) params['scope'] = changesScope
  const { kid } = keys.current()
  if (!hasKey(request, kid)) throw new StoreUnavailable('The keys have just changed')
  const jwt: JwtOptions = { sign: { alg: 'RS256', kid } }
  const api = { ...feedApi, identifier: audience }
  issuances.set(jwt, { api, permissions: undefined })
  return {
    audience,
    scope: changesScope,
    accessTokenTTL: api.tokenLifetime,
    accessTokenFormat: 'jwt',
    jwt,
  }
}

/** It is not stored: it has no settings. */
const feedApi: Api = {
  id: 'authorization',
  identifier: '',
  name: 'Changes of authorization',
  isSystem: true,
  signingAlg: 'RS256',
  tokenLifetime: 3_600,
  tokenLifetimeForWeb: 3_600,
  allowOfflineAccess: false,
  skipConsent: false,
  permissions: [],
  extra: {},
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

/**
 * An API may require a second factor. A refresh token may be of a log-in for another API, or of one before the requirement.
 * @throws {errors.CustomOIDCProviderError} `mfa_required` at the token endpoint
 */
function requireSecondFactor(request: KoaContextWithOIDC, { identifier }: Api): void {
  const { factorPolicy } = tenantOf(request)
  if (request.oidc.route !== 'token' || isOff(factorPolicy) || !factorPolicy.apis.includes(identifier)) return
  if (acrOf(authorizationOf(request)) !== multiFactor) throw mfaRequired()
}

function subjectOf({ oidc }: KoaContextWithOIDC): TokenSubject {
  const clientId = oidc.client?.clientId ?? ''
  return oidc.params?.['grant_type'] === 'client_credentials'
    ? { type: 'client', clientId }
    : { type: 'user', clientId, userId: oidc.account?.accountId }
}

/** Without a `scope` in the request all scopes of the grant are meant (RFC 6749 §3.3). @throws {errors.InvalidScope} */
function requestedScopes(
  { oidc: { params } }: KoaContextWithOIDC,
  granted: readonly string[],
): readonly string[] {
  const requested = words(text(params, 'scope'))
  const { scopes, beyond } = clientScopes(granted, requested)
  if (beyond.length > 0)
    throw new errors.InvalidScope(
      `Client has not been granted scopes: ${beyond.join(', ')}`,
      beyond.join(' '),
    )
  if (params && requested.length === 0) params['scope'] = granted.join(' ') || undefined
  return scopes
}

const notAuthorized = (api: Api) =>
  new errors.AccessDenied(
    `Client is not authorized to access "${api.identifier}". You need to create a "client-grant" associated to this API.`,
  )

/** @throws {StoreUnavailable} where this server does not have the keys of the algorithm yet */
async function signatureOf(
  ctx: Context,
  keys: KeyRing,
  api: Api,
  request: KoaContextWithOIDC,
): Promise<JwtOptions> {
  const secret = openSigningSecret(ctx.sealer, api)
  if (secret !== undefined) return { sign: { alg: 'HS256', key: Buffer.from(secret) } }
  const alg = api.signingAlg === 'HS256' ? 'RS256' : api.signingAlg
  const kid = keys.kidFor(alg)
  if (kid !== undefined && hasKey(request, kid)) return { sign: { alg, kid } }
  // Another server was told of the algorithm less than a second ago. This request has the provider without its keys.
  await keys.require(alg)
  throw new StoreUnavailable(`The keys for ${alg} were not loaded yet`)
}
