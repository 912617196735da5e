import { type Html, html } from '../../http/html.ts'
import type { OwnIdentity } from '../../identities/own-identities.ts'
import { csrfField } from '../../pages/csrf.ts'
import { form, page, submit } from '../../pages/layout.ts'
import { at, backLink, dateText, plainButton, row, section, type VisitParts } from './parts.ts'
import { accountTexts as words } from './texts.ts'

/** What a page needs to know of a provider that can be connected. */
export interface ProviderChoice {
  connectionId: string
  displayName: string
}

/** The part of the overview about other providers. @param canChange whether there is something to connect or disconnect */
export function identitiesSection(identities: readonly OwnIdentity[], canChange: boolean): Html | false {
  const { title, manage } = words.identities
  return (
    (identities.length > 0 || canChange) &&
    section(
      title,
      html`<ul>${identities.map((identity) => row(described(identity), false))}</ul>
${canChange && html`<p><a href="${at('providers')}">${manage}</a></p>`}`,
    )
  )
}

const described = ({ provider, account, createdAt, lastLogin }: OwnIdentity): Html => {
  const used = lastLogin === undefined ? undefined : dateText(lastLogin)
  return html`${provider}: ${account} <small>${words.factors.times(dateText(createdAt), used)}</small>`
}

export function providersPage({
  frame,
  csrf,
  notice,
  identities,
  choices,
}: VisitParts & { identities: readonly OwnIdentity[]; choices: readonly ProviderChoice[] }): string {
  const { manage, lead, none, disconnect, main, connect, connectTitle } = words.identities
  const rows = identities.map((identity) => {
    const { connectionId, subject, provider, account, isMain } = identity
    return row(
      html`${described(identity)}${isMain && html` <small>${main}</small>`}`,
      !isMain &&
        form(
          at('providers/remove'),
          { [csrfField]: csrf, connection: connectionId, subject },
          plainButton(disconnect, `${provider}, ${account}`),
        ),
    )
  })
  const buttons = choices.map(({ connectionId, displayName }) =>
    form(
      at('providers'),
      { [csrfField]: csrf, connection: connectionId },
      html`<button type="submit">${connect(displayName)}</button>`,
    ),
  )
  return page(
    { ...frame, title: manage, lead, notice, aside: backLink() },
    html`${rows.length > 0 ? html`<ul>${rows}</ul>` : html`<p>${none}</p>`}
${buttons.length > 0 && section(connectTitle, html`${buttons}`)}`,
  )
}

/** Asks whether the account that the provider has logged in is the right one: the browser may be logged in there as another person. */
export function confirmProviderPage({
  frame,
  csrf,
  email,
  provider,
  account,
}: VisitParts & { provider: string; account: string }): string {
  const { title, lead, warning, submit: send } = words.confirmProvider
  return page(
    { ...frame, title: title(provider), lead: lead(account, email), aside: backLink() },
    form(
      at('providers/confirm'),
      { [csrfField]: csrf },
      html`<p>${warning(provider)}</p>
${submit(send)}`,
    ),
  )
}
