import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { FactorPolicyUpdate } from '@rolecall/contract'
import { deleteConnection, updateConnection } from '../../connections/connections.ts'
import { disableApplication, enableApplication } from '../../connections/store.ts'
import { multiFactor } from '../../factors/policy.ts'
import { shownSecret, totpCode } from '../../factors/testing.ts'
import { unlinkIdentity } from '../../identities/linking.ts'
import { findIdentity, insertIdentity, listIdentities } from '../../identities/store.ts'
import { fromRow } from '../../logs/store.ts'
import { logToWire } from '../../logs/wire.ts'
import { createRole } from '../../roles/roles.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateFactorPolicy } from '../../tenant/settings.ts'
import { Browser, formsOf, type Page } from '../../testing/browser.ts'
import { logIn, password, requestToken } from '../../testing/tutorial.ts'
import { findUser, markEmailVerified } from '../../users/store.ts'
import { updateUser } from '../../users/users.ts'
import { noticeOf, startWithProvider } from '../providers/testing.ts'

for (const kind of stores)
  describe(`accounts and other providers on ${kind.name}`, { timeout: 120_000 }, () => {
    /** The provider is trusted with addresses, and logs in somebody with the verified address of the tutorial's admin. */
    async function start(t: Parameters<typeof startWithProvider>[0]) {
      const world = await startWithProvider(t, kind, { trust_email_verified: true })
      await transaction(world.ctx, (tx) => markEmailVerified(tx.db, world.admin.userId, tx.now))
      world.provider.person = { sub: 'boss', email: 'Admin@example.com', email_verified: true, name: 'Boss' }
      return {
        ...world,
        key: { connectionId: world.connection.id, subject: 'boss' },
        configure: (options: object) =>
          transaction(world.ctx, (tx) => {
            const before = {
              client_id: 'rolecall',
              issuer: world.provider.issuer,
              trust_email_verified: true,
            }
            return updateConnection(
              tx,
              world.ctx,
              world.connection.id,
              { options: { ...before, ...options } },
              async () => {},
            )
          }),
        connect: ({ browser, page }: { browser: Browser; page: Page }, typed = password) =>
          browser.submit(page, { password: typed }),
        separate: ({ browser, page }: { browser: Browser; page: Page }) => browser.submit(page, {}, 1),
      }
    }

    it('are connected after the proof of the password, and log in both ways after that', async (t) => {
      const world = await start(t)
      const offered = await world.logIn()
      assert.match(offered.page.text, /There is an account for admin@example\.com here already/)
      assert.equal(await findIdentity(world.db, world.key), undefined)

      const wrong = await world.connect(offered, 'wrong')
      assert.match(noticeOf(wrong), /Wrong email or password/)
      assert.equal(await findIdentity(world.db, world.key), undefined)
      const page = await world.connect({ ...offered, page: wrong })
      const { idToken, accessToken } = await world.tokens({ ...offered, page })
      assert.equal(idToken.sub, world.admin.userId)
      assert.equal(idToken['name'], 'admin@example.com')
      assert.deepEqual(accessToken['permissions'], ['read:admin-messages'])
      assert.deepEqual(idToken['amr'], ['pwd'])

      const again = await world.tokens(await world.logIn())
      assert.equal(again.idToken.sub, world.admin.userId)
      assert.equal('amr' in again.idToken, false)
      const mails = await world.db.selectFrom('outbox').select('subject').execute()
      assert.deepEqual(mails, [{ subject: 'The Company was connected with your account at Rolecall' }])
      const entries = await fetchLog(world)
      assert.deepEqual(
        entries.map(({ connection, strategy, user_id }) => [connection, strategy, user_id]),
        [
          ['company', 'oidc', world.admin.userId],
          ['company', 'oidc', world.admin.userId],
        ],
      )
      // The session answers a request for the connection too.
      const silent = await world.begin({ prompt: 'none', connection: 'company' }, offered.browser)
      assert.equal((await world.tokens(silent)).idToken.sub, world.admin.userId)
    })

    it('stay separate when the person declines, and are not offered again', async (t) => {
      const world = await start(t)
      const offered = await world.logIn()
      const page = await world.separate(offered)
      assert.equal((await world.tokens({ ...offered, page })).idToken.sub, 'oidc|company|boss')
      assert.equal((await world.tokens(await world.logIn())).idToken.sub, 'oidc|company|boss')
      assert.deepEqual(await listIdentities(world.db, world.admin.userId), [])
    })

    it('are not offered to be connected by an address that is not verified at both ends', async (t) => {
      const world = await start(t)
      const { person } = world.provider
      for (const [sub, email_verified] of [
        ['a', false],
        ['b', 'true'],
        ['c', undefined],
        ['d', 1],
      ] as const) {
        world.provider.person = { ...person, sub, email: `${sub}@example.com`, email_verified }
        const created = await world.tokens(await world.logIn())
        assert.equal(created.idToken['email_verified'], false)
      }
      world.provider.person = { ...person, email_verified: 'true' }
      assert.equal((await world.tokens(await world.logIn())).idToken.sub, 'oidc|company|boss')

      // An account whose address was never proven may be a trap for the owner of the address.
      world.provider.person = { sub: 'm', email: 'member@example.com', email_verified: true }
      const { idToken } = await world.tokens(await world.logIn())
      assert.equal(idToken.sub, 'oidc|company|m')
      assert.equal(idToken['email_verified'], true)
    })

    it('are connected by the browser that came back from the provider alone', async (t) => {
      const world = await start(t)
      const offered = await world.logIn()
      const address = offered.page.url
      const victim = new Browser(world.issuer)
      assert.equal((await victim.open(address)).status, 400)
      const { fields } = formsOf(offered.page)[0] ?? assert.fail()
      const body = new URLSearchParams({ ...fields, password })
      assert.equal((await victim.open(address, { method: 'POST', body })).status, 400)
      // Nor by a form of another site, in the right browser.
      const forged = new URLSearchParams({ decision: 'connect', password })
      assert.equal((await offered.browser.open(address, { method: 'POST', body: forged })).status, 403)
      assert.deepEqual(await listIdentities(world.db, world.admin.userId), [])
    })

    it('are not connected by the proof of another account, or of one that is blocked', async (t) => {
      const world = await start(t)
      const offered = await world.logIn()
      // The address in the form has no meaning.
      const page = await offered.browser.submit(offered.page, { email: 'member@example.com', password })
      assert.equal((await world.tokens({ ...offered, page })).idToken.sub, world.admin.userId)

      world.provider.person = { sub: 'second', email: 'admin@example.com', email_verified: true }
      const block = (blocked: boolean) =>
        transaction(world.ctx, (tx) => updateUser(tx, world.admin.userId, { blocked }))
      await block(true)
      const blocked = await world.logIn()
      const refused = await world.connect(blocked)
      assert.match(noticeOf(refused), /blocked/)
      assert.equal(await findIdentity(world.db, { ...world.key, subject: 'second' }), undefined)
      await block(false)
      // An offer does not outlive the connection.
      await disableApplication(world.db, world.connection.id, world.clientId)
      const gone = await world.connect({ ...blocked, page: refused })
      assert.equal(gone.headers.has('location'), false)
      assert.equal((await listIdentities(world.db, world.admin.userId)).length, 1)
    })

    it('count guesses at the password as the log-in page does', async (t) => {
      const world = await start(t)
      const offered = await world.logIn()
      let { page } = offered
      for (let i = 0; i < 11; i++) page = await world.connect({ ...offered, page }, `guess ${i}`)
      assert.equal((await world.connect({ ...offered, page })).status, 429)
      assert.equal(await findIdentity(world.db, world.key), undefined)
    })

    it('are connected after the second factor of the account, and not before', async (t) => {
      const world = await start(t)
      await setPolicy(world, { policy: 'required' })
      const browser = new Browser(world.issuer)
      const { page: login } = await world.begin({}, browser)
      const setUp = await browser.submit(login, { email: 'admin@example.com', password })
      const secret = shownSecret(setUp)
      await browser.submit(setUp, { code: totpCode(secret, world.ctx.clock()) })
      world.wait(60_000)

      // What the first step was about can end before the second one.
      const late = await world.logIn()
      const lateStep = await world.connect(late)
      await disableApplication(world.db, world.connection.id, world.clientId)
      const lateCode = totpCode(secret, world.ctx.clock())
      assert.equal((await late.browser.submit(lateStep, { code: lateCode })).status, 400)
      await enableApplication(world.db, world.connection.id, world.clientId)
      await world.configure({})
      world.wait(60_000)

      const offered = await world.logIn()
      const step = await world.connect(offered)
      assert.match(step.url, /\/factor$/)
      assert.equal(await findIdentity(world.db, world.key), undefined)
      const code = totpCode(secret, world.ctx.clock())
      const page = await offered.browser.submit(step, { code })
      const { idToken } = await world.tokens({ ...offered, page })
      assert.equal(idToken.sub, world.admin.userId)
      assert.deepEqual(idToken['amr'], ['pwd', 'otp', 'mfa'])
      assert.equal((await findIdentity(world.db, world.key))?.userId, world.admin.userId)

      // The policy holds for the provider's log-in too, and the provider counts as one factor.
      world.wait(60_000)
      world.provider.person = { ...world.provider.person, amr: ['mfa'], acr: multiFactor }
      const again = await world.logIn()
      assert.match(again.page.url, /\/factor$/)
      const after = await again.browser.submit(again.page, {
        code: totpCode(secret, world.ctx.clock()),
      })
      assert.deepEqual((await world.tokens({ ...again, page: after })).idToken['amr'], ['otp', 'mfa'])
    })

    it('are not logged in by an account that is unlinked before the second step', async (t) => {
      const world = await start(t)
      const { db, connection, clientId } = world
      const identity = { connectionId: connection.id, subject: 'boss', userId: world.admin.userId }
      await insertIdentity(db, { ...identity, profile: {}, createdAt: 1 })
      await setPolicy(world, { policy: 'required' })
      const ends: (() => Promise<unknown>)[] = [
        () => disableApplication(db, connection.id, clientId),
        () => transaction(world.ctx, (tx) => unlinkIdentity(tx, world.ctx, world.admin.userId, identity)),
      ]
      for (const end of ends) {
        const { browser, page } = await world.logIn()
        assert.match(page.url, /\/enrol$/)
        await end()
        // Neither goes on, nor sets up a factor of the user.
        const code = totpCode(shownSecret(page), world.ctx.clock())
        assert.doesNotMatch((await browser.submit(page, { code })).url, /\/enrol$/)
        assert.equal((await findUser(db, world.admin.userId))?.secondFactor, false)
        await enableApplication(db, connection.id, clientId)
        await world.configure({})
      }
      assert.deepEqual(await world.logged('s'), [])
    })

    it('get the second factor that a role of the provider requires, in the same log-in', async (t) => {
      const world = await start(t)
      const role = await transaction(world.ctx, (tx) => createRole(tx, { name: 'Operators' }))
      await world.configure({
        role_mapping: { claim: 'https://example.com/groups', roles: [{ value: 'ops', role: 'Operators' }] },
      })
      await setPolicy(world, { policy: 'optional', roles: [role.id] })
      world.provider.person = { sub: 'op', email: 'op@example.com', 'https://example.com/groups': ['ops'] }
      const { page } = await world.logIn()
      assert.match(page.url, /\/enrol$/)
    })

    it('hold the roles that the claims of the last log-in give, of a text or a list', async (t) => {
      const world = await start(t)
      await transaction(world.ctx, (tx) => createRole(tx, { name: 'Other' }))
      await world.configure({
        role_mapping: {
          claim: 'groups',
          roles: [
            { value: 'admins', role: world.role.name },
            { value: 'others', role: 'Other' },
          ],
        },
      })
      const permissionsFor = async (groups: unknown) => {
        world.provider.person = { sub: 'ada', email: 'ada@example.com', groups }
        return (await world.tokens(await world.logIn())).accessToken['permissions']
      }
      assert.deepEqual(await permissionsFor(['others', 'admins', 42]), ['read:admin-messages'])
      assert.deepEqual(await permissionsFor(['others']), [])
      assert.deepEqual(await permissionsFor('admins'), ['read:admin-messages'])
      for (const nothing of [undefined, 'Admins', 'admins others', { admins: true }, [['admins']], null])
        assert.deepEqual(await permissionsFor(nothing), [])
    })

    it('get no role that is taken out of the mapping while the provider answers', async (t) => {
      const world = await start(t)
      await transaction(world.ctx, (tx) => createRole(tx, { name: 'Operators' }))
      const roles = [{ value: 'ops', role: 'Operators' }]
      world.provider.person = { sub: 'ada', email: 'ada@example.com', groups: ['ops'] }
      const held = () =>
        world.db
          .selectFrom('user_roles')
          .select('role_id')
          .where('user_id', '=', 'oidc|company|ada')
          .execute()
      // The first log-in, and a later one.
      for (let i = 0; i < 2; i++) {
        await world.configure({ role_mapping: { claim: 'groups', roles } })
        world.provider.alterIdToken = async (idToken) => {
          await world.configure({})
          return idToken
        }
        const { page } = await world.logIn()
        assert.ok(page.headers.has('location'), page.text)
        assert.deepEqual(await held(), [])
      }
    })

    it('are logged out when the connection of an account of theirs is deleted', async (t) => {
      const world = await start(t)
      const identity = { connectionId: world.connection.id, subject: 'boss', userId: world.admin.userId }
      await insertIdentity(world.db, { ...identity, profile: {}, createdAt: 1 })
      const other = await logIn(world, world.clientId, 'member@example.com')
      const loggedIn = await world.logIn()
      const { refresh_token } = await world.tokens(loggedIn)
      await transaction(world.ctx, (tx) =>
        deleteConnection(
          tx,
          world.connection.id,
          async () => false,
          async () => {},
        ),
      )
      const refreshed = await requestToken(world, {
        grant_type: 'refresh_token',
        client_id: world.clientId,
        refresh_token,
      })
      assert.equal(refreshed.body.error, 'invalid_grant')
      const silently = async (browser: Browser) =>
        (await world.begin({ prompt: 'none' }, browser)).page.headers.get('location') ?? ''
      assert.match(await silently(loggedIn.browser), /error=login_required/)
      assert.match(await silently(other.browser), /[?&]code=/)
    })

    it('are not created in a connection that is deleted while the provider answers', async (t) => {
      const world = await start(t)
      world.provider.alterIdToken = async (idToken) => {
        await transaction(world.ctx, (tx) =>
          deleteConnection(
            tx,
            world.connection.id,
            async () => false,
            async () => {},
          ),
        )
        return idToken
      }
      world.provider.person = { sub: 'ada', email: 'ada@example.com' }
      const { page } = await world.logIn()
      assert.match(noticeOf(page), /could not be logged in/)
      assert.equal(await findUser(world.db, 'oidc|company|ada'), undefined)
    })

    it('are not created where the connection takes no new users', async (t) => {
      const world = await start(t)
      await world.configure({ disable_signup: true })
      const offered = await world.logIn()
      assert.doesNotMatch(offered.page.text, /Create a separate account/)
      const forced = new URLSearchParams({ ...formsOf(offered.page)[0]?.fields, decision: 'separate' })
      const headers = { 'sec-fetch-site': 'same-origin' }
      const page = await offered.browser.open(offered.page.url, { method: 'POST', body: forced, headers })
      assert.match(noticeOf(page), /new ones cannot be created with The Company/)
      world.provider.person = { sub: 'new', email: 'new@example.com' }
      assert.match(noticeOf((await world.logIn()).page), /new ones cannot be created/)
      const users = world.db.selectFrom('users').select('user_id').where('connection', '=', 'company')
      assert.deepEqual(await users.execute(), [])
    })

    it('of a database that the application does not accept are refused, not asked again and again', async (t) => {
      const world = await start(t)
      const offered = await world.logIn()
      await world.connect(offered)
      const databases = world.db.selectFrom('connections').select('id').where('strategy', '=', 'auth0')
      for (const { id } of await databases.execute()) await disableApplication(world.db, id, world.clientId)
      await transaction(world.ctx, (tx) =>
        updateConnection(tx, world.ctx, world.connection.id, { show_as_button: true }, async () => {}),
      )
      const { page } = await world.logIn()
      assert.match(noticeOf(page), /does not accept/)
    })

    it('keep what an administrator has changed, as the connection says', async (t) => {
      const world = await start(t)
      const nameAfter = async (mode: string) => {
        await world.configure({ set_user_root_attributes: mode })
        world.provider.person = { sub: mode, email: `${mode}@example.com`, name: 'First' }
        const first = (await world.tokens(await world.logIn())).idToken['name']
        world.provider.person['name'] = 'Second'
        return [first, (await world.tokens(await world.logIn())).idToken['name']]
      }
      assert.deepEqual(await nameAfter('on_each_login'), ['First', 'Second'])
      assert.deepEqual(await nameAfter('on_first_login'), ['First', 'First'])
      const address = 'never_on_login@example.com'
      assert.deepEqual(await nameAfter('never_on_login'), [address, address])
    })

    it('take the profile by the map, no picture without it, and nothing that a store cannot hold', async (t) => {
      const world = await start(t)
      world.provider.person = {
        sub: 'ada',
        email: 'ada@example.com',
        name: 'A\0da\u0007 \ud800',
        picture: 'https://pictures.example.com/ada.png',
        department: { '\0': ['\0', '\ud800'] },
      }
      const { idToken } = await world.tokens(await world.logIn())
      assert.match(String(idToken['picture']), /\/avatars\//)
      assert.equal(String(idToken['name']).startsWith('A da'), true)
      const identity = await findIdentity(world.db, { ...world.key, subject: 'ada' })
      assert.deepEqual(identity?.profile['department'], { '': ['', '\ufffd'] })
      assert.equal(JSON.stringify(identity?.profile).includes('nonce'), false)
      await world.configure({
        attribute_map: {
          mapping_mode: 'use_map',
          attributes: { picture: '${context.tokenset.picture}', nickname: '${context.userinfo.handle}' },
        },
      })
      world.provider.userinfo = { handle: 'countess' }
      const mapped = (await world.tokens(await world.logIn())).idToken
      assert.equal(mapped['picture'], 'https://pictures.example.com/ada.png')
      assert.equal(mapped['nickname'], 'countess')
    })

    it('have the address that the provider sends, and no other that looks like it', async (t) => {
      const world = await start(t)
      const userOf = async (sub: string, email: string) => {
        world.provider.person = { sub, email, email_verified: true }
        await world.logIn()
        return findUser(world.db, `oidc|company|${sub}`)
      }
      const exact = await userOf('exact', 'Mike@Example.com')
      assert.deepEqual([exact?.email, exact?.emailVerified], ['mike@example.com', true])
      // Its lower case is an ASCII letter, and a mailbox of somebody else.
      const kelvin = await userOf('kelvin', 'lu\u212Ae@example.com')
      assert.deepEqual([kelvin?.email, kelvin?.emailVerified], ['luke@example.com', false])
      const longDomain = `${'x'.repeat(200)}.example.com`
      for (const email of [
        ' eve@example.com',
        'eve@example.com\u2028',
        'e\0ve@example.com',
        `eve@${longDomain}${'.x'.repeat(60)}`,
        '\ud800@example.com',
      ])
        assert.equal(await userOf('eve', email), undefined, JSON.stringify(email))
    })

    it('have the profile of their own account alone, also with two at one provider', async (t) => {
      const world = await start(t)
      world.provider.person = { sub: 'ada', email: 'ada@example.com', name: 'Ada' }
      await world.logIn()
      const { id: connectionId } = world.connection
      const second = {
        connectionId,
        subject: 'second',
        userId: 'oidc|company|ada',
        profile: {},
        createdAt: 1,
      }
      await insertIdentity(world.db, second)
      world.provider.person = {
        sub: 'second',
        email: 'other@example.com',
        email_verified: true,
        name: 'Other',
      }
      const { idToken } = await world.tokens(await world.logIn())
      assert.deepEqual(
        [idToken.sub, idToken['email'], idToken['email_verified'], idToken['name']],
        ['oidc|company|ada', 'ada@example.com', false, 'Ada'],
      )
    })

    it('with a password are logged in as before', async (t) => {
      const world = await start(t)
      const { code } = await logIn(world, world.clientId, 'admin@example.com')
      assert.ok(code)
      assert.deepEqual(world.provider.counts, {})
    })
  })

type World = Awaited<ReturnType<typeof startWithProvider>>

const setPolicy = ({ ctx }: World, policy: FactorPolicyUpdate) =>
  transaction(ctx, (tx) => updateFactorPolicy(tx, () => policy))

async function fetchLog({ app, db }: World) {
  await app.logs.flush()
  const rows = await db.selectFrom('logs').selectAll().where('type', '=', 's').orderBy('log_id').execute()
  return rows.map((row) => logToWire(fromRow(row)))
}
