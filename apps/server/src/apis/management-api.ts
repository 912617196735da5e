import { managementApiName, managementAudience, managementScopes } from '@rolecall/contract'
import type { Context } from '../context.ts'
import { recordChange } from '../store/changes.ts'
import { type Api, createApi } from './apis.ts'
import { findSystemApi, renameApi, replacePermissions } from './store.ts'

/** Creates the API that `/api/v2` is protected as, or adds the scopes that a newer release brought. */
export async function ensureManagementApi(
  ctx: Pick<Context, 'store' | 'clock' | 'sealer' | 'config'>,
): Promise<Api> {
  const identifier = managementAudience(ctx.config.issuer)
  const permissions = [...managementScopes]
  const api = await findManagementApi(ctx, identifier)
  if (!api)
    return createApi(ctx, {
      identifier,
      name: managementApiName,
      isSystem: true,
      enforcePolicies: true,
      tokenDialect: 'access_token_authz',
      permissions,
      // Whoever may register an application must not thereby get at the tokens of owners: people manage through
      // applications that were granted it, such as the dashboard.
      extra: {
        subject_type_authorization: {
          user: { policy: 'require_client_grant' },
          client: { policy: 'require_client_grant' },
        },
      },
    })
  const declared = new Set(api.permissions.map(({ value }) => value))
  if (permissions.every(({ value }) => declared.has(value))) return api
  await ctx.store.transaction(async (tx) => {
    await replacePermissions(tx, api.id, permissions)
    await recordChange(tx, 'api', api.id, ctx.clock())
  })
  return { ...api, permissions }
}

/** The issuer may change between two starts (http to https, another port), and the audience with it. */
async function findManagementApi(ctx: Pick<Context, 'store' | 'clock'>, identifier: string) {
  const api = await findSystemApi(ctx.store.db)
  if (!api || api.identifier === identifier) return api
  await ctx.store.transaction(async (tx) => {
    await renameApi(tx, api.id, identifier, ctx.clock())
    await recordChange(tx, 'api', api.id, ctx.clock())
  })
  return { ...api, identifier }
}
