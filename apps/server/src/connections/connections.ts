import type { ConnectionOptions } from '@rolecall/contract'
import { randomAlphanumeric } from '../crypto/random.ts'

export { connectionOf, findConnection, isEnabled } from './store.ts'

/** The connection that exists from the first start, by the name that Auth0's tools expect. */
export const defaultConnectionName = 'Username-Password-Authentication'

/** What sign-up, log-in and password rules read. Other members are kept and given back. */
export type { ConnectionOptions }

/** A database of users with passwords, that applications are enabled on. */
export interface Connection {
  id: string
  name: string
  strategy: string
  options: ConnectionOptions
  /** `realms`, `metadata`, `display_name` and what else Auth0's tools send. */
  extra: Record<string, unknown>
  createdAt: number
  updatedAt: number
}

/** Auth0's defaults for a new database: https://auth0.com/docs/api/management/v2/connections/post-connections */
export function newConnection(
  now: number,
  given: {
    name: string
    strategy?: string | undefined
    options?: ConnectionOptions | undefined
    extra?: Record<string, unknown>
  },
): Connection {
  return {
    id: `con_${randomAlphanumeric(16)}`,
    name: given.name,
    strategy: given.strategy ?? 'auth0',
    options: {
      mfa: { active: true, return_enroll_settings: true },
      // Length and a list of common passwords, no composition rules (ASVS 6.2.5): the rules of `users/password-policy.ts`.
      passwordPolicy: 'low',
      brute_force_protection: true,
      // auth0-deploy-cli adds it to whatever it imports: without it, its own export would change.
      disable_self_service_change_password: false,
      ...given.options,
    },
    extra: given.extra ?? {},
    createdAt: now,
    updatedAt: now,
  }
}
