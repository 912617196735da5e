import { type ClientCreate, isPublicClient } from '@rolecall/contract'
import type { Selectable } from 'kysely'
import { enableEverywhere } from '../connections/store.ts'
import { sha256 } from '../crypto/digest.ts'
import { randomAlphanumeric, randomSecret } from '../crypto/random.ts'
import { recordChange } from '../store/changes.ts'
import { lockRows } from '../store/row-lock.ts'
import type { ApplicationsTable } from '../store/schema.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { fromBool, fromJson, toBool, toJson } from '../store/values.ts'
import { tenantSettings } from '../tenant/settings.ts'
import {
  type Application,
  type ClientCredential,
  newClientData,
  requireAuthenticatedGrants,
  usesKeys,
} from './applications.ts'
import { takeKeys } from './keys.ts'

export async function findApplication(db: Db, clientId: string): Promise<Application | undefined> {
  const row = await db
    .selectFrom('applications')
    .selectAll()
    .where('client_id', '=', clientId)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** As `findApplication`, and nobody else changes it until the transaction ends. */
export async function lockApplication(tx: Db, clientId: string): Promise<Application | undefined> {
  const query = tx.selectFrom('applications').selectAll().where('client_id', '=', clientId)
  const row = await lockRows(tx, query).executeTakeFirst()
  return row && fromRow(row)
}

/** What only the server itself decides about an application. */
export interface SystemMarks {
  clientId?: string
  isGlobal?: boolean
  isSystem?: boolean
}

/**
 * Adds an application. A confidential one gets a secret of 256 random bits unless the caller brings one, or keys;
 * only its hash is kept, so `clientSecret` is the last sight of it.
 * @throws ApiError 400 for keys that cannot be used, and for client_credentials without client authentication
 */
export async function createApplication(
  tx: Tx,
  input: ClientCreate,
  system: SystemMarks = {},
): Promise<{ application: Application; clientSecret?: string }> {
  const { db, now } = tx
  const clientId = system.clientId ?? randomAlphanumeric(32)
  const { methods, credentials } = await takeKeys(input.client_authentication_methods, now)
  const data = newClientData(clientId, methods ? { ...input, client_authentication_methods: methods } : input)
  requireAuthenticatedGrants(data)
  const confidential = !isPublicClient(data) && !system.isGlobal && !usesKeys(data)
  const clientSecret = confidential ? (input.client_secret ?? randomSecret()) : undefined
  const application: Application = {
    clientId,
    name: data.name,
    ...(data.app_type && { appType: data.app_type }),
    isGlobal: system.isGlobal ?? false,
    isSystem: system.isSystem ?? false,
    ...(clientSecret && { secretHash: sha256(clientSecret) }),
    data,
    credentials,
    createdAt: now,
    updatedAt: now,
  }
  await db.insertInto('applications').values(toRow(application)).execute()
  const { flags } = await tenantSettings(db)
  if (flags.enable_client_connections && !application.isGlobal) await enableEverywhere(db, clientId)
  await recordChange(tx, 'application', clientId)
  return { application, ...(clientSecret && { clientSecret }) }
}

/** Writes every member of an application that exists. */
export async function saveApplication(tx: Db, application: Application): Promise<void> {
  const { client_id, created_at: _, ...row } = toRow(application)
  await tx.updateTable('applications').set(row).where('client_id', '=', client_id).execute()
}

export async function deleteApplicationRow(tx: Db, clientId: string): Promise<void> {
  await tx.deleteFrom('applications').where('client_id', '=', clientId).execute()
}

/** Every application of the tenant, in no order; for what is remembered, not for answering requests. */
export async function allApplications(db: Db): Promise<Application[]> {
  return (await db.selectFrom('applications').selectAll().execute()).map(fromRow)
}

/** The objects that the server made itself. */
export async function listSystemApplications(db: Db): Promise<Application[]> {
  const rows = await db.selectFrom('applications').selectAll().where('is_system', '=', toBool(true)).execute()
  return rows.map(fromRow)
}

export function fromRow(row: Selectable<ApplicationsTable>): Application {
  return {
    clientId: row.client_id,
    name: row.name,
    ...(row.app_type !== null && { appType: row.app_type }),
    isGlobal: fromBool(row.is_global),
    isSystem: fromBool(row.is_system),
    ...(row.secret_hash !== null && { secretHash: row.secret_hash }),
    data: fromJson<Application['data']>(row.data),
    credentials: fromJson<ClientCredential[]>(row.credentials),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  }
}

function toRow(application: Application) {
  return {
    client_id: application.clientId,
    name: application.name,
    is_global: toBool(application.isGlobal),
    is_system: toBool(application.isSystem),
    is_first_party: toBool(application.data.is_first_party ?? true),
    app_type: application.appType ?? null,
    secret_hash: application.secretHash ?? null,
    data: toJson(application.data),
    credentials: toJson(application.credentials),
    created_at: application.createdAt,
    updated_at: application.updatedAt,
  }
}
