import { html } from '../../http/html.ts'
import { type Frame, form, noticeId, page, submit } from '../../pages/layout.ts'
import { texts } from '../../pages/texts.ts'

interface DevicePage {
  frame: Frame
  /** oidc-provider's token against forged forms, bound to the session. */
  xsrf: string
  code: string | undefined
}

/** The form sends `user_code` and `xsrf`. */
export function activatePage({
  frame,
  xsrf,
  code,
  problem,
}: Omit<DevicePage, 'xsrf'> & {
  /** Without it the page links to itself instead. */
  xsrf: string | undefined
  problem: keyof typeof texts.activate.problems | undefined
}): string {
  const { title, lead, label, submit: next, problems, again } = texts.activate
  const describedBy = problem && html` aria-describedby="${noticeId}" aria-invalid="true"`
  return page(
    { ...frame, title, lead, notice: problem && { kind: 'problem', text: problems[problem] } },
    xsrf === undefined
      ? html`<p><a href="/activate">${again}</a></p>`
      : form(
          '/activate',
          { xsrf },
          html`<div class="field">
<label for="user_code">${label}</label>
<input id="user_code" name="user_code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="50" required autofocus
${code && html` value="${code}"`}${describedBy}>
</div>
${submit(next)}`,
        ),
  )
}

/** The form sends `confirm` or `abort`, with `user_code` and `xsrf`. */
export function confirmDevicePage({
  frame,
  xsrf,
  code,
}: DevicePage & { frame: Frame & { application: string } }): string {
  const { title, lead, compare, warning, accept, decline } = texts.confirmDevice
  return page(
    { ...frame, title, lead: lead(frame.application) },
    form(
      '/activate',
      { xsrf, user_code: code ?? '' },
      html`<p>${compare} <code>${code}</code></p>
<p>${warning}</p>
<div class="choices">
<button type="submit" class="primary" name="confirm" value="yes">${accept}</button>
<button type="submit" name="abort" value="yes">${decline}</button>
</div>`,
    ),
  )
}

export function deviceDonePage({ frame }: { frame: Frame & { application: string } }): string {
  const { title, lead } = texts.deviceDone
  return page({ ...frame, title, lead: lead(frame.application) }, html`<p>${texts.close}</p>`)
}
