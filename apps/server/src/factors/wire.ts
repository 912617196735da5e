import type { AuthenticationMethod } from '@rolecall/contract'
import { iso } from '../users/wire.ts'
import { isKey, type Method } from './store.ts'

/** Auth0's names of the types. */
const wireTypes = {
  totp: 'totp',
  webauthn: 'webauthn-roaming',
  passkey: 'passkey',
  recovery: 'recovery-code',
} as const

/** Secrets and public keys stay out. */
export function methodToWire(method: Method): AuthenticationMethod {
  const { id, type, name, createdAt, lastUsedAt } = method
  return {
    id,
    type: wireTypes[type],
    confirmed: true,
    name,
    created_at: iso(createdAt),
    ...(lastUsedAt !== undefined && { last_auth_at: iso(lastUsedAt) }),
    ...(isKey(method) && { key_id: method.credentialId, transports: method.transports }),
  }
}
