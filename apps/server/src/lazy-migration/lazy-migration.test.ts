import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { mailPasswordReset } from '../accounts/password-reset.ts'
import { signIn } from '../accounts/sign-in.ts'
import { signUp } from '../accounts/sign-up.ts'
import { findConnectionById } from '../connections/store.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
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

const orders = 'https://orders.example.com'
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
  describe(`lazy migration on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.now()
    let server: ManagementServer
    let guarded: ManagementServer
    let other: OtherServer
    let opened = 0

    before(async () => {
      server = await startManagement(end, kind, () => now, { localHosts: ['localhost'] })
      // Its configuration names no host in the server's own network.
      guarded = await startManagement(end, kind, () => now)
      other = await OtherServer.start(end)
      for (const name of ['Clerk', 'support']) await server.call('POST', '/roles', { name })
      await server.call('POST', '/resource-servers', {
        identifier: orders,
        scopes: [{ value: 'read:orders' }, { value: 'write:orders' }],
      })
    })

    /** A new connection for each test, which asks a stand-in for Auth0. The clock stands. */
    async function open({
      change = {},
      options = {},
      on = server,
    }: {
      change?: Partial<Account>
      options?: object
      on?: ManagementServer
    } = {}) {
      const number = ++opened
      const name = `c${number}`
      const ip = `192.0.2.${number}`
      const account: Account = { ...ada, user_id: `auth0|5dea9f9c82dd7c0e76e4ec${number + 10}`, ...change }
      const accounts = new Map([[email, account]])
      other.answer = asAuth0(other.host, accounts)
      other.received.length = 0
      const { ctx, call } = on
      const { db } = ctx.store
      const id = String((await call('POST', '/connections', { name, strategy: 'auth0' })).body['id'])
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
      /** The entries about log-ins, sign-ups and resets of this connection. */
      const logs = async () => {
        const rows = await db.selectFrom('logs').selectAll().orderBy('log_id').execute()
        const entries = rows.map(({ type, description, data }) => ({
          type,
          description,
          data: fromJson<Record<string, unknown>>(data),
        }))
        return entries.filter(({ data }) => data['connection'] === name)
      }
      return {
        ctx,
        call,
        id,
        name,
        ip,
        userId: account.user_id,
        accounts,
        settings,
        configure,
        connection,
        logs,
        pass: (seconds: number) => {
          now += seconds * 1_000
        },
        logIn: async (typed = password, identifier = email, from = ip) =>
          signIn(ctx, { connection: await connection(), identifier, password: typed, ip: from }),
        find: async (address = email) => findUserByEmail(db, name, address),
        roleNames: async (userId = account.user_id) =>
          (await call('GET', `/users/${encodeURIComponent(userId)}/roles`)).body.map((role) =>
            String(role['name']),
          ),
      }
    }

    it('creates the user at the first log-in: id, profile, metadata, roles and the password', async () => {
      const { logIn, find, roleNames, ctx, logs, userId, ip } = await open()
      const outcome = await logIn(password, ' ADA@example.com ')
      assert.ok('user' in outcome, JSON.stringify(outcome))
      const user = await find()
      assert.ok(user)
      assert.equal(user.userId, userId)
      assert.deepEqual(
        [user.name, user.nickname, user.givenName, user.emailVerified, user.picture],
        ['Ada Lovelace', 'ada', 'Ada', true, 'https://pictures.example.com/ada.png'],
      )
      assert.deepEqual([user.userMetadata, user.appMetadata], [{ color: 'green' }, { plan: 'gold' }])
      assert.deepEqual(await roleNames(), ['Clerk'])
      assert.match((await findPasswordHash(ctx.store.db, user.userId)) ?? '', /^\$argon2id\$/)
      const [first] = other.received
      assert.equal(first?.headers['auth0-forwarded-for'], ip)
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

    it('takes the profile from the ID token without credentials of the Management API', async () => {
      const { logIn, find, roleNames } = await open({
        options: { management_client_id: undefined, management_client_secret: undefined },
      })
      assert.ok('user' in (await logIn()))
      const user = await find()
      assert.equal(user?.name, 'Ada Lovelace')
      assert.deepEqual(user.userMetadata, {})
      assert.deepEqual(await roleNames(), [])
    })

    it('takes over no role and no permission on the Management API, and none that does not exist', async () => {
      const managementApi = 'http://localhost:5050/api/v2/'
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
      const { logIn, roleNames, call, logs, userId } = await open({ change: { roles, permissions } })
      const found = (await call('GET', '/roles?name_filter=support')).body
      await call('POST', `/roles/${found[0]?.['id']}/permissions`, {
        permissions: [{ resource_server_identifier: managementApi, permission_name: 'read:users' }],
      })
      assert.ok('user' in (await logIn()))
      assert.deepEqual(await roleNames(), ['Clerk'])
      const held = (await call('GET', `/users/${encodeURIComponent(userId)}/permissions`)).body
      assert.deepEqual(
        held.map(({ permission_name }) => permission_name),
        ['read:orders'],
      )
      const entry = (await logs()).find(({ type }) => type === 'ss')
      assert.deepEqual(Object(entry?.data['details'])['lazy_migration'], {
        roles: { taken: ['Clerk'], left: [ownerRoleName, 'support', 'unknown'] },
        permissions: { taken: ['read:orders'], left: ['read:users', 'missing:orders'] },
      })
    })

    it('refuses a wrong password and an unknown user alike', async () => {
      const { logIn, find, logs } = await open()
      assert.deepEqual(await logIn('wrong'), { refused: 'wrong' })
      assert.deepEqual(await logIn(password, 'nobody@example.com'), { refused: 'wrong' })
      assert.equal(await find(), undefined)
      const [one, two] = (await logs()).filter(({ type }) => type === 'fu')
      assert.equal(one?.description, two?.description)
      assert.match(one?.description ?? '', /It answered 403 invalid_grant, Wrong email or password/)
    })

    it('answers each refusal of Auth0, and creates no user', async () => {
      const { logIn, find, logs, accounts } = await open()
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

    it('does not ask again while Auth0 wants no requests', async () => {
      const { logIn, pass } = await open({ change: { refusal: refusals.too_many_requests } })
      await logIn()
      const asked = other.received.length
      assert.deepEqual(await logIn(), { refused: 'busy', retryAfterSeconds: 30 })
      assert.equal(other.received.length, asked)
      pass(31)
      await logIn()
      assert.equal(other.received.length, asked + 1)
    })

    it('creates no user without their roles when the Management API of the tenant fails', async () => {
      const { logIn, find, accounts, configure, settings } = await open()
      const answer = asAuth0(other.host, accounts)
      other.answer = (request) => (request.path.includes('/roles') ? { status: 503 } : answer(request))
      assert.deepEqual(await logIn(), { refused: 'busy', retryAfterSeconds: 10 })
      assert.equal(await find(), undefined)
      other.answer = answer
      await configure({ ...settings, management_client_secret: 'wrong' })
      assert.deepEqual(await logIn(), { refused: 'busy', retryAfterSeconds: 10 })
      assert.equal(await find(), undefined)
    })

    it('creates one user for parallel first log-ins, and lets each of them in', async () => {
      const { logIn, ctx, name, userId } = await open()
      const outcomes = await Promise.all(
        Array.from({ length: 5 }, (_, index) => logIn(password, email, `198.51.100.${index}`)),
      )
      for (const outcome of outcomes) assert.ok('user' in outcome, JSON.stringify(outcome))
      const users = await ctx.store.db
        .selectFrom('users')
        .select('user_id')
        .where('connection', '=', name)
        .execute()
      assert.deepEqual(users, [{ user_id: userId }])
    })

    it('opens no account for an address other than the typed one', async () => {
      const { logIn, accounts } = await open()
      accounts.set('eve@example.com', { ...ada, profile: { ...ada.profile, email } })
      assert.deepEqual(await logIn(password, 'eve@example.com'), { refused: 'wrong' })
    })

    it('leaves an account alone that has the id and another address', async () => {
      const { logIn, call, find, logs, name, userId } = await open()
      const moved = { connection: name, email: 'ada.king@example.com', user_id: userId }
      assert.equal((await call('POST', '/users', { ...moved, password: 'chosen here' })).status, 201)
      assert.deepEqual(await logIn(), { refused: 'wrong' })
      assert.equal(await find(), undefined)
      assert.match((await logs()).at(-1)?.description ?? '', /Another account here has the id/)
    })

    it('gives its password to an account that was imported without one, if the id is the same', async () => {
      const { logIn, call, accounts, find, name, userId } = await open()
      await call('POST', '/users', { connection: name, email, user_id: userId, name: 'Kept' })
      assert.deepEqual(await logIn('wrong'), { refused: 'wrong' })
      assert.ok('user' in (await logIn()))
      assert.equal((await find())?.name, 'Kept')
      accounts.clear()
      assert.ok('user' in (await logIn()))
      await call('POST', '/users', { connection: name, email: 'bob@example.com' })
      accounts.set('bob@example.com', { ...ada, user_id: 'auth0|another' })
      assert.deepEqual(await logIn(password, 'bob@example.com'), { refused: 'wrong' })
    })

    it('is throttled like every log-in before the other server is asked', async () => {
      const { logIn } = await open()
      for (let guess = 0; guess < 10; guess++) assert.deepEqual(await logIn('wrong'), { refused: 'wrong' })
      assert.equal(other.received.length, 10)
      const paused = await logIn()
      assert.ok('refused' in paused && paused.refused === 'too_many_attempts', JSON.stringify(paused))
      assert.equal(other.received.length, 10)
    })

    it('asks for ten log-ins at once and no more, and counts none that it did not ask for', async () => {
      const { logIn } = await open()
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
        logIn('x', `user${index}@example.com`, `203.0.113.${index}`),
      )
      await full
      const outcome = await logIn()
      assert.deepEqual(outcome, { refused: 'busy', retryAfterSeconds: 2 })
      release()
      for (const refused of await Promise.all(waiting)) assert.deepEqual(refused, { refused: 'wrong' })
      assert.equal(other.received.length, 10)
    })

    it('is off until it is switched on, and after it is switched off or removed', async () => {
      const { logIn, configure, settings } = await open({ options: { enabled: false } })
      assert.deepEqual(await logIn(), { refused: 'wrong' })
      await configure(null)
      assert.deepEqual(await logIn(), { refused: 'wrong' })
      assert.equal(other.received.length, 0)
      await configure(settings)
      assert.ok('refused' in (await logIn()), 'the application has no secret any more')
    })

    it('lets no one sign up with an address of the other server', async () => {
      const { ctx, connection, ip } = await open()
      const attempt = async (address: string) =>
        signUp(ctx, {
          connection: await connection(),
          email: address,
          password: 'a password for this server',
          ip,
        })
      assert.deepEqual(await attempt(email), { refused: 'exists' })
      assert.ok('user' in (await attempt('new@example.com')))
      other.answer = () => ({ status: 500 })
      assert.deepEqual(await attempt('later@example.com'), { refused: 'busy', retryAfterSeconds: 10 })
    })

    it('creates the account without a password for a reset, and the old password works until a new one is set', async () => {
      const { ctx, connection, find, logIn, accounts, logs, roleNames, userId, ip } = await open()
      const reset = async (address: string) => mailPasswordReset(ctx, await connection(), address, { ip })
      const mails = () =>
        ctx.store.db.selectFrom('outbox').select('recipient').where('subject', 'like', '%password%').execute()
      await reset(email)
      assert.deepEqual(await mails(), [{ recipient: email }])
      assert.deepEqual(await roleNames(), ['Clerk'])
      assert.equal(await findPasswordHash(ctx.store.db, userId), undefined)
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

    it('leaves nothing behind when the store fails in the middle', async () => {
      const { ctx, logIn, find } = await open()
      const { schema } = ctx.store.db
      await schema.alterTable('user_roles').renameTo('elsewhere').execute()
      await assert.rejects(logIn())
      assert.equal(await find(), undefined)
      await schema.alterTable('elsewhere').renameTo('user_roles').execute()
      assert.ok('user' in (await logIn()))
    })

    it('asks a webhook, which answers with the user', async () => {
      const { configure, logIn, find, roleNames, name, ip } = await open()
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
        connection: name,
        email,
        password,
        ip,
      })
      const user = await find()
      assert.deepEqual([user?.userId, user?.emailVerified], ['auth0|42', true])
      assert.deepEqual(await roleNames('auth0|42'), ['Clerk'])
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

    it('reaches no address that is not public unless the configuration names it', async () => {
      const { configure, logIn, logs } = await open({ on: guarded })
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
        const outcome = await logIn(password, email, `198.51.100.${100 + index}`)
        assert.deepEqual(outcome, { refused: 'busy', retryAfterSeconds: 10 }, host)
        assert.match((await logs()).at(-1)?.description ?? '', /is not a public address/, host)
      }
      assert.equal(other.received.length, 0)
      await configure({ source: 'webhook', enabled: true, url: 'http://example.com/' }, 400)
      await configure({ source: 'auth0', enabled: true, domain: 'example.com/x', client_id: 'a' }, 400)
      for (const domain of ['user@example.com', '1.2.3.4.5', 'example.com:99999', 'example.com?', ''])
        await configure({ source: 'auth0', enabled: true, domain, client_id: 'a' }, 400)
    })

    it('shows no secret: not in responses, not in the log, not in the store', async () => {
      const { id, call, logIn, configure, settings, ctx, logs } = await open()
      await logIn('wrong')
      await logIn()
      await configure({ ...settings, client_secret: undefined })
      other.answer = ({ body }) => ({
        status: 403,
        body: { error: 'invalid_grant', error_description: `Not this: ${body['password']}` },
      })
      await logIn(password, 'echo@example.com')
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

    it('keeps the stored credentials for the same server and application alone', async () => {
      const { id, call, configure, settings, connection } = await open()
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

    it('is tested with a request that says what to change', async () => {
      const { id, call, configure, settings } = await open()
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
