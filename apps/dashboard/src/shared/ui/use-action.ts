import { type Question, useConfirm } from './confirm.tsx'
import { useFailure } from './failure.tsx'
import { useToast } from './toast.tsx'

export interface Action {
  /** Asked before anything happens. */
  question?: Question
  run: () => Promise<unknown>
  /** What the message says once it is done. */
  done: string
  /** Offered in that message. */
  undo?: () => Promise<unknown>
}

/**
 * Runs a change outside a form: asks first where there is a question, and says in a message what was done, with an
 * Undo button where it can be undone, or why it failed.
 * @returns whether it was done
 */
export function useAction(): (action: Action) => Promise<boolean> {
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()
  return async ({ question, run, done, undo }) => {
    if (question && !(await confirm(question))) return false
    try {
      await run()
    } catch (error) {
      failed(error)
      return false
    }
    toast.done(done, undo && (() => void undo().catch(failed)))
    return true
  }
}
