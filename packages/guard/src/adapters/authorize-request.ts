import type { RouteAccess } from '../access/access.ts'
import type { RequestView } from '../access/requirement.ts'
import { GuardError } from '../bearer/errors.ts'
import type { Refusal } from '../bearer/refusal.ts'
import type { Guard } from '../guard.ts'
import type { Subject } from '../token/subject.ts'

/** What an adapter does with each outcome of an authorization. Exactly one of them is called, once. */
export interface RequestHandlers {
  allow(subject: Subject | undefined): void
  refuse(refusal: Refusal): void
  /** For errors that are not the caller's fault: a predicate or a `respond` that throws. */
  fail(error: Error): void
}

/**
 * Authorizes a request for a framework with callbacks. Calls back before it returns where the guard needs no promise.
 *
 * @example
 * ```ts
 * const allow = () => console.log('allowed')
 * const refuse = (refusal: { status: number }) => console.log(refusal.status)
 * const fail = (error: Error) => console.error(error)
 * authorizeRequest(guard, { kind: 'authenticated' }, `Bearer ${token}`, view, { allow, refuse, fail })
 * ```
 */
export function authorizeRequest(
  guard: Guard,
  access: RouteAccess,
  header: string | readonly string[] | undefined,
  view: () => RequestView,
  handlers: RequestHandlers,
): void {
  let answer: ReturnType<Guard['authorize']>
  try {
    answer = guard.authorize(header, access, view)
  } catch (error) {
    handleError(error, guard, handlers)
    return
  }
  if (answer instanceof Promise)
    void answer.then(
      (subject) => handlers.allow(subject),
      (error: unknown) => handleError(error, guard, handlers),
    )
  else handlers.allow(answer)
}

function handleError(error: unknown, guard: Guard, handlers: RequestHandlers): void {
  if (!(error instanceof GuardError)) return fail(error, handlers)
  let refusal: Refusal
  try {
    refusal = guard.refusal(error)
  } catch (respondError) {
    return fail(respondError, handlers)
  }
  handlers.refuse(refusal)
}

function fail(error: unknown, handlers: RequestHandlers): void {
  handlers.fail(
    error instanceof Error ? error : new Error('The authorization of a request failed', { cause: error }),
  )
}
