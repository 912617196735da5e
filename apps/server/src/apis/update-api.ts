import { randomSecret } from '../crypto/random.ts'
import type { Sealer } from '../crypto/sealer.ts'
import { forbidden, noSuchApi } from '../http/api-error.ts'
import { recordChange } from '../store/changes.ts'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { type Api, sealSigningSecret, withinLifetime } from './apis.ts'
import { refuseReservedNames } from './reserved-permissions.ts'
import { deleteApiRow, findApi, findApiByIdentifier, replacePermissions, updateApiRow } from './store.ts'

/** Absent keeps; undefined members of `unset` go back to "never set". The secret is given in plain text. */
export interface ApiChanges extends Partial<Omit<Api, 'id' | 'identifier' | 'isSystem'>> {
  unset?: readonly ('enforcePolicies' | 'tokenDialect')[]
}

/** @throws ApiError 404, 403 for a system API, 400 for a new permission with a reserved name */
export async function updateApi(
  tx: Tx,
  sealer: Sealer,
  idOrIdentifier: string,
  changes: ApiChanges,
): Promise<{ before: Api; after: Api }> {
  const before = await editableApi(tx.db, idOrIdentifier)
  const after = changed(sealer, before, changes)
  refuseReservedNames(after.permissions, before.permissions)
  await updateApiRow(tx.db, after, tx.now)
  if (changes.permissions) await replacePermissions(tx.db, after.id, after.permissions)
  await recordChange(tx, 'api', after.id)
  return { before, after }
}

/** Its permissions leave every role, user and grant. @throws ApiError 404, 403 for a system API */
export async function deleteApi(tx: Tx, idOrIdentifier: string): Promise<Api> {
  const api = await editableApi(tx.db, idOrIdentifier)
  await deleteApiRow(tx.db, api.id)
  await recordChange(tx, 'api', api.id)
  return api
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

function changed(sealer: Sealer, before: Api, { unset = [], signingSecret, ...changes }: ApiChanges): Api {
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
  return { ...after, signingSecret: sealSigningSecret(sealer, before.id, secret) }
}
