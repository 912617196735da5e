import { z } from 'zod'

/** One line of text without control characters, which could break a log line, a header or a page. */
export const line = (max: number, min = 1) =>
  z
    .string()
    .min(min)
    .max(max)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must not contain control characters')

/**
 * A name in requests, tokens and logs, such as an API's identifier: no invisible characters, and no white space at the
 * beginning or end, which copying and parsing often drop.
 */
export const identifier = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^\P{C}*$/u, 'must not contain control characters or other invisible characters')
    .regex(/^\S(.*\S)?$/u, 'must not begin or end with white space')

/** RFC 6749 App. A.4, scope-token: printable ASCII without space, quote and backslash. */
export const scopeToken = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'must be printable ASCII without space, quote and backslash')

/** RFC 6749 App. A.1 and A.2: the characters of a client identifier or secret that HTTP Basic can encode. */
export const vschar = z.string().regex(/^[\x20-\x7E]*$/, 'must be printable ASCII')

/** A line with at least one visible character. */
export const visibleLine = (max: number) =>
  line(max).regex(/[^\s\p{Default_Ignorable_Code_Point}]/u, 'must contain a visible character')

/** The name of an object, with Auth0's limits. */
export const objectName = (max: number) => visibleLine(max).regex(/^[^<>]*$/, 'must not contain < or >')

/** Metadata of a user: any JSON object. Depth and size are limited for the whole body. */
export const metadata = z.record(z.string().max(1_000), z.unknown())

export const emptyObject = z.object({}).describe('Nothing')

/**
 * A setting of Auth0 that would make something stricter and that this server does not support. Only the values that turn it
 * off are accepted, because accepting another one would promise protection that does not exist.
 */
export const notSupported = <T extends z.core.util.Literal>(what: string, ...accepted: T[]) =>
  z.literal(accepted, `${what} is not supported`).nullish()

/**
 * The id of a user. Those of users of another provider have up to 389 characters: `oidc|`, the name of a connection (128),
 * `|`, and a `sub` (255, OpenID Connect Core 1.0 §2).
 */
export const userIdText = z.string().min(1).max(400)
