import type { ClientGrantWire } from '@rolecall/contract'
import type { Application, ClientCredential, ClientGrant } from './store.ts'

export function applicationToWire({ data, isGlobal, isSystem }: Application) {
  return { ...data, global: isGlobal, ...(isSystem && { is_system: true }) }
}

export function grantToWire(grant: ClientGrant, audience: string): ClientGrantWire {
  return {
    ...grant.extra,
    id: grant.id,
    client_id: grant.clientId,
    audience,
    scope: grant.scope,
    subject_type: grant.subjectType,
    ...(grant.allowAllScopes && { allow_all_scopes: true }),
    ...(grant.isSystem && { is_system: true }),
  }
}

export function credentialToWire(credential: ClientCredential) {
  const { id, name, kid, alg, thumbprint, createdAt, updatedAt, expiresAt } = credential
  return {
    id,
    ...(name !== undefined && { name }),
    kid,
    alg,
    credential_type: 'public_key' as const,
    thumbprint_sha256: thumbprint,
    created_at: new Date(createdAt).toISOString(),
    updated_at: new Date(updatedAt).toISOString(),
    ...(expiresAt !== undefined && { expires_at: new Date(expiresAt).toISOString() }),
  }
}
