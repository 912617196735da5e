import { type Html, html } from '../http/html.ts'
import { submit } from './layout.ts'
import { texts } from './texts.ts'

/** The name of the field that `keys.js` fills in, as JSON. */
export const answerField = 'answer'

export interface KeyForm {
  action: string
  /** Fields that travel along, such as the token of `csrf.ts` and the sealed challenge. */
  hidden: Record<string, string>
  /** `create` makes a key, `get` asks for one. */
  use: 'create' | 'get'
  /** For `navigator.credentials`, as JSON. */
  options: object
  /** Of the button. */
  label: string
  /** Shown above the button. */
  content?: Html | undefined
  /** What is shown without a script, or in a browser that knows no keys. Without it, there is nothing then. */
  missing?: string | undefined
  /** Whether the suggestions of the address field have passkeys too. */
  autofill?: boolean
  /** Whether the button is that of the page. */
  isPrimary?: boolean
}

/** A form that asks for a security key or a passkey, by the script `keys.js`. The page is one with `hasKeys`. */
export function keyForm({ isPrimary = true, ...given }: KeyForm): Html {
  const { action, hidden, use, options, label, content, missing, autofill } = given
  const inputs = Object.entries({ ...hidden, [answerField]: '' }).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  const problems = Object.entries(texts.keyProblems).map(
    ([name, text]) => html`<p class="notice problem" role="alert" data-problem="${name}" hidden>${text}</p>`,
  )
  return html`<form method="post" action="${action}" data-key="${use}" data-options="${JSON.stringify(options)}"${autofill && html` data-autofill`}>
${inputs}
${problems}
${missing && html`<p data-missing>${missing}</p>`}
<div data-present hidden>
${content}
${isPrimary ? submit(label) : html`<button type="submit">${label}</button>`}
</div>
</form>`
}
