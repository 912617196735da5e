import { systemApiId } from '../apis/store.ts'
import { type Context, within } from '../context.ts'
import { conflict } from '../http/api-error.ts'
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
export function keepingAnOwner<C extends Pick<Context, 'store'>, T>(
  ctx: C,
  work: (ctx: C) => Promise<T>,
): Promise<T> {
  return ctx.store.transaction(async (tx) => {
    const managementApi = await systemApiId(tx)
    if (managementApi === undefined) return work(within(ctx, tx))
    await lockOwnership(tx, managementApi)
    const before = await hasOwner(tx, managementApi)
    const result = await work(within(ctx, tx))
    if (before && !(await hasOwner(tx, managementApi))) throw lastOwner()
    return result
  })
}
