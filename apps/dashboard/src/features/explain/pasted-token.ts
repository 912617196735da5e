import { decodeJwt, decodeProtectedHeader } from 'jose'

/** What was removed around a token. */
export type Trimmed = 'bearer' | 'quotes' | 'whitespace' | 'json' | 'address'

/** Why a text is not read as an access token. */
export type NoToken =
  | 'empty'
  | 'too_long'
  | 'opaque'
  | 'cut_off'
  | 'encrypted'
  | 'decoded'
  | 'no_token_in_json'
  | 'unreadable'

export interface PastedToken {
  token: string
  header: Record<string, unknown>
  claims: Record<string, unknown>
  trimmed: Trimmed[]
}

/** No header of that size reaches an API. */
export const maxLength = 65_536

/** Finds the token in a text that was pasted, and decodes it. Nothing in it is trusted. */
export function readPasted(text: string): PastedToken | { problem: NoToken } {
  if (text.length > maxLength) return { problem: 'too_long' }
  const trimmed: Trimmed[] = []
  const found = tokenIn(text.trim(), trimmed)
  if (typeof found !== 'string') return found
  if (found === '') return { problem: 'empty' }
  const parts = found.split('.')
  // Refresh tokens of Auth0 begin with v1.
  const isOpaque = parts.length === 1 || (parts.length === 2 && parts[0] === 'v1')
  if (isOpaque && !isJwtSoFar(found)) return { problem: 'opaque' }
  try {
    const header = decodeProtectedHeader(found)
    if (parts.length === 5 && 'enc' in header) return { problem: 'encrypted' }
    return { token: found, header: { ...header }, claims: decodeJwt(found), trimmed }
  } catch {
    return { problem: isJwtSoFar(found) ? 'cut_off' : 'unreadable' }
  }
}

function tokenIn(text: string, trimmed: Trimmed[]): string | { problem: NoToken } {
  const note = (what: Trimmed, before: string, after: string): string => {
    if (before !== after) trimmed.push(what)
    return after
  }
  if (text.startsWith('{')) {
    const inside = tokenInJson(text)
    if (typeof inside !== 'string') return inside
    trimmed.push('json')
    return inside
  }
  const [, inAddress] = /[#?&]access_token=([^&\s]+)/.exec(text) ?? []
  const plain = note('address', text, inAddress ?? text)
  const unquoted = note('quotes', plain, plain.replaceAll(/["'`,;]/g, ''))
  const bare = note(
    'bearer',
    unquoted,
    unquoted.replace(/^\s*(?:authorization\s*:\s*)?(?:bearer|dpop)(?:\s+|$)/i, ''),
  )
  return note('whitespace', bare, bare.replaceAll(/\s+/g, ''))
}

/** The answer of the token endpoint has the token in a member. */
function tokenInJson(text: string): string | { problem: NoToken } {
  try {
    const members = new Map<string, unknown>(Object.entries(Object(JSON.parse(text))))
    const token = members.get('access_token') ?? members.get('id_token')
    if (typeof token === 'string') return token
    return { problem: members.has('iss') || members.has('alg') ? 'decoded' : 'no_token_in_json' }
  } catch {
    return { problem: 'no_token_in_json' }
  }
}

/** Whether the text begins as a JWT does, whose header is an object in Base64url. */
const isJwtSoFar = (text: string): boolean => text.startsWith('eyJ')

/** A JWT that no API accepts as an access token. */
export type OtherJwt = 'id_token' | 'logout_token' | 'event' | 'proof'

const otherTypes = new Map<unknown, OtherJwt>([
  ['logout+jwt', 'logout_token'],
  ['secevent+jwt', 'event'],
  ['dpop+jwt', 'proof'],
])

/**
 * Whether the JWT is another kind of token, by its type or by its claims: an ID token is for an application.
 * @param clientIds of the applications, as far as they are known
 */
export function otherKindOf(
  { header, claims }: Pick<PastedToken, 'header' | 'claims'>,
  clientIds: ReadonlySet<string> = new Set(),
): OtherJwt | undefined {
  const type = typeOf(header)
  const isForApplication = [claims['aud']].flat().some((one) => typeof one === 'string' && clientIds.has(one))
  const isIdToken =
    isForApplication || ['nonce', 'at_hash', 'c_hash', 's_hash'].some((name) => name in claims)
  return otherTypes.get(type) ?? (type !== 'at+jwt' && isIdToken ? 'id_token' : undefined)
}

/** The type in the header of a JWT, in small letters (RFC 7515 §4.1.9). */
export const typeOf = ({ typ }: Record<string, unknown>): string =>
  typeof typ === 'string' ? typ.toLowerCase() : ''
