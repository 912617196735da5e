import { bulkResult } from '@rolecall/contract'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { z } from 'zod'
import { useApi } from '../api/api-context.ts'
import { ApiError } from '../api/api-error.ts'
import type { ManagementApi } from '../api/management-api.ts'
import type { Outcome } from '../bulk/run.ts'
import type { PlannedChange } from './removals.ts'

/** Enough for a request to end within a second. */
export const bulkBatch = 25

const results = z.array(bulkResult)

/** A user whom a bulk action has changed, and the entry of the log for it. */
export interface ChangedUser {
  user_id: string
  roles: string[]
  unless_changed_since: string
}

interface BulkUser {
  user_id: string
  roles?: readonly string[]
  unless_changed_since?: string
}

async function change(
  api: ManagementApi,
  action: string,
  users: BulkUser[],
): Promise<Outcome<ChangedUser>[]> {
  const found = await api.change(`rolecall/users/${action}`, results, { method: 'POST', body: { users } })
  return found.map(({ user_id: key, change: since, roles = [], error }): Outcome<ChangedUser> => {
    if (error)
      return { key, kind: 'failed', reason: new ApiError(error.statusCode, error.message).explanation }
    if (since === undefined) return { key, kind: 'unchanged' }
    return { key, kind: 'changed', undo: { user_id: key, roles, unless_changed_since: since } }
  })
}

const rolesOf = (ids: string[], roles: readonly string[]) => ids.map((user_id) => ({ user_id, roles }))
const only = (ids: string[]) => ids.map((user_id) => ({ user_id }))

/** Changes several users with one request. `undo` leaves users alone who were changed since. */
export function useBulkUsers() {
  const api = useApi()
  const undoWith = (action: string) => async (users: ChangedUser[]) =>
    (await change(api, action, users)).map(withoutUndo)
  return {
    assign: {
      run: (ids: string[], roles: readonly string[]) => change(api, 'assign-roles', rolesOf(ids, roles)),
      undo: undoWith('remove-roles'),
    },
    remove: {
      run: (ids: string[], roles: readonly string[]) => change(api, 'remove-roles', rolesOf(ids, roles)),
      undo: undoWith('assign-roles'),
    },
    block: { run: (ids: string[]) => change(api, 'block', only(ids)), undo: undoWith('unblock') },
    unblock: { run: (ids: string[]) => change(api, 'unblock', only(ids)), undo: undoWith('block') },
  }
}

/** Takes roles from one user, and gives back those that were taken unless the user was changed since. */
export function useRemoveRoles() {
  const bulk = useBulkUsers()
  const queries = useQueryClient()
  const onSuccess = () => queries.invalidateQueries()
  return {
    remove: useMutation({
      mutationFn: async ({ id, roles }: { id: string; roles: string[] }) => {
        const [outcome] = await bulk.remove.run([id], roles)
        if (outcome?.kind === 'failed') throw new Error(outcome.reason)
        return outcome?.kind === 'changed' ? outcome.undo : undefined
      },
      onSuccess,
    }),
    undo: useMutation({
      mutationFn: async (changed: ChangedUser) => {
        const [outcome] = await bulk.remove.undo([changed])
        if (outcome?.kind === 'failed') throw new Error(outcome.reason)
      },
      onSuccess,
    }),
  }
}

function withoutUndo({ key, ...outcome }: Outcome<ChangedUser>): Outcome<never> {
  return outcome.kind === 'failed'
    ? { key, kind: 'failed', reason: outcome.reason }
    : { key, kind: outcome.kind }
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
