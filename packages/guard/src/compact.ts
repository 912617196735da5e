import { InvalidTokenError } from './errors.ts'
import { isJsonObject } from './json.ts'

/** A token taken apart and parsed, nothing of it trusted yet. */
export interface ParsedToken {
  header: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, unknown>>
}

/** Node's default for all headers together; no token above it can arrive. */
const longestToken = 16_384

/** base64url without padding (RFC 7515 §2). */
const base64url = /^[\w-]+$/
/** Characters that leave no stray bits at the end of a text of this length, by its remainder (RFC 4648 §3.5). */
const lastCharacters = ['', undefined, 'AQgw', 'AEIMQUYcgkosw048'] as const

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Takes a JWS in compact serialization apart (RFC 7515 §7.1), strictly: three parts, valid UTF-8 (RFC 8725 §3.7), JSON
 * objects, and the signature in its one canonical spelling, or else 15 other texts would pass for the same token. (The
 * spelling of the other parts is covered by the signature.) A JWE has five parts and ends here too, undecrypted.
 *
 * @throws InvalidTokenError
 */
export function parseCompact(token: string): ParsedToken {
  if (token.length > longestToken) throw new InvalidTokenError('The token is too long')
  const [header, payload, signature, more] = token.split('.', 4)
  if (!header || !payload || !signature || more !== undefined || !isCanonical(signature)) throw malformed()
  return { header: parsedHeader(header), claims: jsonObject(payload) }
}

/** Headers by their text: the tokens of an issuer mostly share one. Forgotten together before they grow many. */
const headers = new Map<string, Readonly<Record<string, unknown>>>()

function parsedHeader(part: string): Readonly<Record<string, unknown>> {
  const known = headers.get(part)
  if (known !== undefined) return known
  const header = jsonObject(part)
  if (part.length <= 256) {
    if (headers.size >= 100) headers.clear()
    headers.set(part, Object.freeze(header))
  }
  return header
}

function isCanonical(text: string): boolean {
  const last = lastCharacters[text.length % 4]
  return last !== undefined && base64url.test(text) && (last === '' || last.includes(text.slice(-1)))
}

function jsonObject(part: string): Record<string, unknown> {
  let value: unknown
  try {
    value = JSON.parse(decoded(part))
  } catch {
    throw malformed()
  }
  if (!isJsonObject(value)) throw malformed()
  return value
}

/** `atob` rather than Buffer: the core runs wherever jose runs. */
function decoded(part: string): string {
  const binary = atob(part.replaceAll('-', '+').replaceAll('_', '/'))
  if (isAscii(binary)) return binary
  const bytes = new Uint8Array(binary.length)
  for (let index = 0; index < binary.length; index += 1) bytes[index] = binary.charCodeAt(index)
  return utf8.decode(bytes)
}

function isAscii(text: string): boolean {
  return /^\p{ASCII}*$/u.test(text)
}

function malformed(): InvalidTokenError {
  return new InvalidTokenError('The token is not a signed JWT')
}
