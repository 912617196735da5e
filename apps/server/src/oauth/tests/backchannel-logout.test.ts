import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { after, before, beforeEach, describe, test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createLocalJWKSet, decodeJwt, jwtVerify } from 'jose'
import { createApplication } from '../../applications/applications.ts'
import type { Application } from '../../applications/store.ts'
import { createLogBuffer, type LogBuffer } from '../../logs/log-buffer.ts'
import { endArtifacts } from '../../sessions/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, formsOf } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, callback, destination, password, redeem } from '../../testing/tutorial.ts'
import { updateUser } from '../../users/users.ts'
import { type BackchannelLogout, startBackchannelLogout } from '../backchannel-logout.ts'

/** An application's server, which keeps the logout tokens that it was sent. */
class Receiver {
  readonly received: string[] = []
  status = 200
  location: string | undefined
  readonly #server: Server

  constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response)).listen(
      0,
      '127.0.0.1',
    )
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.received.push(new URLSearchParams(await text(request)).get('logout_token') ?? '')
    response.writeHead(this.status, this.location ? { location: this.location } : {}).end()
  }

  async url(): Promise<string> {
    if (!this.#server.listening) await once(this.#server, 'listening')
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/backchannel`
  }

  async close(): Promise<void> {
    this.#server.closeAllConnections()
    await once(this.#server.close(), 'close')
  }
}

for (const store of stores)
  describe(`Back-channel log-out (${store.name})`, () => {
    let ahead = 0
    const server = tutorialServer(store, { clock: () => Date.now() + ahead })
    const receiver = new Receiver()
    let application: Application
    let logs: LogBuffer
    let worker: BackchannelLogout

    before(async () => {
      const url = await receiver.url()
      application = (
        await transaction(server.ctx, (tx) =>
          createApplication(tx, {
            name: 'Application with a server',
            app_type: 'spa',
            callbacks: [callback],
            allowed_logout_urls: ['http://localhost:4040'],
            oidc_logout: { backchannel_logout_urls: [url] },
          }),
        )
      ).application
      logs = createLogBuffer(server.ctx, () => {})
      // The server's own waits a second between two looks; this one works when it is told to.
      worker = startBackchannelLogout(server.ctx, server.keys, logs, noProblem)
    })
    // The last look may come after the store was closed.
    const noProblem = () => undefined
    beforeEach(() => {
      receiver.received.length = 0
      receiver.status = 200
      receiver.location = undefined
    })
    after(async () => {
      await worker.close()
      await receiver.close()
    })

    /** Logs in to both applications with one session. */
    const signIn = async (email = 'member@example.com') => {
      const browser = new Browser(server.issuer)
      const request = authorizationRequest(server, application.clientId)
      const done = await browser.submit(await browser.open(request.url), { email, password })
      const code = destination(done).searchParams.get('code') ?? ''
      const { body } = await redeem(server, application.clientId, { code, request })
      await browser.open(authorizationRequest(server, server.clientId).url)
      return { browser, idToken: body.id_token, sid: String(decodeJwt(body.id_token)['sid']) }
    }
    // The server's own may hold a notice at that moment: then it is the one that sends it.
    const deliver = async (count: number) => {
      for (let look = 0; look < 400 && receiver.received.length < count; look += 1) {
        await worker.deliver()
        await pause(25)
      }
      await worker.deliver()
      assert.equal(receiver.received.length, count)
    }
    const pending = async () =>
      (await server.ctx.store.db.selectFrom('artifacts').select('kind').execute()).filter(({ kind }) =>
        ['EndedSession', 'LogoutNotice'].includes(kind),
      ).length

    test('discovery says so', async () => {
      const response = await fetch(new URL('/.well-known/openid-configuration', server.issuer))
      const document = (await response.json()) as Record<string, unknown>
      assert.equal(document['backchannel_logout_supported'], true)
      assert.equal(document['backchannel_logout_session_supported'], true)
    })

    test('§2.4: the logout token is signed, typed, for the application, and names the session', async () => {
      const { browser, sid } = await signIn()
      await browser.open('/v2/logout')
      await deliver(1)
      const { payload, protectedHeader } = await jwtVerify(
        receiver.received[0] ?? '',
        createLocalJWKSet(server.keys.publicJwks()),
        { issuer: server.issuer, audience: application.clientId, typ: 'logout+jwt', algorithms: ['RS256'] },
      )
      assert.equal(protectedHeader.alg, 'RS256')
      const { sub, events, nonce, jti, iat = 0, exp = 0 } = payload
      assert.deepEqual([sub, payload['sid'], nonce], [server.member.userId, sid, undefined])
      assert.deepEqual(events, { 'http://schemas.openid.net/event/backchannel-logout': {} })
      assert.ok(jti && exp - iat <= 120)
      assert.equal(await pending(), 0)
      // It is no access token and no ID token.
      const asBearer = await fetch(new URL('/userinfo', server.issuer), {
        headers: { authorization: `Bearer ${receiver.received[0]}` },
      })
      assert.equal(asBearer.status, 401)
    })

    const ends: Record<string, (signedIn: Awaited<ReturnType<typeof signIn>>) => Promise<unknown>> = {
      'log-out at /v2/logout': ({ browser }) => browser.open('/v2/logout'),
      'log-out at /oidc/logout with an ID token': ({ browser, idToken }) =>
        browser.open(`/oidc/logout?id_token_hint=${idToken}`),
      'log-out at /oidc/logout after a question': async ({ browser }) => {
        const page = await browser.open('/oidc/logout')
        return browser.submit(page, { ...formsOf(page)[0]?.fields, logout: 'yes' })
      },
      'log-in of another person': async ({ browser }) => {
        const { url } = authorizationRequest(server, server.clientId, { prompt: 'login' })
        return browser.submit(await browser.open(url), { email: 'admin@example.com', password })
      },
      'end of all sessions by an administrator': () =>
        endArtifacts(server.ctx.store.db, ['Session'], server.member.userId),
      'a block': async () => {
        await transaction(server.ctx, (tx) => updateUser(tx, server.member.userId, { blocked: true }))
        await transaction(server.ctx, (tx) => updateUser(tx, server.member.userId, { blocked: false }))
      },
    }
    for (const [what, end] of Object.entries(ends))
      test(`${what} is told`, async () => {
        const signedIn = await signIn()
        await end(signedIn)
        await deliver(1)
        assert.equal(decodeJwt(receiver.received[0] ?? '')['sid'], signedIn.sid)
        const later = await signedIn.browser.open(
          authorizationRequest(server, application.clientId, { prompt: 'none' }).url,
        )
        const answer = destination(later).searchParams
        if (what !== 'log-in of another person') assert.equal(answer.get('error'), 'login_required')
      })

    test('a failure is tried again, later each time, and given up with an entry in the log', async () => {
      const { browser } = await signIn()
      receiver.status = 503
      await browser.open('/v2/logout')
      await deliver(1)
      await worker.deliver()
      assert.equal(receiver.received.length, 1, 'not before its time')
      for (const [attempt, seconds] of [5, 20, 80].entries()) {
        ahead += seconds * 1_000 + 100
        await deliver(attempt + 2)
      }
      assert.equal(await pending(), 1)
      ahead += 321_000
      await deliver(5)
      assert.equal(await pending(), 0)
      await logs.flush()
      const entries = await server.ctx.store.db
        .selectFrom('logs')
        .selectAll()
        .where('type', '=', 'w')
        .execute()
      assert.ok(entries.some((entry) => JSON.stringify(entry).includes('was not told of a logout')))
    })

    test('a redirect is not followed, and a refusal is final', async () => {
      for (const status of [302, 307, 400]) {
        const elsewhere = new Receiver()
        receiver.received.length = 0
        receiver.status = status
        receiver.location = status < 400 ? await elsewhere.url() : undefined
        const { browser } = await signIn()
        await browser.open('/v2/logout')
        await deliver(1)
        assert.deepEqual(elsewhere.received, [])
        assert.equal(await pending(), 0)
        await elsewhere.close()
      }
    })

    test('of two servers one sends', async () => {
      const other = startBackchannelLogout(server.ctx, server.keys, logs, noProblem)
      const { browser } = await signIn()
      await browser.open('/v2/logout')
      for (let look = 0; look < 400 && (await pending()) > 0; look += 1) {
        await Promise.all([worker.deliver(), other.deliver()])
        await pause(25)
      }
      assert.equal(receiver.received.length, 1)
      await other.close()
    })
  })
