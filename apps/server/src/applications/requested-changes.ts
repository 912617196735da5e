import type {
  ClientCreate,
  ClientGrantCreate,
  ClientGrantUpdate,
  ClientGrantWire,
  ClientUpdate,
} from '@rolecall/contract'
import { apiIdentifiers } from '../apis/store.ts'
import { insufficientScope } from '../http/api-error.ts'
import type { Caller } from '../http/management-app.ts'
import type { Change, RequestedChange } from '../logs/audited.ts'
import { requireHeld } from '../roles/privilege.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { createApplication, deleteApplication, updateApplication } from './applications.ts'
import { grantAccess, requireGrant, revokeGrant, updateGrant } from './grants.ts'
import { requireMayActOnApplication } from './privilege.ts'
import { applicationToWire, grantToWire } from './wire.ts'

/** The requests that change applications and their grants: the privilege rule, the rule itself, and what the log has of it. */

export async function createRequestedApplication(
  tx: Tx,
  { body }: RequestedChange<ClientCreate>,
): Promise<Change<Awaited<ReturnType<typeof createApplication>>>> {
  const result = await createApplication(tx, body)
  const after = applicationToWire(result.application)
  return { result, on: { client: after.client_id }, after }
}

export async function updateRequestedApplication(
  tx: Tx,
  { caller, id, body }: RequestedChange<ClientUpdate>,
): Promise<Change<ReturnType<typeof applicationToWire>>> {
  requireScopesFor(caller, body)
  await requireMayActOnApplication(tx.db, caller, id)
  const { before, after } = await updateApplication(tx, id, body)
  return {
    result: applicationToWire(after),
    on: { client: after.clientId },
    before: applicationToWire(before),
    after: applicationToWire(after),
  }
}

/** How an application authenticates has a scope of its own. */
function requireScopesFor({ scopes }: Caller, body: ClientUpdate): void {
  const { client_secret, client_authentication_methods, ...others } = body
  const setsKeys = client_secret !== undefined || client_authentication_methods !== undefined
  if (setsKeys && !scopes.has('update:client_keys')) throw insufficientScope(['update:client_keys'])
  if (Object.keys(others).length > 0 && !scopes.has('update:clients'))
    throw insufficientScope(['update:clients'])
}

export async function deleteRequestedApplication(
  tx: Tx,
  { caller, id }: RequestedChange,
): Promise<Change<undefined>> {
  await requireMayActOnApplication(tx.db, caller, id)
  const deleted = await deleteApplication(tx, id)
  return { result: undefined, on: { client: deleted.clientId }, before: applicationToWire(deleted) }
}

export async function createRequestedGrant(
  tx: Tx,
  { caller, body }: RequestedChange<ClientGrantCreate>,
): Promise<Change<ClientGrantWire>> {
  const target = { type: 'client', id: body.client_id } as const
  const { grant, api } = await grantAccess(tx, body, ({ isSystem }, scopes) => {
    if (isSystem) requireHeld(caller, scopes, target)
  })
  const result = grantToWire(grant, api.identifier)
  return { result, on: { client: grant.clientId, api: api.id }, after: result }
}

export async function updateRequestedGrant(
  tx: Tx,
  { caller, id, body }: RequestedChange<ClientGrantUpdate>,
): Promise<Change<ClientGrantWire>> {
  await requireMayActOnGrant(tx.db, caller, id)
  const changed = await updateGrant(tx, id, body, ({ isSystem }, scopes) => {
    if (isSystem) requireHeld(caller, scopes, { type: 'client_grant', id })
  })
  const result = grantToWire(changed.after, changed.api.identifier)
  return {
    result,
    on: { client: changed.after.clientId, api: changed.api.id },
    before: grantToWire(changed.before, changed.api.identifier),
    after: result,
  }
}

export async function deleteRequestedGrant(
  tx: Tx,
  { caller, id }: RequestedChange,
): Promise<Change<undefined>> {
  await requireMayActOnGrant(tx.db, caller, id)
  const revoked = await revokeGrant(tx, id)
  return {
    result: undefined,
    on: { client: revoked.clientId, api: revoked.apiId },
    before: grantToWire(revoked, (await apiIdentifiers(tx.db)).get(revoked.apiId) ?? ''),
  }
}

/** The privilege rule covers every grant of an application, also on other APIs. */
async function requireMayActOnGrant(db: Db, caller: Caller, id: string): Promise<void> {
  const grant = await requireGrant(db, id)
  await requireMayActOnApplication(db, caller, grant.clientId)
}
