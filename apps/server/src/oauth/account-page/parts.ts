import { type Html, html } from '../../http/html.ts'
import type { Frame, Notice } from '../../pages/layout.ts'
import { accountPath } from './session.ts'
import { accountTexts } from './texts.ts'

/** What the pages of a person who is logged in have in common. */
export interface VisitParts {
  frame: Frame
  /** The token of `csrf.ts`, for every form of the page. */
  csrf: string
  email: string
  notice?: Notice | undefined
}

/** The address of a part of the account page. */
export const at = (action: string) => `${accountPath}/${action}`

export const section = (title: string, content: Html) =>
  html`<section class="section"><h2>${title}</h2>
${content}
</section>`

/** @param about tells screen readers what the button belongs to */
export const plainButton = (label: string, about?: string) =>
  html`<button type="submit"${about && html` aria-label="${`${label}: ${about}`}"`}>${label}</button>`

export const row = (content: Html, action: Html | false) =>
  html`<li class="row"><span>${content}</span>${action}</li>`

export const backLink = () => html`<a href="${accountPath}">${accountTexts.back}</a>`

/** In UTC, because the server does not know where the reader is. */
export const dateText = (time: number) => `${new Date(time).toISOString().slice(0, 16).replace('T', ' ')} UTC`
