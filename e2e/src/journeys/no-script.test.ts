/** The pages of the authorization server in a browser without JavaScript. */
import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import { test } from 'node:test'
import { tutorial } from '@rolecall/server/tutorial'
import { atPage, submitCredentials } from './client.ts'
import { useSystem } from './system.ts'
import { expect, useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor({ javaScriptEnabled: false })

/** An authorization request with PKCE, as the client's SDK would build it. */
function beginLogIn(params: Record<string, string> = {}) {
  const { issuer, audience, client_url, applications } = system.lab
  const verifier = randomBytes(32).toString('base64url')
  const client = { client_id: applications.spa.client_id, redirect_uri: `${client_url}/callback` }
  const query = new URLSearchParams({
    ...client,
    audience,
    response_type: 'code',
    scope: 'openid profile email',
    state: randomBytes(16).toString('base64url'),
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    prompt: 'login',
    ...params,
  })
  return {
    url: `${issuer}authorize?${query.toString()}`,
    /** Redeems the code in this address and calls the API with the access token. */
    async askApi(address: string): Promise<unknown> {
      const returned = new URL(address).searchParams
      assert.equal(returned.get('state'), query.get('state'))
      const body = {
        grant_type: 'authorization_code',
        code: returned.get('code') ?? '',
        code_verifier: verifier,
      }
      const answer = await fetch(`${issuer}oauth/token`, {
        method: 'POST',
        body: new URLSearchParams({ ...client, ...body }),
      })
      const { access_token } = (await answer.json()) as { access_token: string }
      const message = await fetch(`${system.lab.api_url}${tutorial.routes.admin}`, {
        headers: { authorization: `Bearer ${access_token}` },
      })
      return message.json()
    },
  }
}

test('logging in works, also after a wrong password', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  const request = beginLogIn()
  await page.goto(request.url)
  await atPage(page, 'Log In')
  await submitCredentials(page, { ...users.admin, password: 'not the password' })
  await expect(page.getByRole('alert')).toHaveText('Wrong email or password.')
  await submitCredentials(page, users.admin)
  await page.waitForURL(`${client_url}/callback?*`)
  assert.deepEqual(await request.askApi(page.url()), tutorial.messages.admin)
})

test('signing up works, also from the log-in page', limit, async () => {
  const { page } = visitor
  const request = beginLogIn()
  await page.goto(request.url)
  await page.getByRole('link', { name: 'Sign up' }).click()
  await atPage(page, 'Sign Up')
  await submitCredentials(page, { email: 'scriptless@example.com', password: 'a lantern on the 3rd bridge' })
  await page.waitForURL(`${system.lab.client_url}/callback?*`)
  assert.deepEqual(await request.askApi(page.url()), tutorial.messages.denied)
})

test('resetting the password works and returns to the log-in page', limit, async () => {
  const { page } = visitor
  const { client_url, users } = system.lab
  const request = beginLogIn()
  await page.goto(request.url)
  await page.getByRole('link', { name: 'Forgot password?' }).click()
  await page.getByLabel('Email address').fill(users.member.email)
  await page.getByRole('button', { name: 'Send the link' }).click()
  await atPage(page, 'Ask an administrator for the link')
  await page.getByRole('link', { name: 'Back to log in' }).click()
  await submitCredentials(page, users.member)
  await page.waitForURL(`${client_url}/callback?*`)
})

test('logging out works', limit, async () => {
  const { page } = visitor
  const { issuer, client_url, users, applications } = system.lab
  await page.goto(beginLogIn().url)
  await submitCredentials(page, users.member)
  await page.waitForURL(`${client_url}/callback?*`)
  const query = new URLSearchParams({ client_id: applications.spa.client_id, returnTo: client_url })
  await page.goto(`${issuer}v2/logout?${query.toString()}`)
  assert.equal(page.url(), `${client_url}/`)
  const silent = await visitor.context.request.get(beginLogIn({ prompt: 'none' }).url, { maxRedirects: 0 })
  assert.match(silent.headers()['location'] ?? '', /error=login_required/)
})
