import { deviceName } from '@rolecall/contract'
import type { PasswordPolicyOptions } from '../../accounts/password-policy.ts'
import { type Html, html } from '../../http/html.ts'
import { csrfField } from '../../pages/csrf.ts'
import { type Frame, field, form, noticeId, page, submit } from '../../pages/layout.ts'
import { rulesId, rulesList } from '../../pages/problems.ts'
import { texts } from '../../pages/texts.ts'
import type { SourcedPermission } from '../../roles/lists.ts'
import { factorsSection } from './factor-pages.ts'
import type { Overview } from './overview.ts'
import { at, backLink, dateText, plainButton, row, section, type VisitParts } from './parts.ts'
import { identitiesSection } from './provider-pages.ts'
import { accountPath } from './session.ts'
import { accountTexts as words } from './texts.ts'

export function overviewPage(
  { frame, csrf, notice, email }: VisitParts,
  overview: Overview,
  { allowsDeletion, offersProviders }: { allowsDeletion: boolean; offersProviders: boolean },
): string {
  const action = (name: string, fields: Record<string, string>, content: Html) =>
    form(at(name), { [csrfField]: csrf, ...fields }, content)
  return page(
    {
      ...frame,
      title: words.title,
      lead: words.lead(email),
      notice,
      aside: html`<a href="/v2/logout">${words.logOut}</a>`,
    },
    html`${profile(overview, action)}
${factorsSection(overview.factors)}
${identitiesSection(overview.identities, offersProviders)}
${sessions(overview, action)}
${applications(overview, action)}
${permissions(overview)}
${section(
  words.data.title,
  html`<p><a href="${at('data')}" download>${words.data.download}</a></p>
${allowsDeletion && html`<p><a class="danger" href="${at('delete')}">${words.data.remove}</a></p>`}`,
)}`,
  )
}

type Action = (name: string, fields: Record<string, string>, content: Html) => Html

function profile({ user, parts }: Overview, action: Action): Html {
  const {
    title,
    name,
    save,
    email,
    verified,
    unverified,
    sendLink,
    changeEmail,
    changePassword,
    atProvider,
  } = words.profile
  const nameField = field({ name: 'name', label: name, type: 'name', autocomplete: 'name', value: user.name })
  return section(
    title,
    html`${parts.profile && action('name', {}, html`${nameField}\n${plainButton(save)}`)}
<ul>${!parts.profile && row(html`${name}: ${user.name}`, false)}${row(
      html`${email}: ${user.email} <small>(${user.emailVerified ? verified : unverified})</small>`,
      parts.profile && !user.emailVerified && action('verification', {}, plainButton(sendLink)),
    )}</ul>
${parts.profile ? html`<p><a href="${at('email')}">${changeEmail}</a></p>` : html`<p class="small">${atProvider}</p>`}
${parts.password && html`<p><a href="${at('password')}">${changePassword}</a></p>`}`,
  )
}

function sessions({ sessions: all }: Overview, action: Action): Html {
  const { title, current, unknown, times, end, endOthers, hint } = words.sessions
  const rows = all.map(({ id, isCurrent, createdAt, device }) => {
    const name = deviceName(device.userAgent) || unknown
    const used = device.usedAt === undefined ? undefined : dateText(device.usedAt)
    const details = times(dateText(createdAt), used, device.ip)
    return row(
      html`${name}${isCurrent && html` · <strong>${current}</strong>`} <small>${details}</small>`,
      !isCurrent && action('session', { session: id }, plainButton(end, `${name}, ${details}`)),
    )
  })
  return section(
    title,
    html`<ul>${rows}</ul>
${action('sessions', {}, plainButton(endOthers))}
<p class="small">${hint}</p>`,
  )
}

