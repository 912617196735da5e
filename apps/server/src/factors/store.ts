import type { Selectable } from 'kysely'
import type { SealedColumn } from '../crypto/reseal.ts'
import { sha256 } from '../crypto/secrets.ts'
import type { AuthenticationMethodsTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import { fromJson, toJson } from '../store/values.ts'

interface Common {
  id: string
  userId: string
  /** What the user calls it. */
  name: string
  /** Epoch milliseconds, as all times of a method. */
  createdAt: number
  lastUsedAt?: number
}

/** A second factor: an app that computes codes (RFC 6238). */
export interface TotpMethod extends Common {
  type: 'totp'
  /** Sealed for {@link secretContext}. */
  secret: string
  /** The time step of the last accepted code. */
  lastStep: number
}

/** A security key as second factor, or a passkey, with which a user logs in without a password. */
export interface KeyMethod extends Common {
  type: 'webauthn' | 'passkey'
  /** Base64url, as the two below. */
  credentialId: string
  /** COSE (RFC 9052 §7). */
  publicKey: string
  signCount: number
  transports: string[]
}

/** A set of recovery codes. */
export interface RecoveryMethod extends Common {
  type: 'recovery'
}

export type Method = TotpMethod | KeyMethod | RecoveryMethod

export const secretContext = (methodId: string) => `authentication-method/${methodId}`

export const sealedFactorSecrets: SealedColumn = {
  table: 'authentication_methods',
  key: ['id'],
  column: 'secret',
  contextOf: ({ id = '' }) => secretContext(id),
}

export const isKey = (method: Method): method is KeyMethod =>
  method.type === 'webauthn' || method.type === 'passkey'

/** @returns false where a user, this one or another, has the key already */
export async function insertMethod(db: Db, method: Method): Promise<boolean> {
  const key = isKey(method) ? method : undefined
  const result = await db
    .insertInto('authentication_methods')
    .values({
      id: method.id,
      user_id: method.userId,
      type: method.type,
      name: method.name,
      secret: method.type === 'totp' ? method.secret : null,
      last_step: method.type === 'totp' ? method.lastStep : null,
      credential_id: key?.credentialId ?? null,
      public_key: key?.publicKey ?? null,
      sign_count: key?.signCount ?? null,
      transports: key ? toJson(key.transports) : null,
      created_at: method.createdAt,
      last_used_at: method.lastUsedAt ?? null,
    })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

/** The oldest first, recovery codes last. */
export async function listMethods(db: Db, userId: string): Promise<Method[]> {
  const rows = await db
    .selectFrom('authentication_methods')
    .selectAll()
    .where('user_id', '=', userId)
    .orderBy('created_at')
    .orderBy('id')
    .execute()
  const methods = rows.map(fromRow)
  return methods.toSorted((a, b) => Number(a.type === 'recovery') - Number(b.type === 'recovery'))
}

/** @returns false when the user has no such method */
export async function renameMethod(db: Db, userId: string, id: string, name: string): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('authentication_methods')
    .set({ name })
    .where('id', '=', id)
    .where('user_id', '=', userId)
    .executeTakeFirst()
  return numUpdatedRows === 1n
}

/** @param credentialId base64url. An authenticator chose it, and it is unique here. */
export async function findKey(db: Db, credentialId: string): Promise<KeyMethod | undefined> {
  const row = await db
    .selectFrom('authentication_methods')
    .selectAll()
    .where('credential_id', '=', credentialId)
    .executeTakeFirst()
  const method = row && fromRow(row)
  return method && isKey(method) ? method : undefined
}

export async function deleteMethod(db: Db, id: string): Promise<void> {
  await db.deleteFrom('authentication_methods').where('id', '=', id).execute()
}

export async function deleteMethodsOf(db: Db, userId: string): Promise<void> {
  await db.deleteFrom('authentication_methods').where('user_id', '=', userId).execute()
}

/**
 * Accepts a time step once, in one statement: of parallel uses of a code one succeeds, and no earlier code is accepted
 * after it (RFC 6238 §5.2). @returns whether this call accepted it
 */
export async function acceptStep(db: Db, id: string, step: number, now: number): Promise<boolean> {
  const result = await db
    .updateTable('authentication_methods')
    .set({ last_step: step, last_used_at: now })
    .where('id', '=', id)
    .where('last_step', '<', step)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/**
 * Raises the signature counter of a key, in one statement: of parallel uses with one value one succeeds. A key without a
 * counter always sends 0 (WebAuthn §6.1.1).
 * @returns false where the value is not higher than the last one, or the key is gone
 */
export async function raiseCounter(db: Db, id: string, signCount: number, now: number): Promise<boolean> {
  const result = await db
    .updateTable('authentication_methods')
    .set({ sign_count: signCount, last_used_at: now })
    .where('id', '=', id)
    .where((eb) => (signCount === 0 ? eb('sign_count', '=', 0) : eb('sign_count', '<', signCount)))
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

/** Replaces the codes of a set. */
export async function putRecoveryCodes(db: Db, methodId: string, codes: readonly string[]): Promise<void> {
  await db.deleteFrom('recovery_codes').where('method_id', '=', methodId).execute()
  const rows = codes.map((code) => ({ method_id: methodId, code_hash: sha256(code), used_at: null }))
  await db.insertInto('recovery_codes').values(rows).execute()
}

/** @returns whether this call used the code: it is one statement, so only one of several callers succeeds */
export async function consumeRecoveryCode(
  db: Db,
  methodId: string,
  code: string,
  now: number,
): Promise<boolean> {
  const result = await db
    .updateTable('recovery_codes')
    .set({ used_at: now })
    .where('method_id', '=', methodId)
    .where('code_hash', '=', sha256(code))
    .where('used_at', 'is', null)
    .executeTakeFirst()
  if (result.numUpdatedRows !== 1n) return false
  await db
    .updateTable('authentication_methods')
    .set({ last_used_at: now })
    .where('id', '=', methodId)
    .execute()
  return true
}

export async function countUnusedCodes(db: Db, methodId: string): Promise<number> {
  const row = await db
    .selectFrom('recovery_codes')
    .select(({ fn }) => fn.countAll<number | bigint | string>().as('count'))
    .where('method_id', '=', methodId)
    .where('used_at', 'is', null)
    .executeTakeFirst()
  return Number(row?.count ?? 0)
}

function fromRow(row: Selectable<AuthenticationMethodsTable>): Method {
  const common = {
    id: row.id,
    userId: row.user_id,
    name: row.name,
    createdAt: row.created_at,
    ...(row.last_used_at !== null && { lastUsedAt: row.last_used_at }),
  }
  switch (row.type) {
    case 'totp':
      return { ...common, type: 'totp', secret: row.secret ?? '', lastStep: row.last_step ?? 0 }
    case 'recovery':
      return { ...common, type: 'recovery' }
    default:
      return {
        ...common,
        type: row.type,
        credentialId: row.credential_id ?? '',
        publicKey: row.public_key ?? '',
        signCount: row.sign_count ?? 0,
        transports: fromJson(row.transports) ?? [],
      }
  }
}
