import { z } from 'zod'
import { keyAlgs } from './resource-servers.ts'

/** Signing keys of the tenant: https://auth0.com/docs/api/management/v2/keys/get-signing-keys. */
export const signingKey = z.object({
  kid: z.string(),
  /** Auth0 does not have it: its keys are for RS256. */
  alg: z.enum(keyAlgs),
  /** PEM. */
  cert: z.string(),
  pkcs7: z.string(),
  current: z.boolean(),
  next: z.boolean(),
  previous: z.boolean(),
  current_since: z.string().optional(),
  current_until: z.string().optional(),
  fingerprint: z.string(),
  thumbprint: z.string(),
  revoked: z.boolean(),
  revoked_at: z.string().optional(),
})
export type SigningKeyWire = z.output<typeof signingKey>

export const signingKeyChange = z.object({ cert: z.string(), kid: z.string() })
