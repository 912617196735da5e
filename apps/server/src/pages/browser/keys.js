/*
 * Asks the browser for a security key or a passkey (WebAuthn), and sends the answer with the form. It is for the forms of
 * `key-form.ts`, and the only script of the pages for people. A form without it says what else there is.
 */

/** @param {string} text base64url */
const toBytes = (text) =>
  Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0))

/** @param {ArrayBuffer} buffer */
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/**
 * The options of a form, with bytes in place of base64url.
 * @param {HTMLFormElement} form
 */
function optionsOf(form) {
  const options = JSON.parse(form.dataset['options'] ?? '')
  const withBytes = (/** @type {{ id: string }} */ one) => ({ ...one, id: toBytes(one.id) })
  return {
    ...options,
    challenge: toBytes(options.challenge),
    ...(options.user && { user: withBytes(options.user) }),
    ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map(withBytes) }),
    ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(withBytes) }),
  }
}

/** @param {PublicKeyCredential} credential */
function answerOf({ id, type, response }) {
  /** @type {Record<string, unknown>} */
  const sent = { clientDataJSON: toText(response.clientDataJSON) }
  if (response instanceof AuthenticatorAttestationResponse) {
    sent['attestationObject'] = toText(response.attestationObject)
    sent['transports'] = response.getTransports?.() ?? []
  } else if (response instanceof AuthenticatorAssertionResponse) {
    sent['authenticatorData'] = toText(response.authenticatorData)
    sent['signature'] = toText(response.signature)
  }
  return JSON.stringify({ id, type, response: sent })
}

/**
 * @param {HTMLFormElement} form
 * @param {CredentialRequestOptions} [more]
 */
async function ask(form, more = {}) {
  const { credentials } = navigator
  const request = { publicKey: optionsOf(form), ...more }
  const credential = await (form.dataset['key'] === 'create'
    ? credentials.create(request)
    : credentials.get(request))
  const field = form.elements.namedItem('answer')
  if (!(credential instanceof PublicKeyCredential) || !(field instanceof HTMLInputElement))
    throw new Error('no key answered')
  field.value = answerOf(credential)
  form.submit()
}

/** @type {Record<string, string>} */
const problems = { NotAllowedError: 'cancelled', AbortError: 'cancelled', InvalidStateError: 'known' }

/**
 * @param {HTMLFormElement} form
 * @param {string} selector
 * @param {(element: HTMLElement) => boolean} isShown
 */
function toggle(form, selector, isShown) {
  for (const element of form.querySelectorAll(selector))
    if (element instanceof HTMLElement) element.hidden = !isShown(element)
}

/**
 * Waits, unseen, until a person picks a passkey from the suggestions of the address field.
 * @param {HTMLFormElement} form
 */
async function suggest(form) {
  const waiting = new AbortController()
  if (await PublicKeyCredential.isConditionalMediationAvailable?.())
    // A failure shows nothing, because the person has asked for nothing yet. The button is there for that.
    ask(form, { mediation: 'conditional', signal: waiting.signal }).catch(() => undefined)
  return waiting
}

/** @param {HTMLFormElement} form */
function prepare(form) {
  const button = form.querySelector('button')
  if (!button) return
  const waiting = form.dataset['autofill'] === undefined ? undefined : suggest(form)
  toggle(form, '[data-missing]', () => false)
  toggle(form, '[data-present]', () => true)
  const begin = async () => {
    button.disabled = true
    toggle(form, '[data-problem]', () => false)
    const suggestions = await waiting
    suggestions?.abort()
    try {
      await ask(form)
    } catch (error) {
      const problem = (error instanceof Error && problems[error.name]) || 'failed'
      toggle(form, '[data-problem]', (element) => element.dataset['problem'] === problem)
      button.disabled = false
    }
  }
  form.addEventListener('submit', (event) => {
    event.preventDefault()
    void begin()
  })
  // A page that the browser brings back from its history is as it was left.
  window.addEventListener('pageshow', () => {
    button.disabled = false
  })
}

if ('PublicKeyCredential' in window)
  for (const form of document.querySelectorAll('form')) if (form.dataset['key']) prepare(form)
