import type { Selectable } from 'kysely'
import type { ConsentsTable } from '../store/schema.ts'
import { chunks, shareRows } from '../store/sql.ts'
import type { Db } from '../store/store.ts'

/** The user, the application and the API of a consent; without an API only OpenID Connect scopes were requested. */
export interface ConsentKey {
  userId: string
  clientId: string
  apiId?: string | undefined
}

/** The scopes that a user allows an application to request, until the consent is deleted. */
export interface Consent extends ConsentKey {
  id: string
  /** Scopes of OpenID Connect and permissions of the API. */
  scope: string[]
}

export interface NewConsent extends ConsentKey {
  protocolScopes: readonly string[]
  /** Permissions of the API. Deleting one from the API deletes it from the consent. */
  permissions: readonly string[]
}

export async function findConsent(db: Db, key: ConsentKey): Promise<Consent | undefined> {
  const row = await ofKey(db, key).selectAll().executeTakeFirst()
  return row && (await consentsFromRows(db, [row]))[0]
}

/** As `findConsent`, after waiting for a deletion that has begun. */
export async function confirmConsent(db: Db, key: ConsentKey): Promise<Consent | undefined> {
  const row = await shareRows(db, ofKey(db, key).selectAll()).executeTakeFirst()
  return row && (await consentsFromRows(db, [row]))[0]
}

export async function findConsentById(db: Db, id: string): Promise<Consent | undefined> {
  const row = await db.selectFrom('consents').selectAll().where('id', '=', id).executeTakeFirst()
  return row && (await consentsFromRows(db, [row]))[0]
}

function ofKey(db: Db, { userId, clientId, apiId }: ConsentKey) {
  return db
    .selectFrom('consents')
    .where('user_id', '=', userId)
    .where('client_id', '=', clientId)
    .where('api_id', apiId === undefined ? 'is' : '=', apiId ?? null)
}

/** Adds the scopes to those of the consent, also when two forms are sent at the same time. */
export async function addConsent(tx: Db, id: string, consent: NewConsent, now: number): Promise<void> {
  const { userId, clientId, apiId, protocolScopes, permissions } = consent
  await tx
    .insertInto('consents')
    .values({
      id,
      user_id: userId,
      client_id: clientId,
      api_id: apiId ?? null,
      created_at: now,
      updated_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
  const kept = await ofKey(tx, consent).select('id').executeTakeFirstOrThrow()
  await tx.updateTable('consents').set({ updated_at: now }).where('id', '=', kept.id).execute()
  const rows = [
    ...permissions.map((scope) => ({ consent_id: kept.id, scope, api_id: apiId ?? null })),
    ...protocolScopes.map((scope) => ({ consent_id: kept.id, scope, api_id: null })),
  ]
  for (const some of chunks(rows))
    await tx
      .insertInto('consent_scopes')
      .values(some)
      .onConflict((conflict) => conflict.doNothing())
      .execute()
}

export async function deleteConsent(tx: Db, id: string): Promise<void> {
  await tx.deleteFrom('consents').where('id', '=', id).execute()
}

/** @returns the client ids of the deleted consents */
export async function deleteConsentsOf(tx: Db, userId: string): Promise<string[]> {
  const rows = await tx.deleteFrom('consents').where('user_id', '=', userId).returning('client_id').execute()
  return [...new Set(rows.map((row) => row.client_id))]
}

export async function consentsFromRows(db: Db, rows: Selectable<ConsentsTable>[]): Promise<Consent[]> {
  if (rows.length === 0) return []
  const scopes = await db
    .selectFrom('consent_scopes')
    .select(['consent_id', 'scope'])
    .where(
      'consent_id',
      'in',
      rows.map(({ id }) => id),
    )
    .orderBy('scope')
    .execute()
  const byConsent = Map.groupBy(scopes, (scope) => scope.consent_id)
  return rows.map((row) => ({
    id: row.id,
    userId: row.user_id,
    clientId: row.client_id,
    ...(row.api_id !== null && { apiId: row.api_id }),
    scope: byConsent.get(row.id)?.map(({ scope }) => scope) ?? [],
  }))
}
