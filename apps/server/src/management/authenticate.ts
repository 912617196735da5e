import { managementAudience } from '@rolecall/contract'
import {
  authorizationValues,
  createGuard,
  GuardError,
  InvalidTokenError,
  MissingTokenError,
  type Subject,
} from '@rolecall/guard'
import { requestView } from '@rolecall/guard/fastify'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { decodeJwt } from 'jose'
import { mayGetTokensFor } from '../applications/applications.ts'
import { entitlementOf, readFacts } from '../authorization/entitlement.ts'
import { markClaim, parsePosition } from '../authorization/position.ts'
import type { Context } from '../context.ts'
import { ApiError, invalidToken, missingAuthentication } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { sharedProofMemory } from '../sessions/used-proofs.ts'
import type { Cache } from '../store/cache.ts'
import { hasEnded, machineSubject } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import { findUser } from '../users/store.ts'

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * Verifies the access token with `@rolecall/guard` and sets the caller. The scopes of the token are an upper bound: the
 * user, the application, its client grant and the user's permissions are read at each request, so a right that was
 * revoked after the token was issued no longer counts. A token is refused when its user's sessions, password or access to
 * the application have ended since. Applications and grants come from the cache, which any change
 * empties, on other nodes within a second.
 */
export function authenticate(ctx: Context, keys: KeyRing, cache: Cache): Hook {
  const { issuer } = ctx.config
  const audience = managementAudience(issuer)
  const guard = createGuard({
    issuer,
    audience,
    keys: () => keys.publicJwks(),
    now: ctx.clock,
    clockToleranceSeconds: 0,
    dpop: { publicUrl: issuer, isFirstUse: sharedProofMemory(ctx) },
  })
  keys.onChange(() => void guard.refreshKeys())

  return async (request, reply) => {
    try {
      const header = authorizationValues(request.raw.rawHeaders)
      const subject = await guard.authorize(header, { kind: 'authenticated' }, () => requestView(request))
      if (!subject) throw new MissingTokenError()
      request.subject = subject
      request.caller = await callerFor(ctx, cache, subject)
      void reply.header('cache-control', 'no-store')
    } catch (error) {
      if (!(error instanceof GuardError)) throw error
      void reply.headers(guard.refusal(error).headers)
      throw toApiError(error, request)
    }
  }
}

async function callerFor(
  ctx: Context,
  cache: Cache,
  { sub, claims, permissions, scope }: Subject,
): Promise<Caller> {
  const { db } = ctx.store
  const facts = readFacts(db, cache)
  const api = await facts.api(managementAudience(ctx.config.issuer))
  const clientId = [claims['azp'], claims['client_id']].find((id) => typeof id === 'string')
  if (!api || clientId === undefined) throw invalidToken()
  // Compares the complete subject, because the id of a user may have the same ending.
  const subjectType = sub === machineSubject(clientId) ? 'client' : 'user'
  const application = await facts.application(clientId)
  if (!application || !mayGetTokensFor(application, subjectType)) throw invalidToken()
  const position = parsePosition(claims[markClaim])
  const token = { subject: sub, clientId, position, issuedAt: claims.iat ?? 0 }
  if (await hasEnded(db, token)) throw new InvalidTokenError('authorization_changed')
  if (subjectType === 'user') await requireActiveUser(db, sub)
  const entitlement = await entitlementOf(facts, api, { type: subjectType, clientId, userId: sub })
  const held = 'refusal' in entitlement ? [] : entitlement.permissions
  const inToken = new Set([...permissions, ...scope])
  const scopes = new Set(held.filter((permission) => inToken.has(permission)))
  return { sub, ...(subjectType === 'user' && { userId: sub }), clientId, scopes }
}

async function requireActiveUser(db: Db, userId: string): Promise<void> {
  const user = await findUser(db, userId)
  if (!user || user.blocked) throw invalidToken()
}

/** Gives the error the status and the message that clients of Auth0 expect. */
function toApiError(error: GuardError, request: FastifyRequest): ApiError {
  switch (error.reasonCode) {
    case 'missing_token':
      return missingAuthentication()
    case 'replayed_proof':
    case 'proof_expired':
    case 'missing_proof':
    case 'wrong_proof_url':
      return invalidToken(error.reason)
    case 'malformed_header':
    case 'repeated_header':
      return new ApiError(400, 'Bad HTTP authentication header format', 'Bearer')
    case 'keys_unavailable':
      return new ApiError(503, error.reason)
    case 'token_expired':
      return invalidToken('Expired token received for JSON Web Token validation')
    case 'invalid_signature':
      return invalidToken('Invalid signature received for JSON Web Token validation')
    case 'wrong_audience':
      return invalidToken(`Bad audience: ${audienceOf(request)}`)
    default:
      return invalidToken()
  }
}

/** The guard verifies the signature before the audience, so the claim is authentic. */
function audienceOf(request: FastifyRequest): string {
  const { aud = [] } = decodeJwt(request.headers.authorization?.split(' ')[1] ?? '')
  return [aud].flat().join(',').slice(0, 1_000)
}
