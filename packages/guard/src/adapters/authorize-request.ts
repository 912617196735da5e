import type { RouteAccess } from '../access/access.ts'
import type { RequestView } from '../access/requirement.ts'
import { GuardError } from '../bearer/errors.ts'
import type { Refusal } from '../bearer/refusal.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'

/** What an adapter does with each of the three ways a judgement can end. */
export interface Outcomes {
  admitted(subject: Subject | undefined): void
  refused(refusal: Refusal): void
  /** Something broke that is not the caller's doing, such as a predicate or a `respond` that threw. */
  failed(error: Error): void
}

/** Judges a request for frameworks that call back, without a promise where the guard needs none. */
export function judge(
  guard: Guard,
  access: RouteAccess,
  header: string | readonly string[] | undefined,
  view: () => RequestView,
  outcomes: Outcomes,
): void {
  let answer: ReturnType<Guard['authorize']>
  try {
    answer = guard.authorize(header, access, view)
  } catch (error) {
    reject(error, guard, outcomes)
    return
  }
  if (answer instanceof Promise)
    void answer.then(
      (subject) => outcomes.admitted(subject),
      (error: unknown) => reject(error, guard, outcomes),
    )
  else outcomes.admitted(answer)
}

function reject(error: unknown, guard: Guard, outcomes: Outcomes): void {
  if (!(error instanceof GuardError)) return fail(error, outcomes)
  let refusal: Refusal
  try {
    refusal = guard.refusal(error)
  } catch (broken) {
    return fail(broken, outcomes)
  }
  outcomes.refused(refusal)
}

function fail(error: unknown, outcomes: Outcomes): void {
  outcomes.failed(
    error instanceof Error ? error : new Error('A request could not be judged', { cause: error }),
  )
}
