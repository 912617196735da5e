import type { Api } from '../apis/store.ts'
import type { SubjectType } from '../applications/store.ts'
import { machineSubject, type Position } from '../store/marks.ts'
import { formatPosition, markClaim } from './position.ts'

/** What an access token is issued from, besides its times, its id and its key. */
export interface TokenContent {
  issuer: string
  api: Api
  subjectType: SubjectType
  clientId: string
  /** The user id; absent in a token of an application for itself. */
  userId?: string | undefined
  /** Separated by spaces. */
  scope?: string | undefined
  /** What the subject may do on the API; undefined where the API does not enforce RBAC. */
  permissions?: readonly string[] | undefined
  isRefreshed?: boolean
  /** How and when the user logged in (RFC 9068 §2.2.1); absent in a token of an application for itself. */
  logIn?: LogIn | undefined
  /** No fact that the token is issued from is older. */
  position?: Position
}

export interface LogIn {
  /** Seconds since the epoch. */
  authTime?: number | undefined
  acr?: string | undefined
  amr?: readonly string[] | undefined
}

/** The claims that identify a token and limit its time. */
interface TokenStamp {
  iat?: unknown
  exp?: unknown
  jti?: unknown
  cnf?: unknown
}

/**
 * The claims of an access token in the dialect of its API: Auth0's, or RFC 9068. With `…_authz` the token contains all
 * permissions of the subject on the API, whatever scope was requested.
 */
export function accessTokenClaims(content: TokenContent, { iat, exp, jti, cnf }: TokenStamp) {
  const { issuer, api, clientId, userId, scope, permissions, position, logIn } = content
  const machine = content.subjectType === 'client'
  return {
    iss: issuer,
    sub: machine ? machineSubject(clientId) : userId,
    aud: machine ? api.identifier : withUserinfo(api, scope ?? '', issuer),
    iat,
    exp,
    ...(scope !== undefined && { scope }),
    ...(isRfc9068(api) ? { jti, client_id: clientId } : applicationClaims(content)),
    ...(permissions && hasPermissionsClaim(api) && { permissions }),
    ...(position && { [markClaim]: formatPosition(position) }),
    ...(cnf !== undefined && { cnf }),
    ...(logIn && logInClaims(logIn)),
  }
}

/** An API can require a recent log-in, or one with two factors (RFC 9470). */
function logInClaims({ authTime, acr, amr }: LogIn) {
  return { ...(authTime !== undefined && { auth_time: authTime }), ...(acr !== undefined && { acr, amr }) }
}

/** The application and the grant type, as Auth0 names them. A user's first token names no grant type. */
function applicationClaims({ subjectType, clientId, isRefreshed }: TokenContent) {
  if (subjectType === 'client') return { azp: clientId, gty: 'client-credentials' }
  return isRefreshed ? { azp: clientId, gty: 'refresh_token' } : { azp: clientId }
}

export function isRfc9068({ tokenDialect = 'access_token' }: Pick<Api, 'tokenDialect'>): boolean {
  return tokenDialect.startsWith('rfc9068')
}

/** Whether tokens of the API have the `permissions` claim. */
export function hasPermissionsClaim(api: Pick<Api, 'enforcePolicies' | 'tokenDialect'>): boolean {
  return api.enforcePolicies === true && (api.tokenDialect?.endsWith('_authz') ?? false)
}

/** A user's token with `openid` is also valid at the userinfo endpoint, unless only the API can verify it. */
function withUserinfo(api: Api, scope: string, issuer: string): string | string[] {
  const forUserinfo = scope.split(' ').includes('openid') && api.signingAlg !== 'HS256'
  return forUserinfo ? [api.identifier, `${issuer}userinfo`] : api.identifier
}
