import type { Context } from '../context.ts'
import { randomSecret } from '../crypto/random.ts'
import { forbidden, noSuchApi } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import type { Db } from '../store/store.ts'
import { type Api, sealSigningSecret, withinLifetime } from './apis.ts'
import { refuseReservedNames } from './reserved-permissions.ts'
import { deleteApiRow, findApi, findApiByIdentifier, replacePermissions, updateApiRow } from './store.ts'

/** Absent keeps; undefined members of `unset` go back to "never set". The secret is given in plain text. */
export interface ApiChanges extends Partial<Omit<Api, 'id' | 'identifier' | 'isSystem'>> {
  unset?: readonly ('enforcePolicies' | 'tokenDialect')[]
}

type Ground = Pick<Context, 'store' | 'clock' | 'sealer'>

/** @throws ApiError 404, 403 for a system API, 400 for a new permission with a reserved name */
export async function updateApi(
  ctx: Ground,
  idOrIdentifier: string,
  changes: ApiChanges,
): Promise<{ before: Api; after: Api }> {
  return ctx.store.transaction(async (tx) => {
    const before = await editableApi(tx, idOrIdentifier)
    const after = changed(ctx, before, changes)
    refuseReservedNames(after.permissions, before.permissions)
    const at = ctx.clock()
    await updateApiRow(tx, after, at)
    if (changes.permissions) await replacePermissions(tx, after.id, after.permissions)
    await recordChange(tx, 'api', after.id, at)
    return { before, after }
  })
}

/** Its permissions leave every role, user and grant. @throws ApiError 404, 403 for a system API */
export async function deleteApi(ctx: Ground, idOrIdentifier: string): Promise<Api> {
  return ctx.store.transaction(async (tx) => {
    const api = await editableApi(tx, idOrIdentifier)
    await deleteApiRow(tx, api.id)
    await recordChange(tx, 'api', api.id, ctx.clock())
    return api
  })
}

/** The wire names an API by its id or by its identifier. @throws ApiError 404 */
export async function requireApi(db: Db, idOrIdentifier: string): Promise<Api> {
  const api = (await findApi(db, idOrIdentifier)) ?? (await findApiByIdentifier(db, idOrIdentifier))
  if (!api) throw noSuchApi()
  return api
}

async function editableApi(db: Db, idOrIdentifier: string): Promise<Api> {
  const api = await requireApi(db, idOrIdentifier)
  if (api.isSystem) throw forbidden(`${api.name} is kept by the system and cannot be changed`)
  return api
}

function changed(ctx: Ground, before: Api, { unset = [], signingSecret, ...changes }: ApiChanges): Api {
  const { signingSecret: sealed, ...rest } = { ...before, ...changes }
  const after: Api = {
    ...rest,
    tokenLifetimeForWeb: withinLifetime(rest),
    extra: { ...before.extra, ...changes.extra },
  }
  for (const name of unset) delete after[name]
  if (after.signingAlg !== 'HS256') return after
  if (signingSecret === undefined && sealed !== undefined) return { ...after, signingSecret: sealed }
  const secret = signingSecret ?? randomSecret()
  return { ...after, signingSecret: sealSigningSecret(ctx.sealer, before.id, secret) }
}
