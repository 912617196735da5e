import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { after, before, describe, type TestContext, test } from 'node:test'
import type { Browser, CDPSession, Page } from '@playwright/test'
import type { Config } from '../../config.ts'
import { ensureLocalCertificates } from '../../crypto/local-certificates.ts'
import { enrolKey, offerKey } from '../../factors/keys.ts'
import { stores, temporaryFolder } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateFactorPolicy } from '../../tenant/settings.ts'
import { SoftKey } from '../../testing/authenticator.ts'
import { startServer } from '../../testing/server.ts'
import { authorizationRequest, makeTutorial, password } from '../../testing/tutorial.ts'
import { applicationToReturnTo, arrived, launchBrowser, type } from './testing-browser.ts'

/** A server on localhost, and an application that people come back to. */
async function open(t: TestContext, config: Partial<Config> = {}) {
  const [kind] = stores
  assert.ok(kind)
  const server = await startServer(t, kind, { issuerHost: 'localhost', config })
  const tutorial = await makeTutorial(server.ctx)
  const { clientId, callback } = await applicationToReturnTo(t, server.ctx)
  return {
    ...server,
    ...tutorial,
    request: (params: Record<string, string> = {}) =>
      authorizationRequest(server, clientId, { redirect_uri: callback, ...params }).url,
    setPolicy: (policy: 'never' | 'required') =>
      transaction(server.ctx, (tx) => updateFactorPolicy(tx, () => ({ policy }))),
  }
}
type Opened = Awaited<ReturnType<typeof open>>

/** A security key in the browser's port, or one that holds passkeys and knows its owner. */
async function plugIn(page: Page, { passkeys = false } = {}) {
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('WebAuthn.enable')
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: passkeys ? 'internal' : 'usb',
      hasResidentKey: passkeys,
      hasUserVerification: passkeys,
      isUserVerified: passkeys,
      automaticPresenceSimulation: true,
    },
  })
  return { devtools, authenticatorId }
}

const unplug = ({ devtools, authenticatorId }: { devtools: CDPSession; authenticatorId: string }) =>
  devtools.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId })

const press = (page: Page, name: string) => page.getByRole('button', { name }).press('Enter')
const follow = (page: Page, name: string) => page.getByRole('link', { name }).press('Enter')

/** Gives the member a passkey, which the browser's authenticator then holds. */
async function withPasskey({ ctx, member, issuer }: Opened, page: Page) {
  const { devtools, authenticatorId } = await plugIn(page, { passkeys: true })
  const key = new SoftKey(issuer)
  const offer = await offerKey(ctx, member, 'here', 'passkey')
  assert.ok(offer)
  const outcome = await enrolKey(ctx, member, {
    binding: 'here',
    type: 'passkey',
    sealed: offer.sealed,
    answer: key.create(offer.options),
    origin: { ip: '127.0.0.1' },
  })
  assert.ok('user' in outcome)
  const base64 = (text: string) => Buffer.from(text, 'base64url').toString('base64')
  await devtools.send('WebAuthn.addCredential', {
    authenticatorId,
    credential: {
      credentialId: base64(key.id),
      isResidentCredential: true,
      rpId: 'localhost',
      privateKey: key.pkcs8.toString('base64'),
      userHandle: base64(offer.options.user.id),
      userName: member.email,
      signCount: 1,
    },
  })
}

describe('Security keys and passkeys in a real browser, by keyboard', { timeout: 120_000 }, () => {
  let browser: Browser
  before(async () => {
    browser = await launchBrowser()
  })
  after(() => browser.close())

  const newPage = async (t: TestContext, options: { javaScriptEnabled?: boolean } = {}) => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true, ...options })
    t.after(() => context.close())
    return context.newPage()
  }

  test('a member sets a key up, logs in and steps up with it, loses it, and recovers', async (t) => {
    const server = await open(t)
    await server.setPolicy('required')
    const page = await newPage(t)
    const key = await plugIn(page)
    await page.goto(server.request())
    await type(page, 'Log In', server.member.email, password)
    await follow(page, 'Use a security key instead')
    await press(page, 'Set up the key')
    await page.getByRole('heading', { name: 'Second factor set up' }).waitFor()
    const codes = await page.locator('.codes code').allInnerTexts()
    assert.equal(codes.length, 8)
    await press(page, 'Continue')
    await arrived(page)

    await page.context().clearCookies()
    await page.goto(server.request())
    await type(page, 'Log In', server.member.email, password)
    await press(page, 'Use the key')
    await arrived(page)

    await page.context().clearCookies()
    await server.setPolicy('never')
    await page.goto(server.request())
    await type(page, 'Log In', server.member.email, password)
    await arrived(page)
    await server.setPolicy('required')
    await page.goto(server.request())
    await press(page, 'Use the key')
    await arrived(page)

    // Another key is at hand, which does not know the account.
    await unplug(key)
    await plugIn(page)
    await page.context().clearCookies()
    await page.goto(server.request())
    await type(page, 'Log In', server.member.email, password)
    await press(page, 'Use the key')
    await page.getByRole('alert').getByText('No key answered').waitFor()
    await follow(page, 'Use a recovery code')
    await type(page, 'Use a recovery code', codes[0] ?? '')
    await arrived(page)
  })

  test('a passkey is suggested by the address field', async (t) => {
    const server = await open(t)
    const page = await newPage(t)
    await withPasskey(server, page)
    await page.goto(server.request())
    // The virtual authenticator picks the suggestion at once.
    await arrived(page)
  })

  test('without JavaScript the page of a key says so, and has other ways', async (t) => {
    const server = await open(t)
    const user = server.member
    const offer = await offerKey(server.ctx, user, 'here', 'webauthn')
    assert.ok(offer)
    const answer = new SoftKey(server.issuer).create(offer.options)
    await enrolKey(server.ctx, user, {
      binding: 'here',
      type: 'webauthn',
      sealed: offer.sealed,
      answer,
      origin: { ip: '127.0.0.1' },
    })
    const page = await newPage(t, { javaScriptEnabled: false })
    await page.goto(server.request())
    assert.equal(await page.getByRole('button', { name: 'Log in with a passkey' }).isVisible(), false)
    await type(page, 'Log In', user.email, password)
    await page.getByText('A security key needs JavaScript').waitFor()
    assert.equal(await page.getByRole('button', { name: 'Use the key' }).isVisible(), false)
    await follow(page, 'Use a recovery code')
    await page.getByRole('heading', { name: 'Use a recovery code' }).waitFor()
  })

  for (const scheme of ['http', 'https'])
    test(`a passkey logs a member in over ${scheme}, by the button`, async (t) => {
      const folder = await temporaryFolder(t)
      const { certFile, keyFile } = await ensureLocalCertificates(folder)
      const tls = { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8') }
      const server = await open(t, scheme === 'https' ? { tls } : {})
      const page = await newPage(t)
      await page.addInitScript('PublicKeyCredential.isConditionalMediationAvailable = async () => false')
      await withPasskey(server, page)
      await page.goto(server.request())
      await press(page, 'Log in with a passkey')
      await arrived(page)
    })
})
