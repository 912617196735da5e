import { InvalidRequestError } from './errors.ts'

/** A token and the scheme that it was sent with. */
export interface Credentials {
  readonly scheme: 'Bearer' | 'DPoP'
  readonly token: string
}

const bearerPrefix = 'Bearer '
/** A second credential after a comma: `Headers` of fetch joins two Authorization headers like this. */
const joinedCredentials = /,\s*(?:bearer|dpop)(?:\s|$)/i

/**
 * The credentials of an `Authorization` header (RFC 6750 §2.1, RFC 9449 §7.1). The guard reads no other carrier
 * (RFC 9700 §4.3.2).
 *
 * @param header the field's value, or every value when it was sent more than once
 * @returns undefined without a token: no header, another scheme, a token without scheme
 * @throws InvalidRequestError when the header was sent twice, or holds anything but one token after the scheme
 *
 * @example
 * ```ts
 * parseCredentials('Bearer abc') // => { scheme: 'Bearer', token: 'abc' }
 * parseCredentials('DPoP abc') // => { scheme: 'DPoP', token: 'abc' }
 * parseCredentials('Basic dTpw') // => undefined
 * ```
 */
export function parseCredentials(header: string | readonly string[] | undefined): Credentials | undefined {
  if (header === undefined) return undefined
  if (typeof header !== 'string') {
    if (header.length > 1) throw new InvalidRequestError('repeated_header')
    return parseCredentials(header[0])
  }
  if (header.startsWith(bearerPrefix) && !header.includes(' ', bearerPrefix.length) && header.length > 7)
    return { scheme: 'Bearer', token: header.slice(bearerPrefix.length) }
  const [name = '', token, ...rest] = header.split(/\s+/).filter((part) => part !== '')
  const scheme = schemes.get(name.toLowerCase())
  if (scheme === undefined) {
    if (joinedCredentials.test(header)) throw new InvalidRequestError('repeated_header')
    return undefined
  }
  if (token === undefined || rest.length > 0) throw new InvalidRequestError('malformed_header')
  return { scheme, token }
}

const schemes: ReadonlyMap<string, Credentials['scheme']> = new Map([
  ['bearer', 'Bearer'],
  ['dpop', 'DPoP'],
])

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
  return headerValues(rawHeaders, 'authorization')
}

/**
 * Every value of one header in the flat list of raw headers of `node:http`.
 *
 * @param lowerCaseName the name of the header, in lower case
 * @returns undefined without the header, a string for one value, an array for more
 *
 * @example
 * ```ts
 * import { headerValues } from '@rolecall/guard'
 *
 * headerValues(['DPoP', 'a', 'dpop', 'b'], 'dpop') // => ['a', 'b']
 * ```
 */
export function headerValues(
  rawHeaders: readonly string[],
  lowerCaseName: string,
): string | string[] | undefined {
  let first: string | undefined
  let all: string[] | undefined
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index]
    if (name?.length !== lowerCaseName.length || name.toLowerCase() !== lowerCaseName) continue
    const value = rawHeaders[index + 1] ?? ''
    if (first === undefined) first = value
    else all = [...(all ?? [first]), value]
  }
  return all ?? first
}
