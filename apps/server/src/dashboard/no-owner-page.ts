import { html } from '../http/html.ts'
import { type Frame, page } from '../pages/layout.ts'

const texts = {
  title: 'No owner yet',
  lead: 'To use the dashboard, become its owner with the set-up link.',
  where: 'The link is in the terminal in which the server was started. It works once, for a day.',
  again:
    'If it is gone, stop the server and start it again: while there is no owner, each start prints a link.',
  command: 'So does this command, with the settings of the server:',
  repository: 'In the repository of Rolecall it is:',
  next: 'Load again',
  account: 'Log in with an account that exists',
}

/** Shown in place of the dashboard while there is no account that may do everything in it. */
export function noOwnerPage(frame: Frame): string {
  return page(
    {
      ...frame,
      title: texts.title,
      lead: texts.lead,
      // A user without all permissions may see a part of the dashboard.
      aside: html`<a href="/dashboard/apis">${texts.account}</a>`,
    },
    html`<p>${texts.where}</p>
<p>${texts.again}</p>
<p>${texts.command}</p>
<p><code>rolecall owner-link</code></p>
<p>${texts.repository}</p>
<p><code>npm run server -- owner-link</code></p>
<p><a class="button" href="/dashboard/">${texts.next}</a></p>`,
  )
}
