import { systemApiId } from '../apis/store.ts'
import { conflict } from '../http/api-error.ts'
import type { Tx } from '../store/transaction.ts'
import { hasOwner, lockOwnership } from './ownership-store.ts'

const lastOwner = () =>
  conflict(
    'This would leave nobody who can administer the tenant: make somebody else an owner first',
    'last_owner',
  )

/**
 * Does something that may cost somebody their access. An owner is a user who is not blocked and holds every management
 * scope, through whatever roles; if there was one before and is none after, nothing happens.
 * @throws ApiError 409 `last_owner`
 */
export async function keepingAnOwner<T>({ db }: Tx, work: () => Promise<T>): Promise<T> {
  const managementApi = await systemApiId(db)
  if (managementApi === undefined) return work()
  await lockOwnership(db, managementApi)
  const before = await hasOwner(db, managementApi)
  const result = await work()
  if (before && !(await hasOwner(db, managementApi))) throw lastOwner()
  return result
}
