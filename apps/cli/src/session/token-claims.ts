import { z } from 'zod'
import { CommandError } from '../errors.ts'

const claims = z.looseObject({
  iss: z.string().optional(),
  sub: z.string().optional(),
  aud: z.union([z.string(), z.array(z.string())]).optional(),
  exp: z.number().optional(),
  iat: z.number().optional(),
  nbf: z.number().optional(),
  scope: z.string().optional(),
  permissions: z.array(z.string()).optional(),
})
export type Claims = z.output<typeof claims>

const header = z.looseObject({ alg: z.string(), kid: z.string().optional(), typ: z.string().optional() })
export type Header = z.output<typeof header>

/** The claims of an access token, which are not verified. @throws CommandError for a token that is no JWT */
export const readClaims = (token: string): Claims => part(token, 1, claims)

/** The header of an access token. @throws CommandError for a token that is no JWT */
export const readHeader = (token: string): Header => part(token, 0, header)

function part<S extends z.ZodType>(token: string, index: number, schema: S): z.output<S> {
  const text = Buffer.from(token.split('.')[index] ?? '', 'base64url').toString('utf8')
  try {
    return schema.parse(JSON.parse(text))
  } catch {
    throw new CommandError('The token is not a JWT: an opaque token has no claims that can be read.')
  }
}
