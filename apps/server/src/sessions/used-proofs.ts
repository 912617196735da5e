import type { DpopOptions } from '@rolecall/guard'
import type { Context } from '../context.ts'
import { sha256 } from '../crypto/secrets.ts'
import { insertArtifact } from './store.ts'

/**
 * Remembers the DPoP proofs that were used at this server's own resources, on every node (RFC 9449 §11.1). Those of the
 * token endpoint are remembered by oidc-provider, in the same table.
 */
export function sharedProofMemory(
  ctx: Pick<Context, 'store' | 'clock'>,
): NonNullable<DpopOptions['isFirstUse']> {
  return ({ thumbprint, jti, expiresAtSeconds }) =>
    markUsed(ctx, `${thumbprint} ${jti}`, expiresAtSeconds * 1000)
}

/**
 * Remembers, on every node, that a value was used. Of parallel uses one is the first.
 * @param value begins with what it is, so that no two kinds have the same values
 * @param until epoch milliseconds, when the value is refused for its age
 * @returns whether this is the first use
 */
export function markUsed(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  value: string,
  until: number,
): Promise<boolean> {
  return insertArtifact(store.db, {
    kind: 'UsedProof',
    id_hash: sha256(value),
    payload: '',
    grant_id: null,
    uid: null,
    user_code: null,
    user_id: null,
    client_id: null,
    created_at: clock(),
    expires_at: until,
  })
}
