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
export function findInToken(token: DecodedToken, expected: ExpectedToken, bytes = 0): TokenFinding[] {
  const found: (TokenFinding | false | undefined)[] = [
    ...findInSignature(token),
    findInIssuer(token.claims['iss'], expected.issuer),
    expected.api && ![token.claims['aud']].flat().includes(expected.api.identifier) && 'wrong_audience',
    ...findInTimes(token.claims, expected.now),
    findInRights(token.claims, expected),
    bytes > maxComfortableBytes && 'too_large',
  ]
  return found.filter((one) => one !== undefined && one !== false)
}

function findInSignature({ signature }: DecodedToken): TokenFinding[] {
  if (signature === 'unknown_key') return ['unknown_key']
  return signature === 'invalid' ? ['invalid_signature'] : []
}

function findInIssuer(iss: unknown, issuer: string): TokenFinding | undefined {
  if (iss === issuer) return undefined
  return typeof iss === 'string' && `${iss}/` === issuer ? 'issuer_without_slash' : 'wrong_issuer'
}

function findInTimes({ exp, iat, nbf }: Record<string, unknown>, now: number): TokenFinding[] {
  const isAhead = (time: unknown) => typeof time === 'number' && time > now + toleratedSeconds
  return [
    ...(typeof exp !== 'number' || exp <= now ? (['expired'] as const) : []),
    ...(isAhead(iat) ? (['issued_in_future'] as const) : []),
    ...(isAhead(nbf) ? (['not_yet_valid'] as const) : []),
  ]
}

function findInRights(
  claims: Record<string, unknown>,
  { api, permission }: ExpectedToken,
): TokenFinding | undefined {
  const { permissions, scope } = rightsIn(claims)
  if (!api || permissions !== undefined) return undefined
  const inScope = permission !== undefined && scope.includes(permission)
  if (inScope && !api.enforcePolicies) return 'permission_in_scope'
  return api.permissionsClaim ? undefined : 'no_permissions_claim'
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
