import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { mailPasswordReset } from '../accounts/password-reset.ts'
import { signIn } from '../accounts/sign-in.ts'
import { signUp } from '../accounts/sign-up.ts'
import { findConnectionById } from '../connections/store.ts'
import { startManagement } from '../management/testing.ts'
import { ownerRoleName } from '../roles/owners.ts'
import { stores } from '../store/testing.ts'
import { fromJson } from '../store/values.ts'
import { findPasswordHash, findUserByEmail } from '../users/store.ts'
import {
  type Account,
  type Answer,
  asAuth0,
  managementApplication,
  OtherServer,
  passwordApplication,
  realm,
  refusals,
} from './testing.ts'

const email = 'ada@example.com'
const password = 'the password that Ada has at the other server'
const ada: Account = {
  user_id: 'auth0|5dea9f9c82dd7c0e76e4ec93',
  password,
  profile: {
    email_verified: true,
    name: 'Ada Lovelace',
    nickname: 'ada',
    given_name: 'Ada',
    picture: 'https://pictures.example.com/ada.png',
    user_metadata: { color: 'green' },
    app_metadata: { plan: 'gold' },
  },
  roles: ['clerk'],
}

for (const kind of stores)
  describe(`lazy migration on ${kind.name}`, { timeout: 60_000 }, () => {
    /** A server whose connection asks a stand-in for Auth0. The clock stands. */
    async function open(
      t: TestContext,
      { accounts = new Map([[email, ada]]), options = {}, localHosts = ['localhost'] } = {},
    ) {
      let now = Date.now()
      const other = await OtherServer.start(t)
      other.answer = asAuth0(other.host, accounts)
      const server = await startManagement(t, kind, () => now, { localHosts })
      const { ctx, call } = server
      const { db } = ctx.store
      const [first] = (await call('GET', '/connections')).body
      const id = String(first?.['id'])
      const settings = {
        source: 'auth0',
        enabled: true,
        domain: other.host,
        realm,
        ...passwordApplication,
        ...managementApplication,
        ...options,
      }
      const configure = async (lazyMigration: object | null, status = 200) => {
        const answer = await call('PATCH', `/connections/${id}`, {
          options: { lazy_migration: lazyMigration },
        })
        assert.equal(answer.status, status, JSON.stringify(answer.body))
        return answer.body
      }
      await configure(settings)
      const connection = async () => {
        const found = await findConnectionById(db, id)
        assert.ok(found)
        return found
      }
      const logs = async () => {
        const rows = await db.selectFrom('logs').selectAll().orderBy('log_id').execute()
        return rows.map(({ type, description, data }) => ({
          type,
          description,
          data: fromJson<Record<string, unknown>>(data),
        }))
      }
      return {
        ...server,
        id,
        other,
        accounts,
        settings,
        configure,
        connection,
        logs,
        pass: (seconds: number) => {
          now += seconds * 1_000
        },
        logIn: async (typed = password, identifier = email, ip = '192.0.2.1') =>
          signIn(ctx, { connection: await connection(), identifier, password: typed, ip }),
        find: async (address = email) => findUserByEmail(db, (await connection()).name, address),
        roleNames: async (userId: string) =>
          (await call('GET', `/users/${encodeURIComponent(userId)}/roles`)).body.map(({ name }) =>
            String(name),
          ),
      }
    }

    it('creates the user at the first log-in: id, profile, metadata, roles and the password', async (t) => {
      const { logIn, find, call, roleNames, other, ctx, logs } = await open(t)
      await call('POST', '/roles', { name: 'Clerk', description: 'May read' })
      const outcome = await logIn(password, ' ADA@example.com ')
      assert.ok('user' in outcome, JSON.stringify(outcome))
      const user = await find()
      assert.ok(user)
      assert.equal(user.userId, ada.user_id)
      assert.deepEqual(
        [user.name, user.nickname, user.givenName, user.emailVerified, user.picture],
        ['Ada Lovelace', 'ada', 'Ada', true, 'https://pictures.example.com/ada.png'],
      )
      assert.deepEqual([user.userMetadata, user.appMetadata], [{ color: 'green' }, { plan: 'gold' }])
      assert.deepEqual(await roleNames(user.userId), ['Clerk'])
      assert.match((await findPasswordHash(ctx.store.db, user.userId)) ?? '', /^\$argon2id\$/)
      const [first] = other.received
      assert.equal(first?.headers['auth0-forwarded-for'], '192.0.2.1')
      const entry = (await logs()).find(({ type }) => type === 'ss')
      assert.equal(entry?.description, `Moved in from ${other.host}`)
      assert.deepEqual(entry.data['details'], {
        lazy_migration: { roles: { taken: ['Clerk'], left: [] }, permissions: { taken: [], left: [] } },
      })
      // From now on the password is checked here.
      const asked = other.received.length
      assert.ok('user' in (await logIn()))
      assert.deepEqual(await logIn('another'), { refused: 'wrong' })
      assert.equal(other.received.length, asked)
    })

    it('takes the profile from the ID token without credentials of the Management API', async (t) => {
      const { logIn, find, roleNames, call } = await open(t, {
        options: { management_client_id: undefined, management_client_secret: undefined },
      })
      await call('POST', '/roles', { name: 'clerk', description: '' })
      assert.ok('user' in (await logIn()))
      const user = await find()
      assert.equal(user?.name, 'Ada Lovelace')
      assert.deepEqual(user.userMetadata, {})
      assert.deepEqual(await roleNames(user.userId), [])
    })

    it('takes over no role and no permission on the Management API, and none that does not exist', async (t) => {
      const managementApi = 'http://localhost:5050/api/v2/'
      const orders = 'https://orders.example.com'
      const direct = (api: string, name: string, source = 'DIRECT') => ({
        permission_name: name,
        resource_server_identifier: api,
        sources: [{ source_type: source }],
      })
      const roles = [ownerRoleName, 'support', 'clerk', 'unknown']
      const permissions = [
        direct(managementApi, 'read:users'),
        direct(orders, 'read:orders'),
        direct(orders, 'write:orders', 'ROLE'),
        direct(orders, 'missing:orders'),
      ]
      const { logIn, roleNames, call, logs } = await open(t, {
        accounts: new Map([[email, { ...ada, roles, permissions }]]),
      })
      const make = async (name: string) => String((await call('POST', '/roles', { name })).body['id'])
      await make('clerk')
      const support = await make('support')
      await call('POST', `/roles/${support}/permissions`, {
        permissions: [{ resource_server_identifier: managementApi, permission_name: 'read:users' }],
      })
      await call('POST', '/resource-servers', {
        identifier: orders,
        scopes: [{ value: 'read:orders' }, { value: 'write:orders' }],
      })
      assert.ok('user' in (await logIn()))
      assert.deepEqual(await roleNames(ada.user_id), ['clerk'])
      const held = (await call('GET', `/users/${encodeURIComponent(ada.user_id)}/permissions`)).body
      assert.deepEqual(
        held.map(({ permission_name }) => permission_name),
        ['read:orders'],
      )
      const entry = (await logs()).find(({ type }) => type === 'ss')
      assert.deepEqual(Object(entry?.data['details'])['lazy_migration'], {
        roles: { taken: ['clerk'], left: [ownerRoleName, 'support', 'unknown'] },
        permissions: { taken: ['read:orders'], left: ['read:users', 'missing:orders'] },
      })
    })

    it('refuses a wrong password and an unknown user alike', async (t) => {
      const { logIn, find, logs } = await open(t)
      assert.deepEqual(await logIn('wrong'), { refused: 'wrong' })
      assert.deepEqual(await logIn(password, 'nobody@example.com'), { refused: 'wrong' })
      assert.equal(await find(), undefined)
      const [one, two] = (await logs()).filter(({ type }) => type === 'fu')
      assert.equal(one?.description, two?.description)
      assert.match(one?.description ?? '', /It answered 403 invalid_grant, Wrong email or password/)
    })

    it('answers each refusal of Auth0, and creates no user', async (t) => {
      const { logIn, find, logs, accounts } = await open(t)
      const answers: [name: keyof typeof refusals, outcome: object, log: RegExp][] = [
        ['too_many_attempts', { refused: 'wrong' }, /429 too_many_attempts/],
        ['blocked', { refused: 'wrong' }, /403 unauthorized, user is blocked/],
        ['mfa_required', { refused: 'not_moved' }, /second factor/],
        ['unauthorized_client', { refused: 'busy', retryAfterSeconds: 10 }, /grant type Password/],
        ['access_denied', { refused: 'busy', retryAfterSeconds: 10 }, /check client_id and client_secret/],
        ['too_many_requests', { refused: 'busy', retryAfterSeconds: 30 }, /Global limit/],
      ]
      for (const [name, outcome, description] of answers) {
        const address = `${name}@example.com`
        accounts.set(address, { ...ada, refusal: refusals[name] })
        assert.deepEqual(await logIn(password, address), outcome, name)
        assert.equal(await find(address), undefined)
        assert.match((await logs()).at(-1)?.description ?? '', description)
      }
    })

    it('does not ask again while Auth0 wants no requests', async (t) => {
      const { logIn, other, pass } = await open(t, {
        accounts: new Map([[email, { ...ada, refusal: refusals.too_many_requests }]]),
      })
      await logIn()
      const asked = other.received.length
      assert.deepEqual(await logIn(), { refused: 'busy', retryAfterSeconds: 30 })
      assert.equal(other.received.length, asked)
      pass(31)
      await logIn()
      assert.equal(other.received.length, asked + 1)
    })

    it('creates no user without their roles when the Management API of the tenant fails', async (t) => {
      const { logIn, find, other, accounts, configure, settings } = await open(t)
      const answer = asAuth0(other.host, accounts)
      other.answer = (request) => (request.path.includes('/roles') ? { status: 503 } : answer(request))
      assert.deepEqual(await logIn(), { refused: 'busy', retryAfterSeconds: 10 })
      assert.equal(await find(), undefined)
      other.answer = answer
      await configure({ ...settings, management_client_secret: 'wrong' })
      assert.deepEqual(await logIn(), { refused: 'busy', retryAfterSeconds: 10 })
      assert.equal(await find(), undefined)
    })

    it('creates one user for parallel first log-ins, and lets each of them in', async (t) => {
      const { logIn, ctx } = await open(t)
      const outcomes = await Promise.all(
        Array.from({ length: 5 }, (_, index) => logIn(password, email, `192.0.2.${index}`)),
      )
      for (const outcome of outcomes) assert.ok('user' in outcome, JSON.stringify(outcome))
      const users = await ctx.store.db.selectFrom('users').select('user_id').execute()
      assert.deepEqual(users, [{ user_id: ada.user_id }])
    })

    it('opens no account for an address other than the typed one', async (t) => {
      const { logIn, other, accounts } = await open(t)
      accounts.set('eve@example.com', { ...ada, profile: { ...ada.profile, email } })
      const answer = asAuth0(other.host, accounts)
      other.answer = answer
      assert.deepEqual(await logIn(password, 'eve@example.com'), { refused: 'wrong' })
    })

    it('leaves an account alone that has the id and another address', async (t) => {
      const { logIn, call, find, logs } = await open(t)
      const moved = { connection: realm, email: 'ada.king@example.com', user_id: ada.user_id.slice(6) }
      assert.equal((await call('POST', '/users', { ...moved, password: 'chosen here' })).status, 201)
      assert.deepEqual(await logIn(), { refused: 'wrong' })
      assert.equal(await find(), undefined)
      assert.match((await logs()).at(-1)?.description ?? '', /Another account here has the id/)
    })

    it('gives its password to an account that was imported without one, if the id is the same', async (t) => {
      const { logIn, call, accounts, find } = await open(t)
      await call('POST', '/users', { connection: realm, email, user_id: ada.user_id.slice(6), name: 'Kept' })
      assert.deepEqual(await logIn('wrong'), { refused: 'wrong' })
      assert.ok('user' in (await logIn()))
      assert.equal((await find())?.name, 'Kept')
      accounts.clear()
      assert.ok('user' in (await logIn()))
      await call('POST', '/users', { connection: realm, email: 'bob@example.com' })
      accounts.set('bob@example.com', { ...ada, user_id: 'auth0|another' })
      assert.deepEqual(await logIn(password, 'bob@example.com'), { refused: 'wrong' })
    })

    it('is throttled like every log-in before the other server is asked', async (t) => {
      const { logIn, other } = await open(t)
      for (let guess = 0; guess < 10; guess++) assert.deepEqual(await logIn('wrong'), { refused: 'wrong' })
      assert.equal(other.received.length, 10)
      const paused = await logIn()
      assert.ok('refused' in paused && paused.refused === 'too_many_attempts', JSON.stringify(paused))
      assert.equal(other.received.length, 10)
    })

    it('asks for ten log-ins at once and no more, and counts none that it did not ask for', async (t) => {
      const { logIn, other } = await open(t)
      let release = () => {}
      const released = new Promise<void>((done) => {
        release = done
      })
      let arrive = () => {}
      const full = new Promise<void>((done) => {
        arrive = done
      })
      other.answer = async (): Promise<Answer> => {
        if (other.received.length === 10) arrive()
        await released
        return refusals.invalid_grant
      }
      const waiting = Array.from({ length: 10 }, (_, index) =>
        logIn('x', `user${index}@example.com`, `198.51.100.${index}`),
      )
      await full
      const outcome = await logIn()
      assert.deepEqual(outcome, { refused: 'busy', retryAfterSeconds: 2 })
      release()
      for (const refused of await Promise.all(waiting)) assert.deepEqual(refused, { refused: 'wrong' })
      assert.equal(other.received.length, 10)
    })

    it('is off until it is switched on, and after it is switched off or removed', async (t) => {
      const { logIn, other, configure, settings } = await open(t, { options: { enabled: false } })
      assert.deepEqual(await logIn(), { refused: 'wrong' })
      await configure(null)
      assert.deepEqual(await logIn(), { refused: 'wrong' })
      assert.equal(other.received.length, 0)
      await configure(settings)
      assert.ok('refused' in (await logIn()), 'the application has no secret any more')
    })

    it('lets no one sign up with an address of the other server', async (t) => {
      const { ctx, connection, other } = await open(t)
      const attempt = async (address: string) =>
        signUp(ctx, {
          connection: await connection(),
          email: address,
          password: 'a password for this server',
          ip: '192.0.2.7',
        })
      assert.deepEqual(await attempt(email), { refused: 'exists' })
      assert.ok('user' in (await attempt('new@example.com')))
      other.answer = () => ({ status: 500 })
      assert.deepEqual(await attempt('later@example.com'), { refused: 'busy', retryAfterSeconds: 10 })
    })

    it('creates the account without a password for a reset, and the old password works until a new one is set', async (t) => {
      const { ctx, connection, find, logIn, accounts, logs, roleNames, call } = await open(t)
      await call('POST', '/roles', { name: 'clerk' })
      const reset = async (address: string) =>
        mailPasswordReset(ctx, await connection(), address, { ip: '192.0.2.1' })
      const mails = () => ctx.store.db.selectFrom('outbox').select('recipient').execute()
      await reset(email)
      assert.deepEqual(await mails(), [{ recipient: email }])
      assert.deepEqual(await roleNames(ada.user_id), ['clerk'])
      assert.equal(await findPasswordHash(ctx.store.db, ada.user_id), undefined)
      assert.ok('user' in (await logIn()))
      accounts.set('mfa@example.com', {
        ...ada,
        user_id: 'auth0|mfa',
        profile: { multifactor: ['guardian'] },
      })
      for (const address of ['mfa@example.com', 'nobody@example.com']) {
        await reset(address)
        assert.equal(await find(address), undefined)
        assert.equal((await logs()).at(-1)?.type, 'fcpr')
      }
      assert.equal((await mails()).length, 1)
    })

    it('leaves nothing behind when the store fails in the middle', async (t) => {
      const { ctx, logIn, find, call } = await open(t)
      const { schema } = ctx.store.db
      await call('POST', '/roles', { name: 'clerk' })
      await schema.alterTable('user_roles').renameTo('elsewhere').execute()
      await assert.rejects(logIn())
      assert.equal(await find(), undefined)
      await schema.alterTable('elsewhere').renameTo('user_roles').execute()
      assert.ok('user' in (await logIn()))
    })

    it('asks a webhook, which answers with the user', async (t) => {
      const { configure, other, logIn, find, call, roleNames } = await open(t)
      await call('POST', '/roles', { name: 'clerk' })
      await configure({
        source: 'webhook',
        enabled: true,
        url: `https://${other.host}/users`,
        authorization: 'Bearer key',
      })
      other.answer = ({ body, headers }) =>
        headers.authorization === 'Bearer key' && body['password'] === password
          ? { status: 200, body: { user: { email, user_id: '42', email_verified: true, roles: ['clerk'] } } }
          : { status: 401 }
      assert.deepEqual(await logIn('wrong'), { refused: 'wrong' })
      assert.ok('user' in (await logIn()))
      assert.deepEqual(other.received.at(-1)?.body, {
        type: 'log_in',
        connection: realm,
        email,
        password,
        ip: '192.0.2.1',
      })
      const user = await find()
      assert.deepEqual([user?.userId, user?.emailVerified], ['auth0|42', true])
      assert.deepEqual(await roleNames('auth0|42'), ['clerk'])
      for (const answer of [
        { status: 200, body: {} },
        { status: 200, body: { user: { email: 'bob@example.com', name: 'a\u0000' } } },
        { status: 302, headers: { location: 'https://example.com/' } },
      ]) {
        other.answer = () => answer
        assert.deepEqual(await logIn('x', 'bob@example.com'), { refused: 'busy', retryAfterSeconds: 10 })
      }
      other.answer = () => ({ status: 403, body: { error: 'mfa_required' } })
      assert.deepEqual(await logIn('x', 'bob@example.com'), { refused: 'not_moved' })
    })

    it('reaches no address that is not public unless the configuration names it', async (t) => {
      const { configure, logIn, other, logs } = await open(t, { localHosts: [] })
      const port = other.host.slice('localhost'.length)
      const hosts = [
        `localhost${port}`,
        `127.0.0.1${port}`,
        `2130706433${port}`,
        `[::1]${port}`,
        `[::ffff:127.0.0.1]${port}`,
        '169.254.169.254',
        '10.0.0.1',
        '[fd00::1]',
        '0.0.0.0',
      ]
      for (const [index, host] of hosts.entries()) {
        await configure({ source: 'webhook', enabled: true, url: `https://${host}/` })
        const outcome = await logIn(password, email, `203.0.113.${index}`)
        assert.deepEqual(outcome, { refused: 'busy', retryAfterSeconds: 10 }, host)
        assert.match((await logs()).at(-1)?.description ?? '', /is not a public address/, host)
      }
      assert.equal(other.received.length, 0)
      await configure({ source: 'webhook', enabled: true, url: 'http://example.com/' }, 400)
      await configure({ source: 'auth0', enabled: true, domain: 'example.com/x', client_id: 'a' }, 400)
      await configure({ source: 'auth0', enabled: true, domain: 'user@example.com', client_id: 'a' }, 400)
    })

    it('shows no secret: not in responses, not in the log, not in the store', async (t) => {
      const { id, call, logIn, configure, settings, ctx, logs } = await open(t)
      await logIn('wrong')
      await logIn()
      await configure({ ...settings, client_secret: undefined })
      const secrets = [
        password,
        passwordApplication.client_secret,
        managementApplication.management_client_secret,
        'a-token-of-the-management-api',
      ]
      const rows = await ctx.store.db.selectFrom('connections').selectAll().execute()
      const shown = JSON.stringify([await call('GET', `/connections/${id}`), await logs(), rows])
      for (const secret of secrets) assert.ok(!shown.includes(secret), secret)
      assert.deepEqual((await call('GET', `/rolecall/connections/${id}/lazy-migration`)).body, {
        has_client_secret: true,
        has_management_client_secret: true,
        has_authorization: false,
      })
    })

    it('keeps the stored credentials for the same server and application alone', async (t) => {
      const { id, call, configure, settings, connection } = await open(t)
      const { client_secret: _, management_client_secret: __, ...shown } = settings
      const state = async () =>
        Object.values((await call('GET', `/rolecall/connections/${id}/lazy-migration`)).body)
      const sealed = (await connection()).migrationSecrets
      await configure({ ...shown, enabled: false })
      assert.equal((await connection()).migrationSecrets, sealed)
      await configure({ ...shown, client_id: 'another' })
      assert.deepEqual(await state(), [false, true, false])
      await configure({ ...shown, domain: 'attacker.example.com' })
      assert.deepEqual(await state(), [false, false, false])
      const url = 'https://users.example.com/a'
      await configure({ source: 'webhook', enabled: true, url, authorization: 'key' })
      await configure({ source: 'webhook', enabled: true, url: 'https://users.example.com/b' })
      assert.deepEqual(await state(), [false, false, true])
      await configure({ source: 'webhook', enabled: true, url: 'https://attacker.example.com/' })
      assert.deepEqual(await state(), [false, false, false])
      await configure(settings)
      await configure({ ...shown, client_secret: null })
      assert.deepEqual(await state(), [false, true, false])
      assert.deepEqual((await call('PATCH', `/connections/${id}`, { options: {} })).body['options'], {})
      assert.deepEqual(await state(), [false, false, false])
    })

    it('is tested with a request that says what to change', async (t) => {
      const { id, call, other, configure, settings } = await open(t)
      const check = async () => (await call('POST', `/rolecall/connections/${id}/lazy-migration/check`)).body
      assert.deepEqual(await check(), { ok: true, finds_users: true })
      await configure({ ...settings, management_client_id: undefined, management_client_secret: undefined })
      assert.deepEqual(await check(), { ok: true, finds_users: false })
      other.answer = () => refusals.unauthorized_client
      assert.match(String((await check())['problem']), /grant type Password/)
      await configure(null)
      assert.equal((await call('POST', `/rolecall/connections/${id}/lazy-migration/check`)).status, 400)
    })
  })
