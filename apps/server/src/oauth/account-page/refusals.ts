import type { FastifyReply } from 'fastify'
import type { OwnChange } from '../../accounts/own-account.ts'
import type { Notice } from '../../pages/layout.ts'
import { type PageRequest, sendPage, statusOf } from '../../pages/page-request.ts'
import { problemText } from '../../pages/problems.ts'
import { accountTexts } from './texts.ts'

/** Why a form of the account page is shown again. */
export type Refusal = Exclude<OwnChange, { user: unknown }> | { refused: 'expired' }

/** The reasons whose words differ from those of the log-in pages, or that exist here alone. */
const { problems } = accountTexts

export function noticeOf(refusal: Refusal): Notice {
  return { kind: 'problem', text: textOf(refusal) }
}

function textOf(refusal: Refusal): string {
  switch (refusal.refused) {
    case 'last_owner':
    case 'invalid_name':
    case 'wrong':
    case 'exists':
      return problems[refusal.refused]
    default:
      return problemText(refusal)
  }
}

/** Sends the page, with the status of the refusal where there is one. */
export function sendRefusal(page: PageRequest, body: string, refusal?: Refusal): FastifyReply {
  if (refusal?.refused === 'last_owner' || refusal?.refused === 'invalid_name')
    return sendPage(page, 400, body)
  return sendPage(page, statusOf(refusal), body, refusal)
}
