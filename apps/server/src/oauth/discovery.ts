import { protocolScopes } from '../authorization/entitlement.ts'
import { multiFactor } from '../factors/policy.ts'
import { claimsOfScope } from './account.ts'
import { deviceGrant } from './client-metadata.ts'

/** Algorithms of DPoP proofs (RFC 9449 §5.1). */
export const dpopAlgorithms = ['ES256', 'Ed25519', 'EdDSA'] as const

/** OpenID Connect Discovery §3 and RFC 8414 §2. What is announced works; what does not work is not announced. */
export function discoveryDocument(issuer: string): Record<string, unknown> {
  return {
    issuer,
    authorization_endpoint: `${issuer}authorize`,
    token_endpoint: `${issuer}oauth/token`,
    userinfo_endpoint: `${issuer}userinfo`,
    jwks_uri: `${issuer}.well-known/jwks.json`,
    revocation_endpoint: `${issuer}oauth/revoke`,
    device_authorization_endpoint: `${issuer}oauth/device/code`,
    pushed_authorization_request_endpoint: `${issuer}oauth/par`,
    introspection_endpoint: `${issuer}oauth/introspect`,
    introspection_endpoint_auth_methods_supported: [
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    end_session_endpoint: `${issuer}oidc/logout`,
    scopes_supported: protocolScopes,
    response_types_supported: ['code', 'id_token'],
    response_modes_supported: ['query', 'fragment', 'form_post', 'web_message'],
    grant_types_supported: [
      'authorization_code',
      'refresh_token',
      'client_credentials',
      'implicit',
      deviceGrant,
    ],
    code_challenge_methods_supported: ['S256'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: [
      'none',
      'client_secret_basic',
      'client_secret_post',
      'private_key_jwt',
    ],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384', 'PS256'],
    dpop_signing_alg_values_supported: dpopAlgorithms,
    acr_values_supported: [multiFactor],
    claims_supported: [
      'iss',
      'aud',
      'exp',
      'iat',
      'auth_time',
      'nonce',
      'sid',
      ...Object.values(claimsOfScope).flat(),
    ],
    backchannel_logout_supported: true,
    backchannel_logout_session_supported: true,
    claims_parameter_supported: false,
    request_parameter_supported: false,
    request_uri_parameter_supported: false,
    authorization_response_iss_parameter_supported: true,
  }
}
