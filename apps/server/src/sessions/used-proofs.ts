import type { DpopOptions } from '@rolecall/guard'
import type { Context } from '../context.ts'
import { sha256 } from '../crypto/secrets.ts'
import { insertArtifact } from './store.ts'

/**
 * Remembers the DPoP proofs that were used at this server's own resources, on every node (RFC 9449 §11.1). Those of the
 * token endpoint are remembered by oidc-provider, in the same table.
 */
export function sharedProofMemory({
  store,
  clock,
}: Pick<Context, 'store' | 'clock'>): NonNullable<DpopOptions['isFirstUse']> {
  return ({ thumbprint, jti, expiresAtSeconds }) =>
    insertArtifact(store.db, {
      kind: 'UsedProof',
      id_hash: sha256(`${thumbprint} ${jti}`),
      payload: '',
      grant_id: null,
      uid: null,
      user_code: null,
      user_id: null,
      client_id: null,
      created_at: clock(),
      expires_at: expiresAtSeconds * 1000,
    })
}
