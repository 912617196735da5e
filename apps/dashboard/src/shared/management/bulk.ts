import { bulkResult } from '@rolecall/contract'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { ApiError } from '../api/api-error.ts'
import type { ManagementApi } from '../api/management-api.ts'
import type { Outcome } from '../bulk/run.ts'
import { common } from '../text.ts'
import type { PlannedChange } from './removals.ts'
import { undoChanges } from './undo.ts'

/** Enough for a request to end within a second. */
export const bulkBatch = 25

const results = z.array(bulkResult)

/** A user whom a bulk action has changed, and the entry of the log for it. */
export interface ChangedUser {
  user_id: string
  change: string
}

async function change(
  api: ManagementApi,
  action: string,
  users: { user_id: string; roles?: readonly string[] }[],
): Promise<Outcome<ChangedUser>[]> {
  const found = await api.change(`rolecall/users/${action}`, results, { method: 'POST', body: { users } })
  return found.map(({ user_id: key, change: made, error }): Outcome<ChangedUser> => {
    if (error)
      return { key, kind: 'failed', reason: new ApiError(error.statusCode, error.message).explanation }
    if (made === undefined) return { key, kind: 'unchanged' }
    return { key, kind: 'changed', undo: { user_id: key, change: made } }
  })
}

const rolesOf = (ids: string[], roles: readonly string[]) => ids.map((user_id) => ({ user_id, roles }))
const only = (ids: string[]) => ids.map((user_id) => ({ user_id }))

/** Changes several users with one request, and undoes the changes. */
export function useBulkUsers() {
  const api = useApi()
  return {
    assign: (ids: string[], roles: readonly string[]) => change(api, 'assign-roles', rolesOf(ids, roles)),
    remove: (ids: string[], roles: readonly string[]) => change(api, 'remove-roles', rolesOf(ids, roles)),
    block: (ids: string[]) => change(api, 'block', only(ids)),
    unblock: (ids: string[]) => change(api, 'unblock', only(ids)),
    undo: async (users: ChangedUser[]): Promise<Outcome<never>[]> => {
      const undone = await undoChanges(
        api,
        users.map((user) => user.change),
      )
      return undone.map(({ left, refusal }, index): Outcome<never> => {
        const key = users[index]?.user_id ?? ''
        const reason = refusal ?? (left.length > 0 ? common.leftSince(left) : undefined)
        return reason === undefined ? { key, kind: 'changed' } : { key, kind: 'failed', reason }
      })
    },
  }
}

/** Deletes an object with the request for one. One that is gone needs no change. */
export function useDeleteEach(
  removalOf: (key: string) => PlannedChange,
): (keys: string[]) => Promise<Outcome<never>[]> {
  const api = useApi()
  return (keys) => Promise.all(keys.map((key) => deleteOne(api, key, removalOf(key))))
}

async function deleteOne(api: ManagementApi, key: string, { path }: PlannedChange): Promise<Outcome<never>> {
  try {
    await api.run(path.slice(1), { method: 'DELETE' })
    return { key, kind: 'changed' }
  } catch (error) {
    if (!(error instanceof ApiError) || error.statusCode >= 500) throw error
    if (error.statusCode === 404) return { key, kind: 'unchanged' }
    return { key, kind: 'failed', reason: error.explanation }
  }
}
