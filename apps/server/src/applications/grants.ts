import type { ClientGrantCreate, ClientGrantUpdate } from '@rolecall/contract'
import { type Api, apiIdentifiersOf, findApi, findApiByIdentifier } from '../apis/store.ts'
import { randomAlphanumeric } from '../crypto/secrets.ts'
import { conflict, forbidden, invalidBody, noSuchApi, noSuchClient, notFound } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import { mapConstraintError } from '../store/constraints.ts'
import { machineSubject, mark, type NewMark } from '../store/marks.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { mergeExtra } from '../store/values.ts'
import {
  type ClientGrant,
  deleteGrant,
  findGrantById,
  insertGrant,
  lockGrant,
  type SubjectType,
  saveGrant,
} from './store.ts'

export interface NewClientGrant {
  clientId: string
  apiId: string
  scope?: string[]
  subjectType?: SubjectType
  allowAllScopes?: boolean
  isSystem?: boolean
  extra?: Record<string, unknown>
}

/** @throws ApiError 409 when the application has one for the API and the subject type, 404 for an unknown application */
export async function createClientGrant(tx: Tx, given: NewClientGrant): Promise<ClientGrant> {
  const grant: ClientGrant = {
    id: `cgr_${randomAlphanumeric(16)}`,
    clientId: given.clientId,
    apiId: given.apiId,
    subjectType: given.subjectType ?? 'client',
    isSystem: given.isSystem ?? false,
    scope: given.allowAllScopes ? [] : [...new Set(given.scope)],
    allowAllScopes: given.allowAllScopes ?? false,
    extra: given.extra ?? {},
    createdAt: tx.now,
    updatedAt: tx.now,
  }
  await mapConstraintError(insertGrant(tx.db, grant), { unique: grantExists, foreignKey: noSuchClient })
  await markGrant(tx, 'gain', grant)
  await recordChange(tx, 'client-grant', grant.id)
  return grant
}

export const grantExists = () =>
  conflict(
    'A resource with the same client, audience and subject type already exists.',
    'client_grant_conflict',
  )

/** Throws unless the caller may grant these permissions of the API. */
export type RequireMayGrantScopes = (api: Api, permissions: readonly string[]) => void

const ownMembers = new Set([
  'id',
  'client_id',
  'audience',
  'scope',
  'subject_type',
  'allow_all_scopes',
  'is_system',
  '__proto__',
])

/** @throws ApiError 404 */
export async function requireGrant(db: Db, id: string): Promise<ClientGrant> {
  const grant = await findGrantById(db, id)
  if (!grant) throw noSuchGrant()
  return grant
}

/** @throws ApiError 404 for an unknown application or API, 400 for permissions it does not have, 409 for a second grant, 403 by `requireMayGrantScopes` */
export async function grantAccess(
  tx: Tx,
  input: ClientGrantCreate,
  requireMayGrantScopes: RequireMayGrantScopes,
): Promise<{ grant: ClientGrant; api: Api }> {
  const api = await findApiByIdentifier(tx.db, input.audience)
  if (!api) throw noSuchApi()
  const allowAllScopes = input.allow_all_scopes ?? false
  const scope = checkedScope(api, allowAllScopes ? [] : (input.scope ?? []))
  requireMayGrantScopes(api, allowAllScopes ? allOf(api) : scope)
  const grant = await createClientGrant(tx, {
    clientId: input.client_id,
    apiId: api.id,
    scope,
    allowAllScopes,
    subjectType: input.subject_type ?? 'client',
    extra: mergeExtra({}, input, ownMembers),
  })
  return { grant, api }
}

/** `scope` replaces. @throws ApiError 404, 400, 403 */
export async function updateGrant(
  tx: Tx,
  id: string,
  input: ClientGrantUpdate,
  requireMayGrantScopes: RequireMayGrantScopes,
): Promise<{ before: ClientGrant; after: ClientGrant; api: Api }> {
  const before = await editableGrant(tx.db, id)
  const api = await findApi(tx.db, before.apiId)
  if (!api) throw noSuchApi()
  const allowAllScopes = input.allow_all_scopes ?? (input.scope ? false : before.allowAllScopes)
  const scope = allowAllScopes ? [] : checkedScope(api, input.scope ?? before.scope)
  const held = before.allowAllScopes ? allOf(api) : before.scope
  requireMayGrantScopes(
    api,
    (allowAllScopes ? allOf(api) : scope).filter((permission) => !held.includes(permission)),
  )
  const after: ClientGrant = {
    ...before,
    scope,
    allowAllScopes,
    extra: mergeExtra(before.extra, input, ownMembers),
    updatedAt: tx.now,
  }
  await saveGrant(tx.db, after)
  const holds = after.allowAllScopes ? allOf(api) : after.scope
  await markGrant(tx, 'loss', { ...after, allowAllScopes: false, scope: without(held, holds) })
  await markGrant(tx, 'gain', { ...after, allowAllScopes: false, scope: without(holds, held) })
  await recordChange(tx, 'client-grant', id)
  return { before, after, api }
}

/** @throws ApiError 404, 403 for a system grant */
export async function revokeGrant(tx: Tx, id: string): Promise<ClientGrant> {
  const grant = await editableGrant(tx.db, id)
  await deleteGrant(tx.db, id)
  await markGrant(tx, 'loss', { ...grant, allowAllScopes: true })
  await recordChange(tx, 'client-grant', id)
  return grant
}

async function editableGrant(db: Db, id: string): Promise<ClientGrant> {
  const grant = await lockGrant(db, id)
  if (!grant) throw noSuchGrant()
  if (grant.isSystem) throw forbidden('The grant is kept by the system and cannot be changed')
  return grant
}

/** Marks the permissions of a grant, or all of the API, for the tokens that the application was issued. */
async function markGrant(tx: Tx, effect: NewMark['effect'], grant: ClientGrant): Promise<void> {
  const { clientId, apiId, subjectType, scope, allowAllScopes } = grant
  const [api] = await apiIdentifiersOf(tx.db, [apiId])
  if (!api) return
  const permissions = allowAllScopes ? {} : { permissions: scope }
  const of = subjectType === 'client' ? { subject: machineSubject(clientId) } : { application: clientId }
  mark(tx, { effect, reason: 'permissions', ...of, audience: api.identifier, ...permissions })
}

const without = (some: string[], others: string[]) => some.filter((one) => !others.includes(one))
const noSuchGrant = () => notFound('The client grant does not exist', 'inexistent_client_grant')
const allOf = (api: Api) => api.permissions.map(({ value }) => value)

function checkedScope(api: Api, scope: string[]): string[] {
  const declared = new Set(allOf(api))
  const unknown = scope.filter((permission) => !declared.has(permission))
  if (unknown.length > 0)
    throw invalidBody(
      `'The following scopes are not defined in the ${api.name} resource server: ${unknown.slice(0, 20).join(', ')}' on property scope.`,
    )
  return [...new Set(scope)]
}
