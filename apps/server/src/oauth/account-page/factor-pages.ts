import type { KeyOffer } from '../../factors/keys.ts'
import type { OwnFactors, OwnKind, OwnMethod, Removal } from '../../factors/own-factors.ts'
import { type Html, html } from '../../http/html.ts'
import { csrfField } from '../../pages/csrf.ts'
import { keyForm } from '../../pages/key-form.ts'
import { type Frame, field, form, noticeId, page, submit } from '../../pages/layout.ts'
import { codesList } from '../pages/factors.ts'
import { at, backLink, dateText, row, section, type VisitParts } from './parts.ts'
import { accountPath } from './session.ts'
import { accountTexts as words } from './texts.ts'

/** Where a method of each type is added. */
export const addPaths: Record<OwnKind, string> = {
  totp: 'second-factor',
  webauthn: 'security-key',
  passkey: 'passkey',
}

/** The part of the overview about second factors and passkeys. */
export function factorsSection({ methods, codesLeft, offered, offersCodes }: OwnFactors): Html {
  const { title, kinds, none, times, change, add, codesLeft: left, noCodes, renewCodes } = words.factors
  const rows = methods.map(({ id, type, name, createdAt, lastUsedAt }) => {
    const used = lastUsedAt === undefined ? undefined : dateText(lastUsedAt)
    const kind = name === kinds[type] ? '' : `${kinds[type]}, `
    return row(
      html`${name} <small>${kind}${times(dateText(createdAt), used)}</small>`,
      html`<a href="${at('method')}?id=${encodeURIComponent(id)}" aria-label="${`${change}: ${name}`}">${change}</a>`,
    )
  })
  const codes = row(
    html`${codesLeft === undefined ? noCodes : left(codesLeft)}`,
    html`<a href="${at('recovery-codes')}">${renewCodes}</a>`,
  )
  return section(
    title,
    html`${rows.length > 0 ? html`<ul>${rows}${offersCodes && codes}</ul>` : html`<p>${none}</p>`}
${offered.map((kind) => html`<p><a href="${at(addPaths[kind])}">${add[kind]}</a></p>`)}`,
  )
}

/** The page for a new security key or passkey. Its form sends `answer`, `offer` and `name`. */
export function addKeyPage({
  frame,
  csrf,
  notice,
  kind,
  offer,
}: VisitParts & { kind: 'webauthn' | 'passkey'; offer: KeyOffer }): string {
  const { title, lead, how, name, submit: label, missing } = words.addKey[kind]
  const content = html`<p>${how}</p>
${field({ name: 'name', label: name, type: 'name', autocomplete: 'off', describedBy: notice && noticeId, isOptional: true })}`
  return page(
    { ...frame, title, lead, notice, aside: backLink(), hasKeys: true },
    keyForm({
      action: at(addPaths[kind]),
      hidden: { [csrfField]: csrf, offer: offer.sealed },
      use: 'create',
      options: offer.options,
      label,
      content,
      missing,
    }),
  )
}

/** Shows recovery codes, once. It needs no script: a click selects all of them, and the print is of the codes alone. */
export function codesPage(
  frame: Frame,
  kind: 'codesAdded' | 'codesRenewed',
  codes: readonly string[],
): string {
  return page(
    { ...frame, ...words[kind] },
    html`${codesList(codes)}
<p>${words.keepCodes}</p>
<p><a class="button" href="${accountPath}">${words.codesKept}</a></p>`,
  )
}

export function renewCodesPage({
  frame,
  csrf,
  notice,
  left,
}: VisitParts & { left: number | undefined }): string {
  const { title, lead, left: leftText, submit: send } = words.renewCodes
  return page(
    { ...frame, title, lead, notice, aside: backLink() },
    form(
      at('recovery-codes'),
      { [csrfField]: csrf },
      html`${left !== undefined && html`<p>${leftText(left)}</p>`}
${submit(send)}`,
    ),
  )
}

export function methodPage({
  frame,
  csrf,
  notice,
  method: { id, type, name, createdAt, lastUsedAt },
  removal,
  given,
}: VisitParts & { method: OwnMethod; removal: Removal; given?: string | undefined }): string {
  const { name: label, rename, removeTitle, remove, effects } = words.method
  const used = lastUsedAt === undefined ? undefined : dateText(lastUsedAt)
  return page(
    {
      ...frame,
      title: name,
      lead: `${words.factors.kinds[type]}, ${words.factors.times(dateText(createdAt), used)}`,
      notice,
      aside: backLink(),
    },
    html`${form(
      at('method/name'),
      { [csrfField]: csrf, id },
      html`${field({ name: 'name', label, type: 'name', autocomplete: 'off', value: given ?? name, describedBy: notice && noticeId })}
${submit(rename)}`,
    )}
${section(
  removeTitle,
  html`<p>${effects[removal]}</p>
${
  (removal === 'possible' || removal === 'last') &&
  form(at('method/remove'), { [csrfField]: csrf, id }, html`<button type="submit">${remove(name)}</button>`)
}`,
)}`,
  )
}
