import { InvalidTokenError } from './errors.ts'
import { isJsonObject } from './json.ts'

/** A token taken apart and parsed, nothing of it trusted yet. */
export interface ParsedToken {
  header: Readonly<Record<string, unknown>>
  claims: Readonly<Record<string, unknown>>
}

/** Node's default for all headers together; no token above it can arrive. */
const longestToken = 16_384

/**
 * base64url without padding, and only the canonical spelling (RFC 4648 §3.5): otherwise up to 15 other texts would
 * pass for the same signature.
 */
const canonicalBase64url = /^(?:[\w-]{4})*(?:[\w-][AQgw]|[\w-]{2}[AEIMQUYcgkosw048])?$/

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Takes a JWS in compact serialization apart (RFC 7515 §7.1), strictly: three parts, canonical base64url, valid
 * UTF-8 (RFC 8725 §3.7), JSON objects. A JWE has five parts and ends here too, undecrypted.
 *
 * @throws InvalidTokenError
 */
export function parseCompact(token: string): ParsedToken {
  if (token.length > longestToken) throw new InvalidTokenError('The token is too long')
  const parts = token.split('.')
  const [header, payload, signature] = parts
  if (parts.length !== 3 || !header || !payload || !signature) throw malformed()
  if (!canonicalBase64url.test(signature)) throw malformed()
  return { header: jsonObject(header), claims: jsonObject(payload) }
}

function jsonObject(part: string): Record<string, unknown> {
  if (!canonicalBase64url.test(part)) throw malformed()
  let value: unknown
  try {
    value = JSON.parse(utf8.decode(bytesOf(part)))
  } catch {
    throw malformed()
  }
  if (!isJsonObject(value)) throw malformed()
  return value
}

/** `atob` rather than Buffer: the core runs wherever jose runs. */
function bytesOf(base64url: string): Uint8Array {
  const binary = atob(base64url.replaceAll('-', '+').replaceAll('_', '/'))
  return Uint8Array.from(binary, (character) => character.charCodeAt(0))
}

function malformed(): InvalidTokenError {
  return new InvalidTokenError('The token is not a signed JWT')
}
