import type { Message } from './mailer.ts'

/** The values of a mail of the sign-in pages. Values that a person typed are escaped (see CVE-2022-1274). */
interface Letter {
  tenant: string
  /** The name of the application that the person was using, when known. */
  application?: string | undefined
  to: string
  /** The one-time link, under the configured issuer. */
  link: string
}

export function verifyEmailMessage(letter: Letter): Message {
  return compose(letter, {
    subject: `Verify your email address for ${letter.tenant}`,
    opening: `Somebody, most likely you, signed up for ${letter.tenant} with this address.`,
    action: 'Verify this address',
    closing: 'If that was not you, do nothing: without the link the address stays unverified.',
  })
}

/** To the address that an account gets when the link is followed. */
export function changeEmailMessage(letter: Letter): Message {
  return compose(letter, {
    subject: `Use this email address for ${letter.tenant}`,
    opening: `Somebody, most likely you, wants to use this address for an account at ${letter.tenant}.`,
    action: 'Use this address',
    closing: 'If that was not you, do nothing: without the link the account keeps the address that it has.',
  })
}

export function resetPasswordMessage(letter: Letter): Message {
  return compose(letter, {
    subject: `Choose a new password for ${letter.tenant}`,
    opening: `Somebody, most likely you, asked for a new password at ${letter.tenant}.`,
    action: 'Choose a new password',
    closing: 'If that was not you, do nothing: your password stays what it is.',
  })
}

/** To a user whose second factors or passkeys changed. It has no link: a link in such a mail is what phishing looks like. */
export function factorsChangedMessage({
  tenant,
  to,
  what,
}: {
  tenant: string
  to: string
  /** A sentence without its full stop. */
  what: string
}): Message {
  return plain(to, `Your ways to log in to ${tenant} have changed`, [
    `The second factors or passkeys of your account at ${tenant} have changed: ${what}.`,
    'Everywhere else you were logged in, you have been logged out.',
    'If that was not you, choose a new password now, remove on your account page what you have not added, and tell an administrator.',
    tenant,
  ])
}

/** To a user with whose recovery code somebody has logged in. */
export function recoveryCodeUsedMessage({
  tenant,
  to,
  left,
}: {
  tenant: string
  to: string
  /** How many codes can still be used. */
  left: number
}): Message {
  return plain(to, `A recovery code was used at ${tenant}`, [
    `Somebody, most likely you, used one of your recovery codes to log in to ${tenant}.`,
    left === 1 ? 'One code is left.' : `${left === 0 ? 'No' : left} codes are left.`,
    'If that was not you, choose a new password now, and tell an administrator.',
    tenant,
  ])
}

/** To the address that an account had until now. */
export function emailChangedMessage({
  tenant,
  to,
  email,
}: {
  tenant: string
  to: string
  email: string
}): Message {
  const lines = [
    `The email address of your account at ${tenant} was changed to ${email}.`,
    'If that was not you, somebody knows your password. Tell the people who run this service.',
  ]
  return plain(to, `Your email address at ${tenant} was changed`, lines)
}

interface ProviderNotice {
  tenant: string
  to: string
  /** Its name, for people. */
  provider: string
}

/** To a user, whose account can be used with another way to log in from now on. */
export function providerConnectedMessage({ tenant, to, provider }: ProviderNotice): Message {
  const lines = [
    `Your account at ${tenant} was connected with ${provider}. From now on you can log in with ${provider} too.`,
    'If that was not you, somebody knows your password. Tell the people who run this service.',
  ]
  return plain(to, `${provider} was connected with your account at ${tenant}`, lines)
}

export function providerDisconnectedMessage({ tenant, to, provider }: ProviderNotice): Message {
  const lines = [
    `Your account at ${tenant} is no longer connected with ${provider}: you cannot log in with ${provider} any more.`,
    'If that was not you, somebody is logged in as you. Choose a new password now, and tell an administrator.',
  ]
  return plain(to, `${provider} was disconnected from your account at ${tenant}`, lines)
}

/** To owners, when an import of users has ended. */
export function importFinishedMessage(report: {
  tenant: string
  to: string
  jobId: string
  status: string
  externalId?: string | undefined
  total?: number
  inserted?: number
  updated?: number
  failed?: number
}): Message {
  const { tenant, to, jobId, status, externalId, total = 0, inserted = 0, updated = 0, failed = 0 } = report
  const name = externalId === undefined ? jobId : `${externalId} (${jobId})`
  const lines = [
    `The import ${name} of users into ${tenant} has ${status}.`,
    `Of ${total} users ${inserted} were inserted, ${updated} updated and ${failed} refused.`,
    `GET /api/v2/jobs/${jobId}/errors lists the refused ones.`,
  ]
  return plain(to, `Import of users into ${tenant}: ${status}`, lines)
}

function plain(to: string, subject: string, lines: readonly string[]): Message {
  return {
    to,
    subject,
    text: `${lines.join('\n')}\n`,
    html: `<!doctype html>
<html lang="en"><body style="font-family:sans-serif;line-height:1.5;color:#1a1a1a">
${lines.map((line) => `<p>${escapeHtml(line)}</p>`).join('\n')}
</body></html>
`,
  }
}

function compose(
  { tenant, application, to, link }: Letter,
  words: { subject: string; opening: string; action: string; closing: string },
): Message {
  const where = application ? ` It concerns the application ${application}.` : ''
  return {
    to,
    subject: words.subject,
    text: `${words.opening}${where}\n\n${words.action}:\n${link}\n\nThe link works once.\n${words.closing}\n\n${tenant}\n`,
    html: `<!doctype html>
<html lang="en"><body style="font-family:sans-serif;line-height:1.5;color:#1a1a1a">
<p>${escapeHtml(words.opening + where)}</p>
<p><a href="${escapeHtml(link)}">${escapeHtml(words.action)}</a></p>
<p>The link works once. ${escapeHtml(words.closing)}</p>
<p>${escapeHtml(tenant)}</p>
</body></html>
`,
  }
}

const entities: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character)
}
