import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FastifyBaseLogger, FastifyInstance, RawServerDefault } from 'fastify'
import type { ZodTypeProvider } from 'fastify-type-provider-zod'

/** The caller of the Management API, with the scopes that they hold at the time of the request. */
export interface Caller {
  /** `sub` of the token. */
  sub: string
  /** Present when a person calls: their user id. */
  userId?: string
  /** The application that the token was issued to. */
  clientId?: string
  /** Management scopes. */
  scopes: ReadonlySet<string>
}

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Who may use this route of the Management API. Each must say so, or the server does not start. */
    scope?: Scopes | 'public'
    /** A POST that changes nothing: its refusals are not logged. */
    readsOnly?: true
    /** Members and elements of a body, for a route that takes more than others. */
    maxValues?: number
  }
  interface FastifyRequest {
    /** Undefined on public routes only. */
    caller: Caller | undefined
    /** The log entry of the change that the request has made. */
    changeId: string | undefined
  }
}

/**
 * The scopes that a route requires: any one of the alternatives. An alternative of several names, separated by spaces,
 * requires all of them: `['read:role_members', 'read:roles read:users']`.
 */
export type Scopes = readonly [string, ...string[]]

/** What a slice registers its `/api/v2` routes on: bodies, queries and answers are declared with Zod. */
export type ManagementApp = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>

/** The caller of a route that is not public. */
export function callerOf(request: { caller: Caller | undefined }): Caller {
  if (!request.caller) throw new Error('A public route has no caller')
  return request.caller
}

export function hasScopes(held: ReadonlySet<string>, scopes: Scopes): boolean {
  return scopes.some((alternative) => alternative.split(' ').every((scope) => held.has(scope)))
}

/** The names of all alternatives, each once. */
export function scopeNames(scopes: Scopes): string[] {
  return [...new Set(scopes.flatMap((alternative) => alternative.split(' ')))]
}
