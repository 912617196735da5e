import type { FastifyReply } from 'fastify'
import type { OwnChange } from '../../accounts/own-account.ts'
import type { EnrolOutcome } from '../../factors/enrolment.ts'
import type { OwnFactorChange } from '../../factors/own-factors.ts'
import type { OwnIdentityChange } from '../../identities/own-identities.ts'
import type { Notice } from '../../pages/layout.ts'
import { type PageRequest, sendPage, statusOf } from '../../pages/page-request.ts'
import { type Problem, problemText } from '../../pages/problems.ts'
import { accountTexts } from './texts.ts'

/** Why a form of the account page is shown again. */
export type Refusal =
  | Exclude<OwnChange, { user: unknown }>
  | Exclude<OwnFactorChange, { done: true }>
  | Exclude<EnrolOutcome, { user: unknown }>
  | Exclude<OwnIdentityChange, { done: true }>
  | Extract<Problem, { provider: string }>
  | { refused: 'expired' | 'key_expired' }

/** The reasons whose words differ from those of the log-in pages, or that exist here alone. */
const { problems } = accountTexts
type OwnProblem = keyof typeof problems
const isOwn = (refusal: Refusal): refusal is Extract<Refusal, { refused: OwnProblem }> =>
  Object.hasOwn(problems, refusal.refused)

export function noticeOf(refusal: Refusal): Notice {
  return { kind: 'problem', text: isOwn(refusal) ? problems[refusal.refused] : problemText(refusal) }
}

export const statusOfRefusal = (refusal: Refusal | undefined): number =>
  refusal && isOwn(refusal) ? 400 : statusOf(refusal)

/** Sends the page, with the status of the refusal where there is one. */
export function sendRefusal(page: PageRequest, body: string, refusal?: Refusal): FastifyReply {
  return sendPage(page, statusOfRefusal(refusal), body, refusal && isOwn(refusal) ? undefined : refusal)
}
