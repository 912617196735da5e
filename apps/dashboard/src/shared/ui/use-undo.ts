import { useQueryClient } from '@tanstack/react-query'
import { useApi } from '../api/api-context.ts'
import { undoChanges } from '../management/undo.ts'
import { useFailure } from './failure.tsx'
import { useToast } from './toast.tsx'
import { undoMessage } from './undo-message.ts'

/** Undoes changes by their log entries. A message says that it is done, or what was left as it is and why. */
export function useUndo(): (changes: readonly string[]) => Promise<void> {
  const api = useApi()
  const queries = useQueryClient()
  const toast = useToast()
  const failed = useFailure()
  return async (changes) => {
    try {
      const { isWhole, message } = undoMessage(await undoChanges(api, changes))
      if (isWhole) toast.done(message)
      else toast.failed(message)
    } catch (error) {
      failed(error)
    }
    await queries.invalidateQueries()
  }
}
