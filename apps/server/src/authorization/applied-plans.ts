import type { Configuration } from '@rolecall/contract'
import type { Db } from '../store/store.ts'
import type { Tx } from '../store/transaction.ts'
import { readSetting, writeSetting } from '../tenant/store.ts'
import type { ObjectVersions } from './configuration.ts'

/** A list of changes that was applied. */
export interface AppliedPlan {
  planId: string
  /** Of the changes, and the version that they were planned for. */
  digest: string
  at: number
  /** Of the configuration after it. */
  version: string
  created: { as: string; id: string }[]
  reference?: string
}

interface Stored {
  /** The last ones, the newest first. */
  plans: AppliedPlan[]
  /** The objects as the newest plan left them. */
  objects: [key: string, version: string, name: string][]
}

const settingId = 'applied_plans'
const keptPlans = 200

export async function appliedPlans(db: Db): Promise<Stored> {
  return (await readSetting<Stored>(db, settingId)) ?? { plans: [], objects: [] }
}

/** In the transaction of the changes. A plan is recorded or its changes are not made. */
export async function recordPlan(
  { db, now }: Tx,
  plan: AppliedPlan,
  versions: ObjectVersions,
): Promise<void> {
  const { plans } = await appliedPlans(db)
  const stored: Stored = {
    plans: [plan, ...plans].slice(0, keptPlans),
    objects: [...versions].map(([key, { version, name }]) => [key, version, name]),
  }
  await writeSetting(db, settingId, stored, now)
}

export function lastAppliedToWire({ plans: [last] }: Stored): Configuration['last_applied'] {
  if (!last) return null
  const { planId, at, reference } = last
  return {
    plan_id: planId,
    at: new Date(at).toISOString(),
    ...(reference !== undefined && { reference }),
  }
}

export function objectsOf({ objects }: Stored): ObjectVersions {
  return new Map(objects.map(([key, version, name]) => [key, { version, name }]))
}
