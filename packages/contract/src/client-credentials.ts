import { z } from 'zod'

/** Public keys of applications: https://auth0.com/docs/api/management/v2/clients/post-credentials. */

const moment = z.iso.datetime({ offset: true })

export const clientCredentialCreate = z.object({
  credential_type: z.literal('public_key'),
  name: z.string().max(128).optional(),
  /** A public RSA key (SPKI or PKCS #1) or an X.509 certificate. */
  pem: z.string().min(1).max(16_384),
  alg: z.enum(['RS256', 'RS384', 'PS256']).optional(),
  kid: z
    .string()
    .regex(/^[\w.-]{1,128}$/, 'must be letters, digits, - _ .')
    .optional(),
  expires_at: moment.optional(),
  parse_expiry_from_cert: z.boolean().optional(),
})
export type ClientCredentialCreate = z.output<typeof clientCredentialCreate>

export const clientCredentialUpdate = z.object({ expires_at: moment.nullable() })

export const clientCredential = z.object({
  id: z.string(),
  name: z.string().optional(),
  kid: z.string(),
  alg: z.string(),
  credential_type: z.literal('public_key'),
  thumbprint_sha256: z.string(),
  created_at: z.string(),
  updated_at: z.string(),
  expires_at: z.string().optional(),
})
export type ClientCredentialWire = z.output<typeof clientCredential>
