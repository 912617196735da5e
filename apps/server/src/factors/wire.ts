import type { AuthenticationMethod } from '@rolecall/contract'
import { iso } from '../users/wire.ts'
import type { Method } from './store.ts'

/** Auth0's names of the types. */
const wireTypes = {
  totp: 'totp',
  webauthn: 'webauthn-roaming',
  passkey: 'passkey',
  recovery: 'recovery-code',
} as const

export function methodToWire({ id, type, name, createdAt, lastUsedAt }: Method): AuthenticationMethod {
  return {
    id,
    type: wireTypes[type],
    confirmed: true,
    name,
    created_at: iso(createdAt),
    ...(lastUsedAt !== undefined && { last_auth_at: iso(lastUsedAt) }),
  }
}
