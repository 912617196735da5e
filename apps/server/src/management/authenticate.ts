import { managementAudience } from '@rolecall/contract'
import {
  authorizationValues,
  createGuard,
  type GuardError,
  InvalidRequestError,
  KeysUnavailableError,
  MissingTokenError,
  GuardError as RefusedByGuard,
  type Subject,
} from '@rolecall/guard'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { decodeJwt } from 'jose'
import { systemApiId } from '../apis/store.ts'
import { findApplication } from '../applications/store.ts'
import type { Context } from '../context.ts'
import { ApiError, invalidToken, missingAuthentication } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import { findUser } from '../users/users.ts'

type Hook = (request: FastifyRequest, reply: FastifyReply) => Promise<void>

/**
 * Finds out who calls: a token for the Management API, checked by the product's own guard, of a user or an application
 * that is still there. A user's scopes are those of the token that they still hold, so a role that was taken away, like
 * a block, counts at once here.
 */
export function authenticate(ctx: Context, keys: KeyRing): Hook {
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
      request.caller = await callerFor(ctx, subject)
      void reply.header('cache-control', 'no-store')
    } catch (error) {
      if (!(error instanceof RefusedByGuard)) throw error
      void reply.headers(guard.refusal(error).headers)
      throw inAuth0sWords(error, request)
    }
  }
}

async function callerFor(ctx: Context, { sub, claims, permissions, scope }: Subject): Promise<Caller> {
  const { db } = ctx.store
  const clientId = [claims['azp'], claims['client_id']].find((id) => typeof id === 'string')
  const inToken = new Set([...permissions, ...scope])
  // The whole subject is compared: a user may have been given an id that ends the same.
  if (clientId !== undefined && sub === `${clientId}@clients`) {
    if (!(await findApplication(db, clientId))) throw invalidToken()
    return { sub, clientId, scopes: inToken }
  }
  const user = await findUser(db, sub)
  const api = await systemApiId(db)
  if (!user || user.blocked || api === undefined) throw invalidToken()
  const held = await effectivePermissions(db, sub, api)
  return {
    sub,
    userId: sub,
    ...(clientId !== undefined && { clientId }),
    scopes: new Set(held.filter((permission) => inToken.has(permission))),
  }
}

/** The texts that Auth0's clients know. */
function inAuth0sWords(error: GuardError, request: FastifyRequest): ApiError {
  if (error instanceof MissingTokenError) return missingAuthentication()
  if (error instanceof InvalidRequestError)
    return new ApiError(400, 'Bad HTTP authentication header format', 'Bearer')
  if (error instanceof KeysUnavailableError) return new ApiError(503, error.reason)
  switch (error.reason) {
    case 'The token has expired':
      return invalidToken('Expired token received for JSON Web Token validation')
    case 'The signature of the token does not hold':
      return invalidToken('Invalid signature received for JSON Web Token validation')
    case 'The token is for another audience':
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
