import { z } from 'zod'

/** Signing keys of the tenant: https://auth0.com/docs/api/management/v2/keys/get-signing-keys. */
export const signingKey = z.object({
  kid: z.string(),
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
