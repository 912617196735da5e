import { InvalidRequestError } from './errors.ts'

const bearerPrefix = 'Bearer '
/** A second credential after a comma: `Headers` of fetch joins two Authorization headers like this. */
const joinedBearer = /,\s*bearer(?:\s|$)/i

/**
 * The token of an `Authorization` header (RFC 6750 §2.1). The guard reads no other carrier (RFC 9700 §4.3.2).
 *
 * @param header the field's value, or every value when it was sent more than once
 * @returns undefined without bearer credentials: no header, another scheme, a token without scheme
 * @throws InvalidRequestError when the header was sent twice, or holds anything but one token after the scheme
 *
 * @example
 * ```ts
 * bearerToken('Bearer abc') // => 'abc'
 * bearerToken('Basic dTpw') // => undefined
 * ```
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
 * Every value of `Authorization` in the flat list of raw headers of `node:http`. `IncomingMessage.headers` keeps only the
 * first of two, while a proxy in front may have read the other.
 *
 * @returns undefined without the header, a string for one value, an array for more
 *
 * @example
 * ```ts
 * import { authorizationValues } from '@rolecall/guard'
 *
 * authorizationValues(['Host', 'api.test', 'Authorization', 'Bearer abc']) // => 'Bearer abc'
 * ```
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
