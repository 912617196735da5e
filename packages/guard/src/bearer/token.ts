import { InvalidRequestError } from './errors.ts'

const bearerPrefix = 'Bearer '
/** A second credential after a comma: how `Headers` of fetch shows an Authorization header that was sent twice. */
const joinedBearer = /,\s*bearer(?:\s|$)/i

/**
 * The token of an `Authorization` header (RFC 6750 §2.1, the only carrier the guard reads: RFC 9700 §4.3.2).
 *
 * @param header the field's value, or every value when it was sent more than once
 * @returns undefined when no bearer credentials were sent: no header, another scheme, a token without scheme
 * @throws InvalidRequestError when there is anything but exactly one token after the scheme
 */
export function bearerToken(header: string | readonly string[] | undefined): string | undefined {
  if (header === undefined) return undefined
  if (typeof header !== 'string') {
    if (header.length > 1) throw new InvalidRequestError('repeated_header')
    return bearerToken(header[0])
  }
  if (header.startsWith(bearerPrefix) && !header.includes(' ', bearerPrefix.length) && header.length > 7)
    return header.slice(bearerPrefix.length)
  const [scheme, token, ...rest] = header.split(/\s+/).filter((part) => part !== '')
  if (scheme?.toLowerCase() !== 'bearer') {
    if (joinedBearer.test(header)) throw new InvalidRequestError('repeated_header')
    return undefined
  }
  if (token === undefined || rest.length > 0) throw new InvalidRequestError('malformed_header')
  return token
}

/**
 * Every value of `Authorization` in Node's flat list of raw headers. `IncomingMessage.headers` cannot be used: it
 * silently keeps the first of two, and what a proxy in front read may have been the other.
 */
export function authorizationValues(rawHeaders: readonly string[]): string | string[] | undefined {
  let first: string | undefined
  let all: string[] | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length !== 13 || name.toLowerCase() !== 'authorization') continue
    const value = rawHeaders[index + 1] ?? ''
    if (first === undefined) first = value
    else all = [...(all ?? [first]), value]
  }
  return all ?? first
}