function applications({ applications: all }: Overview, action: Action): Html {
  const { title, none, remove } = words.applications
  const rows = all.map(({ clientId, name, scopes }) =>
    row(
      html`${name} <small>${scopes.map((scope) => texts.consent.protocol[scope] ?? scope).join(', ')}</small>`,
      action('application', { client_id: clientId }, plainButton(remove, name)),
    ),
  )
  return section(title, rows.length > 0 ? html`<ul>${rows}</ul>` : html`<p>${none}</p>`)
}

/** A longer list is closed at first, because other parts of the page follow it. */
const maxOpenRows = 12

function permissions({ permissions: all, hasMorePermissions }: Overview): Html {
  const { title, none, more, count } = words.permissions
  if (all.length === 0) return section(title, html`<p>${none}</p>`)
  const byApi = Map.groupBy(all, ({ apiName }) => apiName)
  const lists = [...byApi].map(([api, held]) => {
    const list = html`<ul>${held.map(permissionRow)}</ul>`
    const isLong = held.length > maxOpenRows
    return html`<h3>${api}</h3>
${isLong ? html`<details><summary>${count(held.length)}</summary>${list}</details>` : list}`
  })
  return section(title, html`${lists}${hasMorePermissions && html`<p>${more}</p>`}`)
}

function permissionRow({ permission, description, sources }: SourcedPermission): Html {
  const { through, from } = words.permissions
  const roles = sources.flatMap((source) => {
    if (!source) return []
    const { roleName, connections } = source
    return connections.length === 0
      ? roleName
      : from(roleName, connections.map(({ name }) => name).join(', '))
  })
  const how = [
    ...(roles.length > 0 ? [through(roles.join(', '))] : []),
    ...(sources.includes(undefined) ? [words.permissions.direct] : []),
  ]
  return row(html`${description} <code>${permission}</code> <small>${how.join(', ')}</small>`, false)
}

/** Tells password managers whose password is asked for. */
const username = (email: string) =>
  html`<input type="text" name="username" value="${email}" autocomplete="username" hidden>`

const currentPassword = ({ notice }: VisitParts) =>
  field({
    name: 'password',
    label: words.passwordForm.current,
    type: 'password',
    autocomplete: 'current-password',
    describedBy: notice && noticeId,
    focus: true,
  })

export function emailPage({
  frame,
  csrf,
  notice,
  given,
}: VisitParts & { given?: string | undefined }): string {
  const { title, lead, label, submit: send } = words.emailForm
  return page(
    { ...frame, title, lead, notice, aside: backLink() },
    form(
      at('email'),
      { [csrfField]: csrf },
      html`${field({ name: 'email', label, type: 'email', autocomplete: 'email', value: given, describedBy: notice && noticeId, focus: true })}
${submit(send)}`,
    ),
  )
}

export function passwordPage(options: VisitParts & { policy: PasswordPolicyOptions }): string {
  const { frame, csrf, notice, email, policy } = options
  const { title, lead, submit: send } = words.passwordForm
  const describedBy = notice ? `${rulesId} ${noticeId}` : rulesId
  return page(
    { ...frame, title, lead, notice, aside: backLink() },
    form(
      at('password'),
      { [csrfField]: csrf },
      html`${username(email)}${currentPassword(options)}
${field({ name: 'new_password', label: texts.newPassword, type: 'password', autocomplete: 'new-password', describedBy })}
${rulesList(policy)}
${submit(send)}`,
    ),
  )
}

export function deletePage({ frame, csrf, notice }: VisitParts): string {
  const { title, lead, submit: send } = words.deleteForm
  return page(
    { ...frame, title, lead, notice, aside: backLink() },
    form(at('delete'), { [csrfField]: csrf }, submit(send)),
  )
}

export function deletedPage(frame: Frame): string {
  return page({ ...frame, ...words.deleted }, html``)
}

export function notLoggedInPage(frame: Frame, lead: string): string {
  const { title, retry } = words.cancelled
  return page({ ...frame, title, lead }, html`<p><a class="button" href="${accountPath}">${retry}</a></p>`)
}
