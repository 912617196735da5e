import { z } from 'zod'

/**
 * Second factors. The shapes of `/guardian` and of `/users/{id}/authentication-methods` are Auth0's:
 * https://auth0.com/docs/api/management/v2/guardian/get-factors. `/rolecall/factor-policy` has what Auth0 leaves to Actions.
 */

/** The factors of Auth0 that this server has, by Auth0's names. `webauthn-roaming` is a security key. */
export const factorNames = ['otp', 'webauthn-roaming', 'recovery-code'] as const
export type FactorName = (typeof factorNames)[number]

/** Auth0's other factors, which can be listed and stay disabled. */
export const absentFactors = ['push-notification', 'sms', 'email', 'duo', 'webauthn-platform'] as const

const members = {
  /** `never`: nobody is asked. `optional`: users who have a factor. `required`: everybody. */
  policy: z.enum(['never', 'optional', 'required']),
  /** Which factors users can set up and use. */
  factors: z.record(z.enum(factorNames), z.boolean()),
  /** Whether owners of the tenant need one, as users of these roles do, and tokens for these APIs. */
  owners: z.boolean(),
  /** Ids of roles. */
  roles: z.array(z.string().max(100)).max(100),
  /** Identifiers of APIs. */
  apis: z.array(z.string().max(600)).max(100),
}

/** Who needs a second factor. With `never` nobody does, whatever the other members say. */
export const factorPolicy = z.object(members)
export type FactorPolicy = z.output<typeof factorPolicy>

export const factorPolicyUpdate = z
  .strictObject({
    ...members,
    factors: z.partialRecord(z.enum(factorNames), z.boolean()),
  })
  .partial()
export type FactorPolicyUpdate = z.output<typeof factorPolicyUpdate>

export const guardianFactor = z.object({
  name: z.string(),
  enabled: z.boolean(),
  trial_expired: z.boolean(),
})

/** `PUT /guardian/policies`: `all-applications` requires a second factor of everybody. */
export const guardianPolicies = z.array(z.string().max(100)).max(10)

/** A second factor, a passkey, or a set of recovery codes, of a user. */
export const authenticationMethod = z.object({
  id: z.string(),
  type: z.enum(['totp', 'webauthn-roaming', 'passkey', 'recovery-code']),
  confirmed: z.boolean(),
  name: z.string().optional(),
  created_at: z.string(),
  last_auth_at: z.string().optional(),
  /** The credential id of a key, base64url. */
  key_id: z.string().optional(),
  /** How browsers reach a key: `usb`, `nfc`, `ble`, `hybrid`, `internal`. */
  transports: z.array(z.string()).optional(),
})
export type AuthenticationMethod = z.output<typeof authenticationMethod>

export const authenticationMethodUpdate = z
  .strictObject({
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .regex(/^\P{Cc}*$/u, 'must have no control characters'),
  })
  .meta({ examples: [{ name: 'Blue key' }] })
