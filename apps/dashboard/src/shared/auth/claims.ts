import { z } from 'zod'

const claims = z.looseObject({
  sub: z.string(),
  exp: z.number(),
  permissions: z.array(z.string()).optional(),
  scope: z.string().optional(),
})
export type Claims = z.output<typeof claims>

/** The header and payload of a JWT, for show: who calls an API, not who reads this, checks the signature. */
export function decodeToken(token: string): { header: unknown; payload: Claims } {
  const [header = '', payload = ''] = token.split('.')
  return { header: parsePart(header), payload: claims.parse(parsePart(payload)) }
}

function parsePart(part: string): unknown {
  const bytes = Uint8Array.from(atob(part.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0))
  return JSON.parse(new TextDecoder().decode(bytes))
}
