import type { ResourceServerCreate, ResourceServerUpdate } from '@rolecall/contract'
import type { Sealer } from '../crypto/sealer.ts'
import type { Change, RequestedChange } from '../logs/audited.ts'
import type { Tx } from '../store/transaction.ts'
import { createApi, deleteApi, updateApi } from './apis.ts'
import type { Api } from './store.ts'
import { toChanges, toNewApi, toWire } from './wire.ts'

/** The requests that change APIs: the rule, and what the log has of it. */

export async function createRequestedApi(
  tx: Tx,
  sealer: Sealer,
  { body }: RequestedChange<ResourceServerCreate>,
): Promise<Change<Api>> {
  const api = await createApi(tx, sealer, toNewApi(body))
  return { result: api, on: { api: api.id }, after: toWire(api) }
}

export async function updateRequestedApi(
  tx: Tx,
  sealer: Sealer,
  { id, body }: RequestedChange<ResourceServerUpdate>,
): Promise<Change<Api>> {
  const { before, after } = await updateApi(tx, sealer, id, toChanges(body))
  return { result: after, on: { api: after.id }, before: toWire(before), after: toWire(after) }
}

export async function deleteRequestedApi(tx: Tx, { id }: RequestedChange): Promise<Change<undefined>> {
  const api = await deleteApi(tx, id)
  return { result: undefined, on: { api: api.id }, before: toWire(api) }
}
