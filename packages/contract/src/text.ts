import { z } from 'zod'

/** One line of text: nothing that could break a log line, a header or a page. */
export const line = (longest: number, shortest = 1) =>
  z
    .string()
    .min(shortest)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must not contain control characters')

/**
 * A name that travels in requests, tokens and logs, such as an API's identifier: nothing that a person cannot see, and no
 * white space at either end, where it gets lost.
 */
export const identifier = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^\P{C}*$/u, 'must not contain control characters or other invisible characters')
    .regex(/^\S(.*\S)?$/u, 'must not begin or end with white space')

/** RFC 6749 App. A.4, scope-token: printable ASCII without space, quote and backslash. */
export const scopeToken = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[\x21\x23-\x5B\x5D-\x7E]+$/, 'must be printable ASCII without space, quote and backslash')

/** RFC 6749 App. A.1 and A.2: what a client identifier or a secret may consist of, so that HTTP Basic can carry it. */
export const vschar = z.string().regex(/^[\x20-\x7E]*$/, 'must be printable ASCII')

/** A line that shows something: not only blanks and invisible characters, which make no difference to a name. */
export const visibleLine = (longest: number) =>
  line(longest).regex(/[^\s\p{Default_Ignorable_Code_Point}]/u, 'must contain a visible character')

/** A name of an object, as Auth0 limits them. */
export const objectName = (longest: number) =>
  visibleLine(longest).regex(/^[^<>]*$/, 'must not contain < or >')

/** Metadata of a user: any JSON object; how deep and how large is bounded for the whole body. */
export const metadata = z.record(z.string().max(1_000), z.unknown())

export const emptyObject = z.object({}).describe('Nothing')

/**
 * A setting that Auth0 has and this server does not obey, where obeying it would make something stricter. Only the value
 * that asks for nothing is taken, because the others would promise what does not hold.
 */
export const notSupported = <T extends z.core.util.Literal>(what: string, ...taken: T[]) =>
  z.literal(taken, `${what} is not supported`).nullish()
