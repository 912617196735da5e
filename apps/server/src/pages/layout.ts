import { assets } from './assets.ts'
import { type Html, html } from './html.ts'
import { texts } from './texts.ts'

/** What every page shows of where a person is. */
export interface Frame {
  /** The tenant's friendly name. */
  tenant: string
  /** The application a person came from, where there is one. */
  application?: string | undefined
  supportUrl?: string | undefined
}

/** A problem that is shown above a form and read out first. */
export interface Notice {
  kind: 'problem' | 'success'
  text: string
}

interface Page extends Frame {
  title: string
  lead?: string | undefined
  notice?: Notice | undefined
  /** Below the card: what to do instead. */
  aside?: Html | undefined
}

export const noticeId = 'notice'

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
<rect class="mark-ground" width="32" height="32" rx="9"/>
<path class="mark-line" d="M7.5 11.2l2.4 2.4 4.3-4.8M18 11.5h6.5M7.5 20.7l2.4 2.4 4.3-4.8M18 21h6.5"/>
</svg>`

/** A whole document: one card with a heading, and nothing that needs a script. */
export function page({ tenant, supportUrl, title, lead, notice, aside }: Page, body: Html): string {
  const isProblem = notice?.kind === 'problem'
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${isProblem && `${texts.error}: `}${title} · ${tenant}</title>
<link rel="stylesheet" href="${assets.stylesheet.path}">
<link rel="icon" href="${assets.icon.path}" type="image/svg+xml">
</head>
<body>
<header class="brand">${mark}<span>${tenant}</span></header>
<main class="card">
<h1>${title}</h1>
${lead && html`<p class="lead">${lead}</p>`}
${notice && html`<p class="notice ${notice.kind}" id="${noticeId}" role="${isProblem ? 'alert' : 'status'}">${notice.text}</p>`}
${body}
</main>
<footer>
${aside && html`<p>${aside}</p>`}
${supportUrl && html`<p><a href="${supportUrl}">${texts.support}</a></p>`}
</footer>
</body>
</html>
`.text
}

export interface Field {
  name: string
  label: string
  type: 'email' | 'password'
  autocomplete: 'username' | 'email' | 'current-password' | 'new-password'
  value?: string | undefined
  /** The element that explains what is wrong or wanted. */
  describedBy?: string | undefined
  invalid?: boolean
  /** Where typing begins: the first field, or the one to mend. */
  focus?: boolean
}

/**
 * An address is a text to the browser: for `type="email"` Chromium refuses what the server takes (`jürgen@…`, `a@ex_ample.com`)
 * and sends another domain than was typed (punycode). The server alone says what is wrong with it.
 */
export function field({ name, label, type, autocomplete, value, describedBy, invalid, focus }: Field): Html {
  const mail =
    type === 'email' && html` inputmode="email" autocapitalize="none" autocorrect="off" spellcheck="false"`
  return html`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type === 'email' ? 'text' : type}" autocomplete="${autocomplete}" required${mail}
${value && html` value="${value}"`}${describedBy && html` aria-describedby="${describedBy}"`}
${invalid && html` aria-invalid="true"`}${focus && html` autofocus`}>
</div>`
}

/** A form of a page: sends itself as POST, with the token of `csrf.ts` and whatever else must come back. */
export function form(action: string, hidden: Record<string, string>, content: Html): Html {
  const inputs = Object.entries(hidden).map(
    ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
  )
  return html`<form method="post" action="${action}">
${inputs}
${content}
</form>`
}

export function submit(label: string): Html {
  return html`<button type="submit" class="primary">${label}</button>`
}
