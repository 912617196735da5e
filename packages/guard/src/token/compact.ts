import { base64url } from 'jose'
import { InvalidTokenError } from '../bearer/errors.ts'
import { isJsonObject } from './json.ts'

/** The parts of a token. Nothing is verified yet. */
export interface CompactToken {
  header: Readonly<Record<string, unknown>>
  /** The payload in base64url, as it was sent. */
  payload: string
}

/** In characters. Node's default limit for all headers of a request together. */
const maxTokenLength = 16_384

/** Padding and white space: base64url decoders ignore them, and RFC 7515 §2 does not allow them. */
const ignoredByDecoders = /[=\s]/
/** Last characters whose unused bits are zero (RFC 4648 §3.5), by the length of the text modulo 4. */
const lastCharacters = ['', undefined, 'AQgw', 'AEIMQUYcgkosw048'] as const

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Parses a JWS in compact serialization (RFC 7515 §7.1): exactly three parts, and a canonical signature. Without that
 * rule 15 other texts would be the same token; the other parts are covered by the signature. A JWE has five parts and is
 * refused here, without decryption.
 *
 * @throws InvalidTokenError
 *
 * @example
 * ```ts
 * parseCompact(token).header['alg'] // => 'RS256'
 * ```
 */
export function parseCompact(token: string, { maxLength = maxTokenLength } = {}): CompactToken {
  if (token.length > maxLength) throw new InvalidTokenError('token_too_long')
  const [header, payload, signature, more] = token.split('.', 4)
  if (!header || !payload || !signature || more !== undefined || !isCanonical(signature)) throw malformed()
  return { header: parsedHeader(header), payload }
}

/**
 * Parses a JSON object.
 *
 * @returns undefined for other JSON, for what is not JSON, and for invalid UTF-8 (RFC 8725 §3.7)
 *
 * @example
 * ```ts
 * parseJsonObject(new TextEncoder().encode('{"sub":"user-1"}')) // => { sub: 'user-1' }
 * parseJsonObject(new TextEncoder().encode('[]')) // => undefined
 * ```
 */
export function parseJsonObject(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/**
 * The `iss` claim of a payload. It is not verified yet: use it only to choose which issuer's keys to try.
 *
 * @example
 * ```ts
 * unverifiedIssuer(parseCompact(token).payload) // => issuer.issuer
 * ```
 */
export function unverifiedIssuer(payload: string): unknown {
  return decodeJsonObject(payload)?.['iss']
}

/** Decodes a part of a token and parses it. */
function decodeJsonObject(part: string): Record<string, unknown> | undefined {
  let bytes: Uint8Array
  try {
    bytes = base64url.decode(part)
  } catch {
    return undefined
  }
  return parseJsonObject(bytes)
}

/** The last parsed header. All tokens that an issuer signs with one key have the same header. */
let lastHeader = { text: '', header: {} as Readonly<Record<string, unknown>> }

function parsedHeader(text: string): Readonly<Record<string, unknown>> {
  if (lastHeader.text === text) return lastHeader.header
  const header = decodeJsonObject(text)
  if (header === undefined) throw malformed()
  lastHeader = { text, header: Object.freeze(header) }
  return header
}

function isCanonical(text: string): boolean {
  const last = lastCharacters[text.length % 4]
  return last !== undefined && !ignoredByDecoders.test(text) && (last === '' || last.includes(text.slice(-1)))
}

function malformed(): InvalidTokenError {
  return new InvalidTokenError('malformed_token')
}
