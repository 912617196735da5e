import { keyAlgs, rightsIn } from '@rolecall/contract'
import { createLocalJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose'
import type {
  AccessToken,
  Client,
  ClientCredentials,
  KoaContextWithOIDC,
  Provider,
  RefreshToken,
} from 'oidc-provider'
import { openSigningSecret } from '../apis/apis.ts'
import { type Api, findApiByIdentifier } from '../apis/store.ts'
import { mayGetTokensFor } from '../applications/applications.ts'
import { findApplication, findClientGrant } from '../applications/store.ts'
import { acceptsUser, readFacts } from '../authorization/entitlement.ts'
import { markClaim, parsePosition } from '../authorization/position.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { hasGrant } from '../sessions/store.ts'
import type { Cache } from '../store/cache.ts'
import { isStale, machineSubject } from '../store/marks.ts'
import { findUser } from '../users/store.ts'
import { text } from './request.ts'

/**
 * Introspection (RFC 7662) of tokens in JWT form. oidc-provider authenticates the caller and introspects what it stores; it
 * refuses a JWT, and this answers instead.
 */
export function introspectJwts(provider: Provider, ctx: Context, keys: KeyRing, cache: Cache): void {
  const refused = new WeakSet<object>()
  provider.on('introspection.error', (request, error) => {
    if (error.error === 'unsupported_token_type') refused.add(request)
  })
  provider.use(async (request, next) => {
    await next()
    const client = request.oidc?.route === 'introspection' ? request.oidc.client : undefined
    if (client === undefined || (request.status !== 200 && !refused.has(request))) return
    // RFC 7662 §2.1: the caller must authenticate, and a public client does not.
    if (client.clientAuthMethod === 'none') {
      request.status = 401
      request.body = { error: 'invalid_client', error_description: 'client authentication failed' }
    } else if (refused.has(request)) {
      request.status = 200
      const claims = await verifiedClaims(ctx, keys, text(request.oidc.params, 'token'))
      const isVisible = claims !== undefined && (await maySee(ctx, client, claims))
      request.body = isVisible && (await isActive(ctx, cache, claims)) ? answerOf(claims) : { active: false }
    }
  })
}

/**
 * Whether a caller may introspect a token that oidc-provider stores: the application that it was issued to, while its user
 * may use that application.
 */
export function createIntrospectionPolicy(ctx: Context, cache: Cache) {
  return async (
    _request: KoaContextWithOIDC,
    client: Client,
    token: AccessToken | ClientCredentials | RefreshToken,
  ): Promise<boolean> =>
    token.clientId === client.clientId &&
    (!('accountId' in token) || (await isUserAccepted(ctx, cache, client.clientId, token.accountId)))
}

interface TokenClaims {
  api: Api
  clientId: string
  payload: JWTPayload & { sub: string; iat: number }
}

/** The claims of an access token of this server that has not expired. */
async function verifiedClaims(ctx: Context, keys: KeyRing, token: string): Promise<TokenClaims | undefined> {
  try {
    const audience = [decodeJwt(token).aud ?? []].flat()[0] ?? ''
    const api = audience.includes('\0') ? undefined : await findApiByIdentifier(ctx.store.db, audience)
    if (api === undefined) return undefined
    const secret = openSigningSecret(ctx.sealer, api)
    const options = {
      issuer: ctx.config.issuer,
      audience: api.identifier,
      requiredClaims: ['sub', 'iat', 'exp'],
      currentDate: new Date(ctx.clock()),
    }
    const { payload } =
      secret === undefined
        ? await jwtVerify(token, createLocalJWKSet(keys.publicJwks()), {
            ...options,
            algorithms: [...keyAlgs],
          })
        : await jwtVerify(token, Buffer.from(secret), { ...options, algorithms: ['HS256'] })
    const { sub = '', iat = 0 } = payload
    return {
      api,
      clientId: text(payload, 'azp') || text(payload, 'client_id'),
      payload: { ...payload, sub, iat },
    }
  } catch (error) {
    if (isJoseError(error)) return undefined
    throw error
  }
}

const isJoseError = (error: unknown) =>
  error instanceof Error && 'code' in error && String(error.code).startsWith('ERR_J')

/** The application that the token was issued to, and the one that is linked to the API. */
async function maySee(ctx: Context, { clientId }: Client, token: TokenClaims): Promise<boolean> {
  if (clientId === token.clientId || token.api.extra['client_id'] === clientId) return true
  const application = await findApplication(ctx.store.db, clientId)
  return application?.data['resource_server_identifier'] === token.api.identifier
}

/** Whether what the token was issued from still holds. A token that guards in live mode refuse is not active. */
async function isActive(
  ctx: Context,
  cache: Cache,
  { api, clientId, payload }: TokenClaims,
): Promise<boolean> {
  const { db } = ctx.store
  const { permissions = [], scope } = rightsIn(payload)
  const position = parsePosition(payload[markClaim])
  const token = { subject: payload.sub, clientId, position, issuedAt: payload.iat }
  if (await isStale(db, token, api.identifier, [...permissions, ...scope])) return false
  const application = await findApplication(db, clientId)
  // The whole subject is compared: a user may have been given an id that ends the same.
  const subjectType = payload.sub === machineSubject(clientId) ? 'client' : 'user'
  if (!application || !mayGetTokensFor(application, subjectType)) return false
  if (subjectType === 'client') return (await findClientGrant(db, clientId, api.id, 'client')) !== undefined
  return (
    (await isUserAccepted(ctx, cache, clientId, payload.sub)) &&
    (await hasGrant(db, { userId: payload.sub, clientId, issuedAt: payload.iat * 1000, now: ctx.clock() }))
  )
}

async function isUserAccepted(
  ctx: Context,
  cache: Cache,
  clientId: string,
  userId: string,
): Promise<boolean> {
  const user = await findUser(ctx.store.db, userId)
  return (
    user !== undefined && !user.blocked && (await acceptsUser(readFacts(ctx.store.db, cache), clientId, user))
  )
}

/** RFC 7662 §2.2, with the claims that the API would have read in the token. */
function answerOf({ clientId, payload }: TokenClaims): Record<string, unknown> {
  return {
    active: true,
    ...payload,
    client_id: clientId,
    token_type: payload['cnf'] === undefined ? 'Bearer' : 'DPoP',
  }
}
