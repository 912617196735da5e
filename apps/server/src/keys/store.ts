import { keyAlgs } from '@rolecall/contract'
import type { JWK } from 'jose'
import type { Selectable } from 'kysely'
import { z } from 'zod'
import type { SigningKeysTable } from '../store/schema.ts'
import { lockRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'
import type { SigningKey } from './signing-key.ts'

const keyAlg = z.enum(keyAlgs)

/** All keys, newest first. */
export async function listKeys(db: Db): Promise<SigningKey[]> {
  const rows = await db
    .selectFrom('signing_keys')
    .selectAll()
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute()
  return rows.map(fromRow)
}

/** As `listKeys`, with a lock: servers that rotate at the same time do so one after the other. */
export async function lockKeys(tx: Db): Promise<SigningKey[]> {
  // Always in this order, so that two transactions cannot deadlock.
  const current = tx.selectFrom('signing_keys').select('kid').where('state', '=', 'current').orderBy('alg')
  await lockRows(tx, current).execute()
  return listKeys(tx)
}

export async function insertKey(tx: Db, key: SigningKey): Promise<void> {
  await tx
    .insertInto('signing_keys')
    .values({
      kid: key.kid,
      state: key.state,
      alg: key.alg,
      sealed_jwk: key.sealedJwk,
      public_jwk: toJson(key.publicJwk),
      certificate: key.certificate,
      pkcs7: key.pkcs7,
      created_at: key.createdAt,
      current_since: key.currentSince ?? null,
      current_until: key.currentUntil ?? null,
      revoked_at: key.revokedAt ?? null,
    })
    .execute()
}

/** Updates the state and times of a key. The key itself never changes. */
export async function saveKey(tx: Db, key: SigningKey): Promise<void> {
  await tx
    .updateTable('signing_keys')
    .set({
      state: key.state,
      current_since: key.currentSince ?? null,
      current_until: key.currentUntil ?? null,
      revoked_at: key.revokedAt ?? null,
    })
    .where('kid', '=', key.kid)
    .execute()
}

function fromRow(row: Selectable<SigningKeysTable>): SigningKey {
  return {
    kid: row.kid,
    state: row.state,
    alg: keyAlg.parse(row.alg),
    sealedJwk: row.sealed_jwk,
    publicJwk: fromJson<JWK>(row.public_jwk),
    certificate: row.certificate,
    pkcs7: row.pkcs7,
    createdAt: row.created_at,
    ...(row.current_since !== null && { currentSince: row.current_since }),
    ...(row.current_until !== null && { currentUntil: row.current_until }),
    ...(row.revoked_at !== null && { revokedAt: row.revoked_at }),
  }
}
