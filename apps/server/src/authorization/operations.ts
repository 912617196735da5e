import {
  type ChangeDescription,
  clientCreate,
  clientGrantCreate,
  clientGrantUpdate,
  clientUpdate,
  connectionCreate,
  connectionUpdate,
  type PreviewedRoute,
  permissionRefs,
  resourceServerCreate,
  resourceServerUpdate,
  roleCreate,
  roleRefs,
  roleUpdate,
  tenantSettingsUpdate,
  userRefs,
} from '@rolecall/contract'
import { z } from 'zod'
import { createRequestedApi, deleteRequestedApi, updateRequestedApi } from '../apis/requested-changes.ts'
import { requireMayActOnApplications } from '../applications/privilege.ts'
import {
  createRequestedApplication,
  createRequestedGrant,
  deleteRequestedApplication,
  deleteRequestedGrant,
  updateRequestedApplication,
  updateRequestedGrant,
} from '../applications/requested-changes.ts'
import type { ConnectionDeps } from '../connections/connections.ts'
import {
  createRequestedConnection,
  deleteRequestedConnection,
  updateRequestedConnection,
} from '../connections/requested-changes.ts'
import type { Change, RequestedChange } from '../logs/audited.ts'
import {
  addRequestedPermissions,
  assignRequestedUsers,
  createRequestedRole,
  deleteRequestedRole,
  removeRequestedPermissions,
  updateRequestedRole,
} from '../roles/requested-changes.ts'
import type { Tx } from '../store/transaction.ts'
import { updateRequestedSettings } from '../tenant/requested-changes.ts'
import { hasUsers } from '../users/lists.ts'
import {
  assignRequestedRoles,
  giveRequestedPermissions,
  takeRequestedPermissions,
  unassignRequestedRoles,
} from '../users/requested-changes.ts'
import { parse } from './planned-changes.ts'

/** The id in the place of which a name stands: the one of the object that an earlier change created. */
type IdOf = (name: string) => string

interface Operation {
  description: ChangeDescription
  /** Parses the body. @param at where it is in the request. @throws ApiError 400 */
  prepare(
    body: unknown,
    at: string,
  ): (tx: Tx, change: RequestedChange, idOf: IdOf) => Promise<Change<unknown>>
  /** The id of what was created. */
  createdId?: (result: unknown) => string
}

function operation<S extends z.ZodType, Result>(
  description: ChangeDescription,
  schema: S,
  run: (tx: Tx, change: RequestedChange<z.output<S>>) => Promise<Change<Result>>,
  resolve: (body: z.output<S>, idOf: IdOf) => z.output<S> = (body) => body,
): Operation {
  return {
    description,
    prepare(body, at) {
      const parsed = parse(schema, body, at)
      return (tx, change, idOf) => run(tx, { ...change, body: resolve(parsed, idOf) })
    },
  }
}

function creation<S extends z.ZodType, Result>(
  createdId: (result: Result) => string,
  ...rest: Parameters<typeof operation<S, Result>>
): Operation {
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- the result of this operation.
  return { ...operation(...rest), createdId: (result) => createdId(result as Result) }
}

const none = z.unknown()
const rules = { hasUsers, requireMayActOnApplications }
const byId = ({ id }: { id: string }) => id

const withClients = <Body extends { enabled_clients?: string[] | null | undefined }>(
  body: Body,
  idOf: IdOf,
): Body => (body.enabled_clients ? { ...body, enabled_clients: body.enabled_clients.map(idOf) } : body)

/**
 * How each change of a list is made. A change of a user's account is not part of a list: its password is hashed and mail
 * is sent outside of the transaction.
 */
export function operationsOf(
  ctx: ConnectionDeps,
): Record<Exclude<PreviewedRoute, 'PATCH /users/{id}' | 'DELETE /users/{id}'>, Operation> {
  return {
    'POST /users/{id}/roles': operation('Assign roles to a user', roleRefs, assignRequestedRoles),
    'DELETE /users/{id}/roles': operation('Take roles from a user', roleRefs, unassignRequestedRoles),
    'POST /users/{id}/permissions': operation(
      'Give permissions to a user',
      permissionRefs,
      giveRequestedPermissions,
    ),
    'DELETE /users/{id}/permissions': operation(
      'Take permissions from a user',
      permissionRefs,
      takeRequestedPermissions,
    ),
    'POST /roles/{id}/users': operation('Assign users to a role', userRefs, assignRequestedUsers),
    'POST /roles/{id}/permissions': operation(
      'Add permissions to a role',
      permissionRefs,
      addRequestedPermissions,
    ),
    'DELETE /roles/{id}/permissions': operation(
      'Remove permissions from a role',
      permissionRefs,
      removeRequestedPermissions,
    ),
    'POST /roles': creation(byId, 'Create a role', roleCreate, createRequestedRole),
    'PATCH /roles/{id}': operation('Update a role', roleUpdate, updateRequestedRole),
    'DELETE /roles/{id}': operation('Delete a role', none, deleteRequestedRole),
    'POST /resource-servers': creation(byId, 'Create a resource server', resourceServerCreate, (tx, change) =>
      createRequestedApi(tx, ctx.sealer, change),
    ),
    'PATCH /resource-servers/{id}': operation(
      'Update a resource server',
      resourceServerUpdate,
      (tx, change) => updateRequestedApi(tx, ctx.sealer, change),
    ),
    'DELETE /resource-servers/{id}': operation('Delete a resource server', none, deleteRequestedApi),
    'POST /client-grants': creation(
      byId,
      'Create a client grant',
      clientGrantCreate,
      createRequestedGrant,
      (body, idOf) => ({ ...body, client_id: idOf(body.client_id) }),
    ),
    'PATCH /client-grants/{id}': operation('Update a client grant', clientGrantUpdate, updateRequestedGrant),
    'DELETE /client-grants/{id}': operation('Delete a client grant', none, deleteRequestedGrant),
    'POST /clients': creation(
      ({ application }) => application.clientId,
      'Create a client',
      clientCreate,
      createRequestedApplication,
    ),
    'PATCH /clients/{id}': operation('Update a client', clientUpdate, updateRequestedApplication),
    'DELETE /clients/{id}': operation('Delete a client', none, deleteRequestedApplication),
    'POST /connections': creation(
      byId,
      'Create a connection',
      connectionCreate,
      (tx, change) => createRequestedConnection(tx, ctx, rules, change),
      withClients,
    ),
    'PATCH /connections/{id}': operation(
      'Update a connection',
      connectionUpdate,
      (tx, change) => updateRequestedConnection(tx, ctx, rules, change),
      withClients,
    ),
    'DELETE /connections/{id}': operation('Delete a connection', none, (tx, change) =>
      deleteRequestedConnection(tx, rules, change),
    ),
    'PATCH /tenants/settings': operation(
      'Update tenant settings',
      tenantSettingsUpdate,
      updateRequestedSettings,
    ),
  }
}
