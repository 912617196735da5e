import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { findIdentity } from '../../identities/store.ts'
import { tutorial } from '../../seed/tutorial.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { password } from '../../testing/tutorial.ts'
import { markEmailVerified } from '../../users/store.ts'
import {
  chooseProvider,
  connectProvider,
  departure,
  noticeOf,
  startWithProvider,
} from '../providers/testing.ts'
import { FakeGithub } from '../providers/testing-github.ts'

const token = 'github.com/login/oauth/access_token'

const [kind] = stores
if (kind)
  describe('a log-in at GitHub', { timeout: 60_000 }, () => {
    async function start(t: TestContext, options: object = {}) {
      const github = await FakeGithub.start(t)
      const world = await startWithProvider(t, kind ?? assert.fail())
      const connection = await connectProvider(world, world.clientId, {
        name: 'github',
        strategy: 'github',
        display_name: 'GitHub',
        options: { client_id: 'Iv1.rolecall', client_secret: 'github-secret', ...options },
      })
      return {
        ...world,
        github,
        connection,
        async logIn(change: (back: URL) => void = () => {}) {
          const begun = await world.begin()
          const url = departure(await chooseProvider(begun.browser, begun.page, 'github'))
          const back = new URL(url.searchParams.get('redirect_uri') ?? '')
          back.searchParams.set('code', 'a-code')
          back.searchParams.set('state', url.searchParams.get('state') ?? '')
          back.searchParams.set('iss', 'https://github.com/login/oauth')
          change(back)
          return { ...begun, url, page: await begun.browser.open(back.href) }
        },
      }
    }

    it('creates a user by the number of the account, which a new name does not change', async (t) => {
      const world = await start(t)
      const done = await world.logIn()
      assert.equal(done.url.origin + done.url.pathname, 'https://github.com/login/oauth/authorize')
      assert.equal(done.url.searchParams.get('scope'), 'read:user user:email')
      const { idToken } = await world.tokens(done)
      assert.equal(idToken.sub, 'github|583231')
      assert.equal(idToken['email'], 'ada@example.com')
      assert.equal(idToken['email_verified'], true)
      assert.equal(idToken['nickname'], 'ada')
      const [exchange, ...calls] = world.github.requests
      assert.equal(exchange?.body.get('client_secret'), 'github-secret')
      const challenge = createHash('sha256').update(exchange?.body.get('code_verifier') ?? '')
      assert.equal(challenge.digest('base64url'), done.url.searchParams.get('code_challenge'))
      assert.deepEqual(
        calls.map(({ path }) => path),
        ['api.github.com/user', 'api.github.com/user/emails'],
      )
      for (const { headers } of calls) {
        assert.equal(headers.authorization, 'Bearer gho_secret')
        assert.equal(headers['user-agent'], 'Rolecall')
      }
      world.github.user = { id: 583_231, login: 'countess', name: null }
      const again = await world.tokens(await world.logIn())
      assert.equal(again.idToken.sub, 'github|583231')
      assert.equal(again.idToken['nickname'], 'countess')
      // The token is not kept.
      const identity = await findIdentity(world.db, { connectionId: world.connection.id, subject: '583231' })
      assert.equal(identity?.profile['login'], 'countess')
      assert.doesNotMatch(JSON.stringify(identity), /gho_/)
    })

    it('offers to connect the account with the primary address, where GitHub has verified it', async (t) => {
      const world = await start(t)
      await transaction(world.ctx, (tx) => markEmailVerified(tx.db, world.admin.userId, tx.now))
      const primary = { email: 'admin@example.com', primary: true }
      world.github.emails = [{ ...primary, verified: 'true' }]
      assert.equal((await world.tokens(await world.logIn())).idToken['email_verified'], false)
      world.github.user = { id: 2, login: 'grace' }
      world.github.emails = [
        { email: 'admin@example.com', primary: false, verified: true },
        { email: 'grace@example.com', primary: true, verified: false },
      ]
      assert.equal((await world.tokens(await world.logIn())).idToken['email'], 'grace@example.com')
      world.github.user = { id: 3, login: 'joan' }
      world.github.emails = [{ ...primary, verified: true }]
      const offered = await world.logIn()
      const page = await offered.browser.submit(offered.page, { password })
      assert.equal((await world.tokens({ ...offered, page })).idToken.sub, world.admin.userId)
    })

    it('asks for organizations where roles depend on them', async (t) => {
      const roles = [{ value: 'analytical-engines', role: tutorial.role.name }]
      const world = await start(t, { role_mapping: { claim: 'organizations', roles } })
      const done = await world.logIn()
      assert.equal(done.url.searchParams.get('scope'), 'read:user user:email read:org')
      assert.deepEqual((await world.tokens(done)).accessToken['permissions'], ['read:admin-messages'])
      world.github.organizations = [{ login: 'others' }, null, 'analytical-engines']
      assert.deepEqual((await world.tokens(await world.logIn())).accessToken['permissions'], [])
    })

    const wrong: Record<string, [(github: FakeGithub) => void, RegExp, RegExp]> = {
      'refuses the code, with the status 200': [
        ({ instead }) => {
          instead[token] = { status: 200, body: { error: 'bad_verification_code' } }
        },
        /could not be logged in with GitHub/,
        /bad_verification_code/,
      ],
      'has no verified or other primary address': [
        (github) => {
          github.emails = [{ email: 'old@example.com', primary: false, verified: true }]
        },
        /GitHub did not send your email address/,
        /no address/,
      ],
      'does not allow the addresses to be read': [
        ({ instead }) => {
          instead['api.github.com/user/emails'] = { status: 403, body: {} }
        },
        /could not be logged in/,
        /403/,
      ],
      'is down': [
        ({ instead }) => {
          instead['api.github.com/user'] = { status: 502, body: {} }
        },
        /GitHub does not answer/,
        /502/,
      ],
      'sends no number': [
        (github) => {
          github.user = { id: '583231', login: 'ada' }
        },
        /could not be logged in/,
        /without a number/,
      ],
      'sends a list for a user': [
        (github) => {
          github.user = [1]
        },
        /could not be logged in/,
        /without a number/,
      ],
    }
    for (const [name, [change, notice, reason]] of Object.entries(wrong))
      it(`ends on the log-in page where GitHub ${name}`, async (t) => {
        const world = await start(t)
        change(world.github)
        const { page } = await world.logIn()
        assert.match(noticeOf(page), notice)
        assert.match((await world.logged('f')).join(), reason)
        const users = world.db.selectFrom('users').select('user_id').where('connection', '=', 'github')
        assert.deepEqual(await users.execute(), [])
      })

    it('refuses a response of another provider, and says so when the person declined', async (t) => {
      const world = await start(t)
      const other = await world.logIn((back) => back.searchParams.set('iss', world.provider.issuer))
      assert.match(noticeOf(other.page), /could not be logged in/)
      const declined = await world.logIn((back) => {
        back.searchParams.delete('code')
        back.searchParams.set('error', 'access_denied')
      })
      assert.match(noticeOf(declined.page), /GitHub did not log you in/)
      assert.deepEqual(world.github.requests, [])
    })
  })
