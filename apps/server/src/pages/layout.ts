import { type Html, html, markup } from '../http/html.ts'
import { assets } from './assets.ts'
import { texts } from './texts.ts'

/** What every page shows: the tenant, and the application that the user came from. */
export interface Frame {
  /** The tenant's friendly name. */
  tenant: string
  /** The application that the user came from. */
  application?: string | undefined
  supportUrl?: string | undefined
}

/** A message above the form, which screen readers announce first. */
export interface Notice {
  kind: 'problem' | 'success'
  text: string
}

interface Page extends Frame {
  title: string
  lead?: string | undefined
  notice?: Notice | undefined
  /** Alternatives, below the card. */
  aside?: Html | undefined
  /** The page has forms of `key-form.ts`, which need a script. */
  hasKeys?: boolean | undefined
}

export const noticeId = 'notice'

const mark = html`<svg class="mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
<rect class="mark-ground" width="32" height="32" rx="9"/>
<path class="mark-line" d="M7.5 11.2l2.4 2.4 4.3-4.8M18 11.5h6.5M7.5 20.7l2.4 2.4 4.3-4.8M18 21h6.5"/>
</svg>`

// The compiler of the package rewrites a tagged template that ends a script, with a helper that the package does not have.
const keysScript = markup(`<script type="module" src="${assets.keys.path}"></script>`)

/** The complete document: one card with a heading. It uses no script, except for keys. */
export function page({ tenant, supportUrl, title, lead, notice, aside, hasKeys }: Page, body: Html): string {
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
${hasKeys && keysScript}
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
  type: 'email' | 'password' | 'code' | 'text' | 'name'
  /** `username webauthn`: the browser suggests passkeys too. */
  autocomplete:
    | 'username'
    | 'username webauthn'
    | 'email'
    | 'name'
    | 'current-password'
    | 'new-password'
    | 'one-time-code'
    | 'off'
  value?: string | undefined
  /** The element that describes the rules of the field, or the problem with it. */
  describedBy?: string | undefined
  invalid?: boolean
  isOptional?: boolean
  /** Receives the focus: the first field, or the first invalid one. */
  focus?: boolean
}

/**
 * An email address is `type="text"`: for `type="email"` Chromium refuses addresses that the server accepts (`jürgen@…`,
 * `a@ex_ample.com`) and converts the domain to punycode. Only the server validates it.
 */
export function field(options: Field): Html {
  const { name, label, type, autocomplete, value, describedBy, invalid, isOptional, focus } = options
  const attributes = typing[type]
  return html`<div class="field">
<label for="${name}">${label}</label>
<input id="${name}" name="${name}" type="${type === 'password' ? type : 'text'}" autocomplete="${autocomplete}"${!isOptional && html` required`}${attributes}
${value && html` value="${value}"`}${describedBy && html` aria-describedby="${describedBy}"`}
${invalid && html` aria-invalid="true"`}${focus && html` autofocus`}>
</div>`
}

/** How the keyboard of a phone is to behave. A code is no `type="number"`, which drops zeros at the beginning. */
const typing: Record<Field['type'], Html | false> = {
  email: html` inputmode="email" autocapitalize="none" autocorrect="off" spellcheck="false"`,
  password: false,
  code: html` inputmode="numeric" maxlength="20"`,
  name: html` maxlength="300"`,
  text: html` autocapitalize="characters" autocorrect="off" spellcheck="false" maxlength="100"`,
}

/** A form that is sent as POST, with hidden fields such as the token of `csrf.ts`. */
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
