import type { FastifyReply } from 'fastify'
import type { OwnChange } from '../../accounts/own-account.ts'
import type { EnrolOutcome } from '../../factors/enrolment.ts'
import type { OwnFactorChange } from '../../factors/own-factors.ts'
import type { Notice } from '../../pages/layout.ts'
import { type PageRequest, sendPage, statusOf } from '../../pages/page-request.ts'
import { problemText } from '../../pages/problems.ts'
import { accountTexts } from './texts.ts'

/** Why a form of the account page is shown again. */
export type Refusal =
  | Exclude<OwnChange, { user: unknown }>
  | Exclude<OwnFactorChange, { done: true }>
  | Exclude<EnrolOutcome, { user: unknown }>
  | { refused: 'expired' }

/** The reasons whose words differ from those of the log-in pages, or that exist here alone. */
const { problems } = accountTexts
type OwnProblem = keyof typeof problems
const isOwn = (refusal: Refusal): refusal is Extract<Refusal, { refused: OwnProblem }> =>
  Object.hasOwn(problems, refusal.refused)

export function noticeOf(refusal: Refusal): Notice {
  return { kind: 'problem', text: isOwn(refusal) ? problems[refusal.refused] : problemText(refusal) }
}

/** Sends the page, with the status of the refusal where there is one. */
export function sendRefusal(page: PageRequest, body: string, refusal?: Refusal): FastifyReply {
  if (refusal && isOwn(refusal)) return sendPage(page, 400, body)
  return sendPage(page, statusOf(refusal), body, refusal)
}
