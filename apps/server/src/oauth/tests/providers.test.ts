import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { ConnectionCreate } from '@rolecall/contract'
import { decodeJwt } from 'jose'
import { findConnection } from '../../connections/store.ts'
import { findIdentity } from '../../identities/store.ts'
import { stores } from '../../store/testing.ts'
import { Browser } from '../../testing/browser.ts'
import { startServer } from '../../testing/server.ts'
import { authorizationRequest, destination, makeTutorial, redeem } from '../../testing/tutorial.ts'
import { findUser } from '../../users/store.ts'
import { chooseProvider, connectProvider, departure, ScriptedProvider } from '../providers/testing.ts'

type OidcOptions = Extract<ConnectionCreate, { strategy: 'oidc' }>['options']

const secret = 'a-secret-of-the-provider'

for (const kind of stores)
  describe(`a log-in at another provider on ${kind.name}`, { timeout: 120_000 }, () => {
    async function start(t: TestContext, options: Partial<OidcOptions> = {}) {
      let ahead = 0
      const clock = () => Date.now() + ahead
      const provider = await ScriptedProvider.start(t)
      const server = await startServer(t, kind, { clock, config: { localHosts: ['localhost'] } })
      const tutorial = await makeTutorial(server.ctx)
      const { clientId } = tutorial.spa
      const connection = await connectProvider(server, clientId, {
        name: 'company',
        strategy: 'oidc',
        display_name: 'The Company',
        options: { client_id: 'rolecall', client_secret: secret, issuer: provider.issuer, ...options },
      })
      const { db } = server.ctx.store
      const begin = async (params: Record<string, string> = {}, browser = new Browser(server.issuer)) => {
        const request = authorizationRequest(server, clientId, params)
        return { browser, request, page: await browser.open(request.url) }
      }
      /** Up to the address that the provider sends the browser back to. */
      const depart = async (params: Record<string, string> = {}, browser?: Browser) => {
        const begun = await begin(params, browser)
        const sent = await chooseProvider(begun.browser, begun.page, 'company')
        return { ...begun, back: provider.authorize(departure(sent)).href }
      }
      const logs = async (type: string) => {
        await server.app.logs.flush()
        const rows = await db.selectFrom('logs').selectAll().where('type', '=', type).execute()
        return rows.map(({ description }) => description)
      }
      return {
        ...server,
        ...tutorial,
        provider,
        connection,
        db,
        clientId,
        begin,
        depart,
        logs,
        async logIn(params: Record<string, string> = {}, browser?: Browser) {
          const departed = await depart(params, browser)
          return { ...departed, done: await departed.browser.open(departed.back) }
        },
        async tokens({
          done,
          request,
        }: {
          done: Parameters<typeof destination>[0]
          request: ReturnType<typeof authorizationRequest>
        }) {
          const code = destination(done).searchParams.get('code') ?? ''
          const { body } = await redeem(server, clientId, { code, request })
          return { ...body, idToken: decodeJwt(body.id_token), accessToken: decodeJwt(body.access_token) }
        },
        wait(ms: number) {
          ahead += ms
        },
      }
    }

    it('creates the user at the first one, and finds it by the subject after that', async (t) => {
      const world = await start(t)
      const { idToken } = await world.tokens(await world.logIn())
      assert.equal(idToken.sub, 'oidc|company|ada')
      assert.equal(idToken['email'], 'ada@example.com')
      assert.equal(idToken['email_verified'], false)
      assert.equal(idToken['name'], 'Ada Lovelace')
      assert.equal('amr' in idToken, false)
      const [request] = world.provider.tokenRequests
      assert.equal(request?.body.get('client_secret'), secret)
      assert.equal(request?.body.get('redirect_uri'), `${world.issuer}login/callback`)

      world.provider.person = { ...world.provider.person, email: 'ada@new.example.com', name: 'Ada L.' }
      const again = await world.tokens(await world.logIn())
      assert.equal(again.idToken.sub, 'oidc|company|ada')
      assert.equal(again.idToken['email'], 'ada@new.example.com')
      assert.equal(again.idToken['name'], 'Ada L.')
      const identity = await findIdentity(world.db, { connectionId: world.connection.id, subject: 'ada' })
      assert.equal(identity?.profile['name'], 'Ada L.')
      assert.equal((await findUser(world.db, 'oidc|company|ada'))?.loginsCount, 2)
      assert.deepEqual(await world.logs('ss'), ['Signed up'])
      assert.deepEqual(await world.logs('s'), ['Logged in', 'Logged in'])
    })

    it('is begun at once where the application names the connection', async (t) => {
      const world = await start(t)
      const { browser, page, request } = await world.begin({
        connection: 'company',
        login_hint: 'ada@example.com',
      })
      const url = departure(page)
      assert.equal(url.origin + url.pathname, `${world.provider.issuer}authorize`)
      assert.equal(url.searchParams.get('login_hint'), 'ada@example.com')
      const done = await browser.open(world.provider.authorize(url).href)
      assert.equal((await world.tokens({ done, request })).idToken.sub, 'oidc|company|ada')
    })

    it('sends a state, a nonce and a challenge that are new each time', async (t) => {
      const world = await start(t)
      const one = (await world.depart(), world.provider.authorization)
      const other = (await world.depart(), world.provider.authorization)
      for (const name of ['state', 'nonce', 'code_challenge']) {
        assert.ok((one.get(name) ?? '').length >= 43, name)
        assert.notEqual(one.get(name), other.get(name))
      }
      assert.equal(one.get('code_challenge_method'), 'S256')
      assert.ok(await findConnection(world.db, 'company'))
    })
  })
