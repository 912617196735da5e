import { maxUndone, undoResult } from '@rolecall/contract'
import { z } from 'zod'
import { ApiError } from '../api/api-error.ts'
import type { ManagementApi } from '../api/management-api.ts'

/** What became of a change that was to be undone. */
export interface Undone {
  isUndone: boolean
  /** The names of what was changed or deleted since, and stays as it is. */
  left: string[]
  /** Why the server did not undo it. */
  refusal?: string
}

/** Undoes changes by the ids of their log entries. @returns what became of each */
export async function undoChanges(api: ManagementApi, changes: readonly string[]): Promise<Undone[]> {
  const results: Undone[] = []
  for (let start = 0; start < changes.length; start += maxUndone) {
    const body = { changes: changes.slice(start, start + maxUndone) }
    for (const { undone, left = [], error } of await api.change('rolecall/undo', z.array(undoResult), {
      method: 'POST',
      body,
    }))
      results.push({
        isUndone: undone !== undefined,
        left,
        ...(error && { refusal: new ApiError(error.statusCode, error.message).explanation }),
      })
  }
  return results
}
