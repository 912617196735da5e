import { managementApiName, managementAudience, managementScopes } from '@rolecall/contract'
import type { Sealer } from '../crypto/sealer.ts'
import { recordChange } from '../store/changes.ts'
import type { Tx } from '../store/transaction.ts'
import { createApi } from './apis.ts'
import { type Api, findSystemApi, renameApi, replacePermissions } from './store.ts'

/** Creates the API of `/api/v2`, or adds the scopes of a newer release. */
export async function ensureManagementApi(tx: Tx, sealer: Sealer, issuer: string): Promise<Api> {
  const identifier = managementAudience(issuer)
  const permissions = [...managementScopes]
  const api = await findManagementApi(tx, identifier)
  if (!api)
    return createApi(tx, sealer, {
      identifier,
      name: managementApiName,
      isSystem: true,
      enforcePolicies: true,
      tokenDialect: 'access_token_authz',
      permissions,
      // An application gets management tokens only with a client grant. Otherwise a caller with `create:clients` could
      // register an application that receives the tokens of owners.
      extra: {
        subject_type_authorization: {
          user: { policy: 'require_client_grant' },
          client: { policy: 'require_client_grant' },
        },
      },
    })
  const declared = new Set(api.permissions.map(({ value }) => value))
  if (permissions.every(({ value }) => declared.has(value))) return api
  await replacePermissions(tx.db, api.id, permissions)
  await recordChange(tx, 'api', api.id)
  return { ...api, permissions }
}

/** The audience follows the issuer, which can change between two starts (https, another port). */
async function findManagementApi(tx: Tx, identifier: string) {
  const api = await findSystemApi(tx.db)
  if (!api || api.identifier === identifier) return api
  await renameApi(tx.db, api, identifier, tx.now)
  await recordChange(tx, 'api', api.id)
  return { ...api, identifier }
}
