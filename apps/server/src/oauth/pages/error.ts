import { html } from '../../http/html.ts'
import { type Frame, page } from '../../pages/layout.ts'
import { texts } from '../../pages/texts.ts'

export interface ErrorPage {
  frame: Frame
  /** The protocol's code and text: public ones only. */
  code?: string | undefined
  description?: string | undefined
  /** Finds the request in the server's log. */
  reference?: string | undefined
  /** In place of the usual sentences. */
  title?: string | undefined
  lead?: string | undefined
}

export function errorPage({ frame, code, description, reference, title, lead }: ErrorPage): string {
  const {
    title: usual,
    lead: usualLead,
    advice,
    report,
    reference: referenceLabel,
    code: codeLabel,
  } = texts.errorPage
  const facts = [
    ...(code
      ? [html`<dt>${codeLabel}</dt><dd><code>${code}</code>${description && html` ${description}`}</dd>`]
      : []),
    ...(reference ? [html`<dt>${referenceLabel}</dt><dd><code>${reference}</code></dd>`] : []),
  ]
  return page(
    { ...frame, title: title ?? usual, lead: lead ?? usualLead },
    html`<p>${advice}${facts.length > 0 && ` ${report}`}</p>
${facts.length > 0 && html`<dl>${facts}</dl>`}`,
  )
}
