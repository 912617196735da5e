import { type Question, useConfirm } from './confirm.tsx'
import { useFailure } from './failure.tsx'
import { useToast } from './toast.tsx'
import { useUndo } from './use-undo.ts'

export type Action = {
  /** Asked before anything happens. */
  question?: Question
  /** What the message says once it is done. */
  done: string
} & (
  | { run: () => Promise<unknown>; undoable?: false }
  /** The message offers Undo. `run` returns the ids of the log entries of the changes. */
  | { run: () => Promise<readonly string[]>; undoable: true }
)

/**
 * Runs a change outside a form: asks first where there is a question, and says in a message what was done, with an
 * Undo button where it can be undone, or why it failed.
 * @returns whether it was done
 */
export function useAction(): (action: Action) => Promise<boolean> {
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()
  const undo = useUndo()
  return async (action) => {
    if (action.question && !(await confirm(action.question))) return false
    try {
      const changes = action.undoable ? await action.run() : await action.run().then(() => [])
      toast.done(action.done, changes.length > 0 ? () => void undo(changes) : undefined)
    } catch (error) {
      failed(error)
      return false
    }
    return true
  }
}
