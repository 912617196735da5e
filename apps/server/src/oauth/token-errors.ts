import type { errors, KoaContextWithOIDC } from 'oidc-provider'
import { deviceGrant } from './client-metadata.ts'
import { text } from './request.ts'

interface TokenError {
  status: number
  error: string
  error_description: string
}

interface Failure {
  error: errors.OIDCProviderError
  /** What oidc-provider says to the client. */
  said: string
  /** What oidc-provider says to its log. */
  detail: string
  grantType: string
}

/**
 * The token endpoint's errors in the words Auth0's clients parse: some search the description (auth0-spa-js falls back
 * to the iframe on `invalid refresh token`), most look at the status, which is 403 where RFC 6749 §5.2 has 400.
 */
export function toAuth0Error(error: errors.OIDCProviderError, request: KoaContextWithOIDC): TokenError {
  const translate = translations.get(error.error) ?? unchanged
  return translate({
    error,
    said: error.error_description ?? error.error,
    detail: error.error_detail ?? '',
    grantType: text(request.oidc.params, 'grant_type'),
  })
}

type Translation = (failure: Failure) => TokenError

const unchanged: Translation = ({ error, said }) => as(error.statusCode, error.error, said)
const forbidden: Translation = ({ error, said }) => as(403, error.error, said)
const unauthorized: Translation = () => as(401, 'access_denied', 'Unauthorized')

const translations = new Map<string, Translation>([
  ['access_denied', forbidden],
  ['authorization_pending', forbidden],
  ['expired_token', forbidden],
  ['invalid_client', unauthorized],
  ['invalid_grant', invalidGrant],
  ['invalid_request', invalidRequest],
  ['invalid_scope', forbidden],
  ['mfa_required', forbidden],
  ['unauthorized', forbidden],
  [
    'unsupported_grant_type',
    ({ grantType }) => as(403, 'unsupported_grant_type', `Unsupported grant type: ${grantType}`),
  ],
])

function invalidGrant({ detail, grantType }: Failure): TokenError {
  if (proofErrors.has(detail)) return as(400, 'invalid_dpop_proof', detail)
  return as(403, 'invalid_grant', grantDescription(grantType, detail))
}

function invalidRequest(failure: Failure): TokenError {
  const { error, said, grantType } = failure
  if (said === 'requested grant type is not allowed for this client')
    return as(403, 'unauthorized_client', `Grant type '${grantType}' not allowed for the client.`)
  if (said.startsWith('missing required parameter'))
    return as(
      403,
      'invalid_request',
      said.replace(/^missing required parameter\(s\)/, 'Missing required parameter:'),
    )
  if (said.includes('no client authentication')) return unauthorized(failure)
  return as(error.statusCode === 413 ? 413 : 400, 'invalid_request', said)
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
