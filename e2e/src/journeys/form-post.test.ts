/** A regular web application that requests `response_mode=form_post`, as express-openid-connect does. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { atPage, submitCredentials } from './client.ts'
import { createApplication } from './management.ts'
import { useSystem } from './system.ts'
import { expect, useVisitor } from './visitor.ts'

const limit = { timeout: 120_000 }
const system = useSystem()
const visitor = useVisitor()

test('the ID token arrives in a form post, and logging out returns to the application', limit, async (t) => {
  const { page } = visitor
  const { issuer, users } = system.lab
  const application = await startWebApplication()
  t.after(() => application.stop())
  const { client_id } = await createApplication(system.lab, {
    name: 'Web application',
    app_type: 'regular_web',
    callbacks: [`${application.origin}/callback`],
    allowed_logout_urls: [application.origin],
  })
  const state = randomBytes(8).toString('hex')
  const nonce = randomBytes(8).toString('hex')
  const request = { client_id, state, nonce, response_type: 'id_token', response_mode: 'form_post' }
  const query = { ...request, scope: 'openid email', redirect_uri: `${application.origin}/callback` }
  await page.goto(`${issuer}authorize?${new URLSearchParams(query).toString()}`)
  await submitCredentials(page, users.member)
  await expect(page.getByText('The application has its answer')).toBeVisible()
  const [answer] = application.received
  assert.equal(answer?.get('state'), state)
  const [, payload = ''] = answer?.get('id_token')?.split('.') ?? []
  const claims: Record<string, unknown> = JSON.parse(Buffer.from(payload, 'base64url').toString())
  assert.deepEqual([claims['iss'], claims['aud'], claims['nonce']], [issuer, client_id, nonce])
  assert.equal(claims['email'], users.member.email)

  const logout = new URLSearchParams({ client_id, post_logout_redirect_uri: application.origin })
  const logoutUrl = `${issuer}oidc/logout?${logout.toString()}`
  await page.goto(logoutUrl)
  await page.getByRole('button', { name: 'Log out' }).click()
  await expect(page.getByText('The start page of the application')).toBeVisible()
  // The same request again, without a session.
  await page.goto(logoutUrl)
  await expect(page.getByText('The start page of the application')).toBeVisible()
})

test('logging out without a session shows that the log-out is done', limit, async () => {
  const { page } = visitor
  await page.goto(`${system.lab.issuer}oidc/logout`)
  await atPage(page, 'You are logged out')
})

const pages: Record<string, string> = {
  '/': 'The start page of the application',
  '/done': 'The application has its answer',
}

/** Serves two pages and records the forms that are posted to `/callback`. */
async function startWebApplication() {
  const received: URLSearchParams[] = []
  const server = createServer((request, response) => void answer(request, response)).listen(0, '127.0.0.1')
  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('content-type', 'text/html')
    if (request.method === 'POST') {
      received.push(new URLSearchParams(await text(request)))
      response.writeHead(303, { location: '/done' }).end()
    } else response.end(pages[request.url ?? ''] ?? 'Not found')
  }
  await once(server, 'listening')
  const address = server.address()
  return {
    received,
    origin: `http://localhost:${typeof address === 'object' ? address?.port : ''}`,
    async stop() {
      server.closeAllConnections()
      await once(server.close(), 'close')
    },
  }
}
