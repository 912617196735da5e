import { z } from 'zod'

/** One line of text: nothing that could break a log line, a header or a page. */
export const line = (longest: number, shortest = 1) =>
  z
    .string()
    .min(shortest)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Zl}\p{Zp}]*$/u, 'must not contain control characters')

/** A name of an object, as Auth0 limits them. */
export const objectName = (longest: number) => line(longest).regex(/^[^<>]*$/, 'must not contain < or >')

/** Metadata of a user: any JSON object; how deep and how large is bounded for the whole body. */
export const metadata = z.record(z.string().max(1_000), z.unknown())

export const emptyObject = z.object({}).describe('Nothing')
