/**
 * What can be wrong with an access token, from its decoded parts. The server uses it to explain a decision, and the
 * dashboard to read a token that does not leave the browser.
 */

export type TokenSignature = 'valid' | 'invalid' | 'unknown_key' | 'not_checked'

/** A token as it was decoded. Its claims are not trusted: each may have any type. */
export interface DecodedToken {
  header: Record<string, unknown>
  claims: Record<string, unknown>
  signature: TokenSignature
}

/** What the token should be, and the time of the server in seconds. */
export interface ExpectedToken {
  issuer: string
  now: number
  api?: { identifier: string; enforcePolicies: boolean; permissionsClaim: boolean } | undefined
  permission?: string | undefined
}

export const tokenFindingCodes = [
  'not_a_jwt',
  'issuer_without_slash',
  'wrong_issuer',
  'wrong_audience',
  'expired',
  'issued_in_future',
  'not_yet_valid',
  'unknown_key',
  'invalid_signature',
  'no_permissions_claim',
  'permission_in_scope',
  'too_large',
] as const
export type TokenFinding = (typeof tokenFindingCodes)[number]

/** Each with its cause and its remedy. */
export const tokenFindings: Record<TokenFinding, string> = {
  not_a_jwt:
    'This is not a JWT. An application that requests no audience gets an opaque token, which only /userinfo accepts: request the audience of the API.',
  issuer_without_slash:
    'The issuer of the token and of this server differ only by the slash at the end. The slash is part of the issuer: configure the API with it.',
  wrong_issuer:
    'Another server issued the token. Get one from this server, or configure the API with the issuer of the token.',
  wrong_audience:
    'The token is for another API. Request the audience that the API expects, and configure the API with the same text.',
  expired: 'The token has expired. Get a new one; the lifetime is a setting of the API.',
  issued_in_future:
    'The token was issued in the future, by the clock of this server. Synchronize the clocks, or allow some tolerance at the API.',
  not_yet_valid: 'The token is not valid yet, by the clock of this server. Synchronize the clocks.',
  unknown_key:
    'The key that signed the token is not published. It was revoked or rotated out, or it belongs to another server: get a new token, and let the API load the keys again.',
  invalid_signature: 'The signature does not fit the token. It was changed, or cut off when it was copied.',
  no_permissions_claim:
    'The token has no permissions claim, because the API does not add permissions to its tokens. Switch on RBAC and “Add Permissions in the Access Token” for the API.',
  permission_in_scope:
    'The permission is in the scope of the token, and the API does not enforce RBAC: any user may request any scope. Switch on RBAC, or let the API check the scope.',
  too_large:
    'The token is larger than 8 kB. Proxies and servers refuse such a header: give the API fewer permissions, or leave them out of the token.',
}

/** Larger headers are refused by common servers: nginx accepts 8 kB, Node.js 16 kB. */
const maxComfortableBytes = 8_192
/** Clocks that are synchronized differ by less. */
const toleratedSeconds = 5

/** The findings about a token, the most fundamental first. */
export function findInToken(
  { claims, signature }: DecodedToken,
  expected: ExpectedToken,
  bytes = 0,
): TokenFinding[] {
  const { issuer, now, api, permission } = expected
  const { iss, aud, exp, iat, nbf } = claims
  const found: TokenFinding[] = []
  if (signature === 'unknown_key') found.push('unknown_key')
  if (signature === 'invalid') found.push('invalid_signature')
  if (iss !== issuer)
    found.push(typeof iss === 'string' && `${iss}/` === issuer ? 'issuer_without_slash' : 'wrong_issuer')
  if (api && ![aud].flat().includes(api.identifier)) found.push('wrong_audience')
  if (typeof exp !== 'number' || exp <= now) found.push('expired')
  if (typeof iat === 'number' && iat > now + toleratedSeconds) found.push('issued_in_future')
  if (typeof nbf === 'number' && nbf > now + toleratedSeconds) found.push('not_yet_valid')
  const { permissions, scope } = rightsIn(claims)
  if (api && permissions === undefined) {
    const inScope = permission !== undefined && scope.includes(permission)
    if (inScope && !api.enforcePolicies) found.push('permission_in_scope')
    else if (!api.permissionsClaim) found.push('no_permissions_claim')
  }
  if (bytes > maxComfortableBytes) found.push('too_large')
  return found
}

/** The permissions and scopes that a token contains. Values of other types count as none. */
export function rightsIn({ permissions, scope }: Record<string, unknown>): {
  permissions: string[] | undefined
  scope: string[]
} {
  return {
    permissions: Array.isArray(permissions)
      ? permissions.filter((one): one is string => typeof one === 'string')
      : undefined,
    scope: typeof scope === 'string' ? scope.split(' ').filter(Boolean) : [],
  }
}
