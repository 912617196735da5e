import { base64url } from 'jose'
import { InvalidTokenError } from '../bearer/errors.ts'
import { isJsonObject } from './json.ts'

/** A token taken apart, nothing of it trusted yet. */
export interface CompactToken {
  header: Readonly<Record<string, unknown>>
  /** As it was sent, in base64url. */
  payload: string
}

/** Node's default for all headers together; no token above it can arrive. */
const longestToken = 16_384

/** What decoders of base64url pass over: padding, which RFC 7515 §2 leaves out, and white space. They refuse the rest. */
const passedOver = /[=\s]/
/** Characters that leave no stray bits at the end of a text of this length, by its remainder (RFC 4648 §3.5). */
const lastCharacters = ['', undefined, 'AQgw', 'AEIMQUYcgkosw048'] as const

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/**
 * Takes a JWS in compact serialization apart (RFC 7515 §7.1), strictly: three parts, and the signature in its one
 * canonical spelling, or else 15 other texts would pass for the same token. (The spelling of the other parts is covered
 * by the signature.) A JWE has five parts and ends here too, undecrypted.
 *
 * @throws InvalidTokenError
 */
export function parseCompact(token: string): CompactToken {
  if (token.length > longestToken) throw new InvalidTokenError('token_too_long')
  const [header, payload, signature, more] = token.split('.', 4)
  if (!header || !payload || !signature || more !== undefined || !isCanonical(signature)) throw malformed()
  return { header: parsedHeader(header), payload }
}

/** The JSON object that the bytes of a part spell, unless they spell none, or not in valid UTF-8 (RFC 8725 §3.7). */
export function jsonObjectIn(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(utf8.decode(bytes))
    return isJsonObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The `iss` claim of a payload, on nobody's word but the token's. */
export function unverifiedIssuer(payload: string): unknown {
  return jsonObjectOf(payload)?.['iss']
}

/** As {@link jsonObjectIn}, of a part as it was sent. */
function jsonObjectOf(part: string): Record<string, unknown> | undefined {
  let bytes: Uint8Array
  try {
    bytes = base64url.decode(part)
  } catch {
    return undefined
  }
  return jsonObjectIn(bytes)
}

/** The last header that was read: the tokens of an issuer share one, and comparing it is all that is left to do. */
let lastHeader = { text: '', header: {} as Readonly<Record<string, unknown>> }

function parsedHeader(text: string): Readonly<Record<string, unknown>> {
  if (lastHeader.text === text) return lastHeader.header
  const header = jsonObjectOf(text)
  if (header === undefined) throw malformed()
  lastHeader = { text, header: Object.freeze(header) }
  return header
}

function isCanonical(text: string): boolean {
  const last = lastCharacters[text.length % 4]
  return last !== undefined && !passedOver.test(text) && (last === '' || last.includes(text.slice(-1)))
}

function malformed(): InvalidTokenError {
  return new InvalidTokenError('malformed_token')
}
