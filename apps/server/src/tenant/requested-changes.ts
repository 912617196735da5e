import type { TenantSettings, TenantSettingsUpdate } from '@rolecall/contract'
import type { Change, RequestedChange } from '../logs/audited.ts'
import type { Tx } from '../store/transaction.ts'
import { updateTenantSettings } from './settings.ts'

/** The request that changes settings of the tenant, and what the log has of it. */
export async function updateRequestedSettings(
  tx: Tx,
  { body }: RequestedChange<TenantSettingsUpdate>,
): Promise<Change<TenantSettings>> {
  const { before, after } = await updateTenantSettings(tx, body)
  return { result: after, on: {}, before, after }
}
