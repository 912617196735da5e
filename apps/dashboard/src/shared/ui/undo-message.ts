import type { Undone } from '../management/undo.ts'
import { undo as text } from './text.ts'

/** What the message after an undo says. `isWhole`: all that the changes had done is reversed. */
export function undoMessage(results: readonly Undone[]): { isWhole: boolean; message: string } {
  const isUndone = results.some((result) => result.isUndone)
  const left = results.flatMap((result) => result.left)
  const refusals = new Set(results.flatMap(({ refusal }) => refusal ?? []))
  if (left.length === 0 && refusals.size === 0)
    return { isWhole: true, message: isUndone ? text.done : text.nothing }
  const reasons = [...(left.length > 0 ? [text.left(left)] : []), ...refusals]
  return { isWhole: false, message: [isUndone ? text.part : text.notDone, ...reasons].join(' ') }
}
