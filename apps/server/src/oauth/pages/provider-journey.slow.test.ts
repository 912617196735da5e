import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { decodeJwt } from 'jose'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { freePort, startServer } from '../../testing/server.ts'
import { authorizationRequest, makeTutorial, password, requestToken } from '../../testing/tutorial.ts'
import { markEmailVerified } from '../../users/store.ts'
import { connectProvider, trustedCertificate } from '../providers/testing.ts'
import { applicationToReturnTo, arrived, launchBrowser } from './testing-browser.ts'

const [kind = assert.fail()] = stores

/** Two servers: people log in at the second one, over https, and the first one asks them there. */
async function open(t: TestContext) {
  const port = await freePort()
  const issuer = `https://localhost:${port}/`
  const tls = await trustedCertificate(t)
  const theirs = await startServer(t, kind, { config: { issuer, host: 'localhost', port, tls } })
  const { member } = await makeTutorial(theirs.ctx)
  const ours = await startServer(t, kind, { config: { localHosts: ['localhost'] } })
  const { role, member: ourMember } = await makeTutorial(ours.ctx)

  const { clientId, callback, arrivals } = await applicationToReturnTo(t, ours.ctx)

  // The first server is an application of somebody else there, so it needs the person's consent.
  const { application: client, clientSecret: client_secret = '' } = await transaction(theirs.ctx, (tx) =>
    createApplication(tx, {
      name: 'The First Server',
      app_type: 'regular_web',
      is_first_party: false,
      callbacks: [`${ours.issuer}login/callback/partner`],
    }),
  )
  await connectProvider(ours, clientId, {
    name: 'partner',
    strategy: 'oidc',
    display_name: 'The Partner',
    options: {
      client_id: client.clientId,
      client_secret,
      issuer,
      trust_email_verified: true,
      role_mapping: { claim: 'nickname', roles: [{ value: 'member', role: role.name }] },
    },
  })
  const request = authorizationRequest(ours, clientId, { redirect_uri: callback })
  const browser = await launchBrowser()
  t.after(() => browser.close())
  const context = await browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: true })
  const page = await context.newPage()
  const complaints: string[] = []
  page.on('console', (message) => {
    if (/content security policy/i.test(message.text())) complaints.push(message.text())
  })
  return {
    ours,
    theirs,
    member,
    ourMember,
    request,
    page,
    complaints,
    /** Uses the button, logs in there, and consents. */
    logInThere: async () => {
      await page.goto(request.url)
      await page.getByRole('button', { name: 'Continue with The Partner' }).click()
      await page.getByText('to continue to The First Server').waitFor()
      await page.getByLabel('Email address').fill(member.email)
      await page.getByLabel('Password').fill(password)
      await page.getByRole('button', { name: 'Continue', exact: true }).click()
      await page.getByText('The First Server would like to:').waitFor()
      await page.getByRole('button', { name: 'Allow', exact: true }).click()
    },
    tokens: async () => {
      await arrived(page)
      const { body } = await requestToken(ours, {
        grant_type: 'authorization_code',
        client_id: clientId,
        code: arrivals.at(-1)?.searchParams.get('code') ?? '',
        redirect_uri: callback,
        code_verifier: request.verifier,
      })
      return decodeJwt(body.access_token)
    },
  }
}

describe('In a real browser, without JavaScript, another provider', { timeout: 120_000 }, () => {
  test('logs a person in after their consent there, with the roles of its claims', async (t) => {
    const { logInThere, tokens, complaints, member } = await open(t)
    await logInThere()
    const token = await tokens()
    assert.equal(token.sub, `oidc|partner|${member.userId}`)
    assert.deepEqual(token['permissions'], ['read:admin-messages'])
    assert.deepEqual(complaints, [])
  })

  test('is connected with the account that has the verified address, by its password', async (t) => {
    const { ours, theirs, member, ourMember, page, logInThere, tokens, complaints } = await open(t)
    await transaction(theirs.ctx, (tx) => markEmailVerified(tx.db, member.userId, tx.now))
    await transaction(ours.ctx, (tx) => markEmailVerified(tx.db, ourMember.userId, tx.now))
    await logInThere()
    await page.getByRole('heading', { name: 'Connect your accounts?' }).waitFor()
    await page.keyboard.type('not the password')
    await page.keyboard.press('Enter')
    await page.getByRole('alert').getByText('Wrong email or password.').waitFor()
    await page.keyboard.type(password)
    await page.keyboard.press('Enter')
    const token = await tokens()
    assert.equal(token.sub, ourMember.userId)
    assert.deepEqual(token['permissions'], ['read:admin-messages'])
    assert.deepEqual(complaints, [])
  })

  test('refuses, and the log-in page says so and works', async (t) => {
    const { ourMember, page, request, tokens } = await open(t)
    await page.goto(request.url)
    await page.getByRole('button', { name: 'Continue with The Partner' }).click()
    await page.getByLabel('Email address').fill('member@example.com')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    await page.getByRole('button', { name: 'Do not allow' }).click()
    await page.getByRole('alert').getByText('The Partner did not log you in').waitFor()
    await page.getByLabel('Email address').fill('member@example.com')
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Continue', exact: true }).click()
    assert.equal((await tokens()).sub, ourMember.userId)
  })
})
