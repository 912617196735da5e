import { Auth0Client, GenericError } from '@auth0/auth0-spa-js'
import workerUrl from '@auth0/auth0-spa-js/dist/auth0-spa-js.worker.production.js?url'
import { SessionEnded, Unreachable } from '../api/api-error.ts'
import type { Configuration } from '../configuration.ts'
import { decodeToken } from './claims.ts'

/**
 * The SDK that Auth0's customers use, against this server: code + PKCE, tokens in memory, refresh tokens rotating inside
 * a worker where no script of the page reaches them. A reload asks the server's session through a hidden frame.
 */
export function createAuthClient({ issuer, client_id, audience }: Configuration): Auth0Client {
  return new Auth0Client({
    domain: issuer.replace(/\/$/, ''),
    clientId: client_id,
    cacheLocation: 'memory',
    useRefreshTokens: true,
    useRefreshTokensFallback: true,
    workerUrl,
    authorizationParams: { audience, redirect_uri: callbackUrl(issuer) },
  })
}

export const callbackUrl = (issuer: string) => `${issuer}dashboard/callback`

const endings = new Set([
  'login_required',
  'invalid_grant',
  'missing_refresh_token',
  'consent_required',
  'interaction_required',
  'access_denied',
])

/**
 * An access token for the Management API. With `sub`, it is one of this user: another one may have logged in with the
 * same browser since, and a renewed token would be theirs.
 * @throws {SessionEnded | Unreachable}
 */
export async function accessToken(client: Auth0Client, fresh: boolean, sub?: string): Promise<string> {
  try {
    const token = await client.getTokenSilently({ cacheMode: fresh ? 'off' : 'on' })
    if (token === undefined) throw new SessionEnded('There is no token.')
    if (sub !== undefined && decodeToken(token).payload.sub !== sub)
      throw new SessionEnded('Another user has logged in.')
    return token
  } catch (cause) {
    if (cause instanceof SessionEnded || isEnding(cause))
      throw new SessionEnded('The session has ended.', { cause })
    throw new Unreachable('The server does not answer.', { cause })
  }
}

function isEnding(cause: unknown): boolean {
  return cause instanceof GenericError && endings.has(cause.error)
}
