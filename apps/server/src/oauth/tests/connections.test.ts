import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createApplication } from '../../applications/applications.ts'
import { type Connection, findConnection } from '../../connections/store.ts'
import { hashPassword } from '../../crypto/argon2.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser } from '../../testing/browser.ts'
import { managementCaller } from '../../testing/nodes.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  authorizationRequest,
  callback,
  destination,
  logIn,
  password,
  redeem,
  refresh,
} from '../../testing/tutorial.ts'
import { createUser } from '../../users/users.ts'

for (const store of stores)
  describe(`An application accepts users of its connections alone on ${store.name}`, () => {
    const server = tutorialServer(store)
    let users: Connection
    let partners: Connection
    let manage: Awaited<ReturnType<typeof managementCaller>>
    /** Enabled for `partners` only. */
    let portal: string

    before(async () => {
      const { ctx } = server
      const found = await findConnection(ctx.store.db, 'Username-Password-Authentication')
      assert.ok(found)
      users = found
      const { application } = await transaction(ctx, (tx) =>
        createApplication(tx, {
          name: 'Portal',
          app_type: 'spa',
          callbacks: [callback],
        }),
      )
      portal = application.clientId
      manage = await managementCaller(server)
      const made = { name: 'Partners', strategy: 'auth0', enabled_clients: [portal] }
      await manage('POST', '/connections', made)
      const created = await findConnection(ctx.store.db, made.name)
      assert.ok(created)
      partners = created
      await switchUsers(portal, false)
      const passwordHash = await hashPassword(password)
      await transaction(ctx, (tx) =>
        createUser(tx, { connection: partners.name, email: 'partner@example.com', passwordHash }),
      )
    })

    const switchOn = ({ id }: Connection, clientId: string, status: boolean) =>
      manage('PATCH', `/connections/${id}/clients`, [{ client_id: clientId, status }])
    const switchUsers = (clientId: string, status: boolean) => switchOn(users, clientId, status)

    /** Where `/authorize` leads a browser that is signed in. */
    async function silently(browser: Browser, clientId: string) {
      const request = authorizationRequest(server, clientId, { prompt: 'none' })
      const { searchParams } = destination(await browser.open(request.url))
      return { error: searchParams.get('error'), code: searchParams.get('code') ?? '', request }
    }

    async function newClient(): Promise<string> {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Client',
          app_type: 'spa',
          callbacks: [callback],
        }),
      )
      return application.clientId
    }

    test('somebody signed in by another connection gets no code, silently or otherwise', async () => {
      const { browser } = await logIn(server, server.clientId, 'member@example.com')
      assert.equal((await silently(browser, portal)).error, 'login_required')
      const page = await browser.open(authorizationRequest(server, portal).url)
      assert.equal(page.status, 200)
      assert.match(page.text, /does not accept the account you are logged in with/)
      const refused = await browser.submit(page, { email: 'member@example.com', password })
      assert.match(refused.text, /Wrong email or password/)
      const done = await browser.submit(refused, { email: 'partner@example.com', password })
      assert.ok(destination(done).searchParams.get('code'))
    })

    test('and who is signed in by its own is not asked', async () => {
      const { browser } = await logIn(server, portal, 'partner@example.com')
      assert.ok((await silently(browser, portal)).code)
    })

    test('codes, refresh tokens, sessions and userinfo end when the connection is switched off, and are back with it', async () => {
      const clientId = await newClient()
      const login = await logIn(server, clientId, 'member@example.com')
      const { body } = await redeem(server, clientId, login)
      const opaque = await logIn(server, clientId, 'member@example.com', { audience: undefined })
      const forUserinfo = (await redeem(server, clientId, opaque)).body.access_token
      const unused = await silently(login.browser, clientId)
      const userinfo = async (token: string) => {
        const headers = { authorization: `Bearer ${token}` }
        return (await fetch(new URL('/userinfo', server.issuer), { headers })).status
      }
      assert.deepEqual(await Promise.all([body.access_token, forUserinfo].map(userinfo)), [200, 200])

      await switchUsers(clientId, false)
      assert.equal((await silently(login.browser, clientId)).error, 'login_required')
      const refreshed = await refresh(server, clientId, body.refresh_token)
      assert.deepEqual([refreshed.status, refreshed.body.error], [403, 'invalid_grant'])
      assert.match(refreshed.body.error_description, /invalid refresh token/)
      const redeemed = await redeem(server, clientId, unused)
      assert.deepEqual([redeemed.status, redeemed.body.error], [403, 'invalid_grant'])
      assert.deepEqual(await Promise.all([body.access_token, forUserinfo].map(userinfo)), [401, 401])

      await switchUsers(clientId, true)
      assert.equal((await refresh(server, clientId, body.refresh_token)).status, 200)
      assert.ok((await silently(login.browser, clientId)).code)
    })

    test('a log-in under way when the connection is switched off leads to no code', async () => {
      const clientId = await newClient()
      const browser = new Browser(server.issuer)
      const page = await browser.open(authorizationRequest(server, clientId).url)
      await switchUsers(clientId, false)
      await switchOn(partners, clientId, false)
      const answer = await browser.submit(page, { email: 'member@example.com', password })
      assert.equal(answer.status, 403)
      assert.equal(answer.headers.get('location'), null)
    })
  })
