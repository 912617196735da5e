import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import { deviceGrant } from './client-metadata.ts'
import { text } from './request.ts'

interface TokenError {
  status: number
  error: string
  error_description: string
}

/**
 * The token endpoint's errors in the words Auth0's clients parse: some search the description (auth0-spa-js falls back
 * to the iframe on `invalid refresh token`), most look at the status, which is 403 where RFC 6749 §5.2 has 400.
 */
export function toAuth0Error(error: errors.OIDCProviderError, request: KoaContextWithOIDC): TokenError {
  const grantType = text(request.oidc.params, 'grant_type')
  const said = error.error_description ?? error.error
  switch (error.error) {
    case 'invalid_grant':
      if (proofErrors.has(error.error_detail ?? ''))
        return as(400, 'invalid_dpop_proof', error.error_detail ?? said)
      return as(403, 'invalid_grant', grantDescription(grantType, error.error_detail ?? ''))
    case 'invalid_client':
      return as(401, 'access_denied', 'Unauthorized')
    case 'unsupported_grant_type':
      return as(403, 'unsupported_grant_type', `Unsupported grant type: ${grantType}`)
    case 'access_denied':
    case 'authorization_pending':
    case 'expired_token':
    case 'unauthorized':
    case 'invalid_scope':
      return as(403, error.error, said)
    case 'invalid_request':
      if (said === 'requested grant type is not allowed for this client')
        return as(403, 'unauthorized_client', `Grant type '${grantType}' not allowed for the client.`)
      if (said.startsWith('missing required parameter'))
        return as(
          403,
          'invalid_request',
          said.replace(/^missing required parameter\(s\)/, 'Missing required parameter:'),
        )
      if (said.includes('no client authentication')) return as(401, 'access_denied', 'Unauthorized')
      return as(error.statusCode === 413 ? 413 : 400, 'invalid_request', said)
    default:
      return as(error.statusCode, error.error, said)
  }
}

function as(status: number, error: string, description: string): TokenError {
  return { status, error, error_description: description }
}

/** What oidc-provider answers with invalid_grant, and RFC 9449 §5 with invalid_dpop_proof. */
const proofErrors = new Set(['DPoP proof JWT Replay detected', 'DPoP proof JWT not provided'])

function grantDescription(grantType: string, detail: string): string {
  if (grantType === deviceGrant) return 'Invalid or expired device code.'
  if (grantType === 'refresh_token') return 'Unknown or invalid refresh token.'
  return /PKCE|code_verifier|verifier/i.test(detail)
    ? 'Failed to verify code verifier'
    : 'Invalid authorization code'
}
