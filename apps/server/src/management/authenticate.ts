import { managementAudience } from '@rolecall/contract'
import {
  authorizationValues,
  createGuard,
  GuardError,
  MissingTokenError,
  type Subject,
} from '@rolecall/guard'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { decodeJwt } from 'jose'
import { type Api, subjectTypes } from '../apis/apis.ts'
import { findApiByIdentifier } from '../apis/store.ts'
import { mayGetTokensFor } from '../applications/applications.ts'
import type { SubjectType } from '../applications/grants.ts'
import { findApplication, findClientGrant } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { ApiError, invalidToken, missingAuthentication } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import type { Memory } from '../store/cache.ts'
import type { Db } from '../store/store.ts'
import { findUser } from '../users/store.ts'

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * Finds out who calls: a token for the Management API, checked by the product's own guard. The token is an upper bound:
 * the user, the application that the token was issued to, that application's client grant and the user's permissions are
 * read at each request, so what was taken away since the token was issued no longer counts. Applications and grants come
 * from `memory`, which any change empties, on other nodes within a second.
 */
export function authenticate(ctx: Context, keys: KeyRing, memory: Memory): Hook {
  const { issuer } = ctx.config
  const audience = managementAudience(issuer)
  const guard = createGuard({
    issuer,
    audience,
    keys: () => keys.publicJwks(),
    now: ctx.clock,
    clockToleranceSeconds: 0,
  })
  keys.onChange(() => void guard.refreshKeys())

  return async (request, reply) => {
    try {
      const header = authorizationValues(request.raw.rawHeaders)
      const subject = await guard.authorize(header, { kind: 'authenticated' }, () => {
        throw new Error('no predicate is asked')
      })
      if (!subject) throw new MissingTokenError()
      request.subject = subject
      request.caller = await callerFor(ctx, memory, subject)
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
  memory: Memory,
  { sub, claims, permissions, scope }: Subject,
): Promise<Caller> {
  const { db } = ctx.store
  const audience = managementAudience(ctx.config.issuer)
  const api = await memory.recall(`api:${audience}`, () => findApiByIdentifier(db, audience))
  const clientId = [claims['azp'], claims['client_id']].find((id) => typeof id === 'string')
  if (!api || clientId === undefined) throw invalidToken()
  // The whole subject is compared: a user may have been given an id that ends the same.
  const subjectType = sub === `${clientId}@clients` ? 'client' : 'user'
  const application = await memory.recall(`application:${clientId}`, () => findApplication(db, clientId))
  if (!application || !mayGetTokensFor(application, subjectType)) throw invalidToken()
  const granted = await grantedTo(db, memory, clientId, api, subjectType)
  const inToken = new Set([...permissions, ...scope])
  const usable = granted.filter((permission) => inToken.has(permission))
  if (subjectType === 'client') return { sub, clientId, scopes: new Set(usable) }

  const user = await findUser(db, sub)
  if (!user || user.blocked) throw invalidToken()
  const held = new Set(await effectivePermissions(db, sub, api.id))
  return { sub, userId: sub, clientId, scopes: new Set(usable.filter((permission) => held.has(permission))) }
}

/** What an application may ask of the Management API now, for itself or for people. */
async function grantedTo(
  db: Db,
  memory: Memory,
  clientId: string,
  api: Api,
  subjectType: SubjectType,
): Promise<string[]> {
  const all = () => api.permissions.map(({ value }) => value)
  if (subjectType === 'user' && subjectTypes(api).user.policy === 'allow_all') return all()
  const grant = await memory.recall(`grant:${subjectType}:${clientId}:${api.id}`, () =>
    findClientGrant(db, clientId, api.id, subjectType),
  )
  if (!grant) return []
  return grant.allowAllScopes ? all() : grant.scope
}

/** The error in the words that Auth0's clients know. */
function toApiError(error: GuardError, request: FastifyRequest): ApiError {
  switch (error.reasonCode) {
    case 'missing_token':
      return missingAuthentication()
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

/** Of a token whose signature held, or it would not have come to its audience. */
function audienceOf(request: FastifyRequest): string {
  const { aud = [] } = decodeJwt(request.headers.authorization?.split(' ')[1] ?? '')
  return [aud].flat().join(',').slice(0, 1_000)
}
