import type { ClientUpdate } from '@rolecall/contract'
import { ensureManagementApi } from './apis/management-api.ts'
import type { Api } from './apis/store.ts'
import { createApplication } from './applications/applications.ts'
import { changedClientData } from './applications/client-data.ts'
import { createClientGrant } from './applications/grants.ts'
import {
  type Application,
  findClientGrant,
  listSystemApplications,
  saveApplication,
} from './applications/store.ts'
import { defaultConnectionName, newConnection } from './connections/connections.ts'
import { findConnection, insertConnection } from './connections/store.ts'
import type { Context } from './context.ts'
import { ensureOwnerRole } from './roles/owners.ts'
import { ensureReaderRole } from './roles/reader-role.ts'
import type { Role } from './roles/store.ts'
import { recordChange } from './store/changes.ts'
import { lockStart } from './store/migrate.ts'
import { type Tx, transaction } from './store/transaction.ts'

export const dashboardName = 'Rolecall Dashboard'
export const accountName = 'Rolecall Account'
const globalName = 'All Applications'

/** What the server itself stands on. */
export interface SystemObjects {
  managementApi: Api
  ownerRole: Role
  dashboard: Application
}

/**
 * Makes what every tenant has, and brings what is there up to date with the release and the issuer. Runs at each
 * start, before anything is served; again is no change.
 */
export async function ensureSystemObjects(ctx: Omit<Context, 'mailer'>): Promise<SystemObjects> {
  return transaction(ctx, (tx) => ensureAll(tx, ctx))
}

async function ensureAll(
  tx: Tx,
  { sealer, config }: Pick<Context, 'sealer' | 'config'>,
): Promise<SystemObjects> {
  await lockStart(tx.db)
  const managementApi = await ensureManagementApi(tx, sealer, config.issuer)
  const ownerRole = await ensureOwnerRole(tx, managementApi)
  await ensureReaderRole(tx, managementApi)
  await ensureConnection(tx)
  const existing = await listSystemApplications(tx.db)
  if (!existing.some(({ isGlobal }) => isGlobal))
    await createApplication(
      tx,
      { name: globalName, callbacks: [], is_first_party: true },
      { isGlobal: true, isSystem: true },
    )
  const dashboard = await ensureApplication(tx, existing, dashboardClient(config.issuer))
  await ensureApplication(tx, existing, accountClient(config.issuer))
  if (!(await findClientGrant(tx.db, dashboard.clientId, managementApi.id, 'user')))
    await createClientGrant(tx, {
      clientId: dashboard.clientId,
      apiId: managementApi.id,
      subjectType: 'user',
      allowAllScopes: true,
      isSystem: true,
    })
  return { managementApi, ownerRole, dashboard }
}

async function ensureConnection(tx: Tx): Promise<void> {
  if (await findConnection(tx.db, defaultConnectionName)) return
  const connection = newConnection(tx.now, { name: defaultConnectionName })
  await insertConnection(tx.db, connection)
  await recordChange(tx, 'connection', connection.id)
}

async function ensureApplication(
  tx: Tx,
  known: readonly Application[],
  wanted: ClientUpdate & { name: string },
): Promise<Application> {
  const existing = known.find(({ name }) => name === wanted.name)
  if (!existing) return (await createApplication(tx, wanted, { isSystem: true })).application
  const data = changedClientData(existing.data, wanted)
  if (JSON.stringify(data) === JSON.stringify(existing.data)) return existing
  const changed = { ...existing, data, updatedAt: tx.now }
  await saveApplication(tx.db, changed)
  await recordChange(tx, 'application', changed.clientId)
  return changed
}

function dashboardClient(issuer: string) {
  return {
    name: dashboardName,
    description: 'Where APIs, roles, users and applications are managed',
    app_type: 'spa',
    is_first_party: true,
    oidc_conformant: true,
    callbacks: [`${issuer}dashboard/callback`],
    allowed_logout_urls: [`${issuer}dashboard/`],
    web_origins: [new URL(issuer).origin],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none' as const,
    refresh_token: { rotation_type: 'rotating' as const, expiration_type: 'expiring' as const, leeway: 10 },
  }
}

/** The account page reads the browser's session. It is an application so that people log in to it as to any other. */
function accountClient(issuer: string) {
  return {
    name: accountName,
    description: 'Where users see and change their own account',
    app_type: 'spa',
    is_first_party: true,
    oidc_conformant: true,
    callbacks: [`${issuer}account`],
    grant_types: ['authorization_code'],
    token_endpoint_auth_method: 'none' as const,
  }
}
