import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { admitAttempt } from '../accounts/attempts.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { endedKind, payloadContext, putArtifact } from '../sessions/store.ts'
import { stores } from '../store/testing.ts'
import { findPasswordHash } from './store.ts'

const connection = 'Username-Password-Authentication'
const now = Date.parse('2026-05-01T12:00:00Z')
const good = 'correct horse battery staple'

for (const kind of stores)
  describe(`users over HTTP on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    const call: ManagementServer['call'] = (...args) => server.call(...args)
    const newUser = async (email: string, more: Record<string, unknown> = {}) => {
      const { status, body } = await call('POST', '/users', {
        email,
        connection,
        verify_email: false,
        ...more,
      })
      assert.equal(status, 201, JSON.stringify(body))
      return {
        id: String(body['user_id']),
        path: `/users/${encodeURIComponent(String(body['user_id']))}`,
        body,
      }
    }
    const artifacts = async (userId: string) =>
      (
        await server.ctx.store.db
          .selectFrom('artifacts')
          .select('kind')
          .where('user_id', '=', userId)
          // An ended session is kept until the applications are told of its end.
          .where('kind', '!=', endedKind)
          .execute()
      ).length
    const signInEverywhere = async (userId: string) => {
      for (const kindOfArtifact of ['Session', 'Grant', 'RefreshToken', 'AuthorizationCode'])
        await putArtifact(server.ctx.store.db, {
          kind: kindOfArtifact,
          id_hash: `${kindOfArtifact} ${userId}`,
          payload: server.ctx.sealer.seal(
            JSON.stringify({ device: { userAgent: 'curl/8', ip: '192.0.2.7', usedAt: now } }),
            payloadContext(kindOfArtifact, `${kindOfArtifact} ${userId}`),
          ),
          grant_id: null,
          uid: kindOfArtifact === 'Session' ? `uid ${userId}` : null,
          user_code: null,
          user_id: userId,
          client_id: server.clientId,
          created_at: now,
          expires_at: now + 1_000,
        })
    }

    before(async () => {
      server = await startManagement(end, kind, () => now)
    })

    it('get Auth0’s defaults and never show a password', async () => {
      const { body } = await newUser('Ada@Example.Test', { password: good })
      const { user_id: id, picture, ...rest } = body
      assert.match(String(id), /^auth0\|[0-9a-f]{24}$/)
      assert.equal(picture, 'http://localhost:5050/avatars/AD.svg')
      assert.deepEqual(rest, {
        email: 'ada@example.test',
        email_verified: false,
        name: 'ada@example.test',
        nickname: 'ada',
        created_at: '2026-05-01T12:00:00.000Z',
        updated_at: '2026-05-01T12:00:00.000Z',
        identities: [
          { connection, user_id: String(id).slice('auth0|'.length), provider: 'auth0', isSocial: false },
        ],
        blocked: false,
        logins_count: 0,
      })
      const hash = await findPasswordHash(server.ctx.store.db, String(id))
      assert.match(hash ?? '', /^\$argon2id\$/)
      const logs = await server.ctx.store.db.selectFrom('logs').select('data').execute()
      assert.ok(!JSON.stringify(logs).includes(good))
    })

    it('have initials for a picture, in every answer, unless they have one of their own', async () => {
      const own = 'https://img.example/a.png'
      const auth0 =
        'https://s.gravatar.com/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346?s=480&r=pg&d=https%3A%2F%2Fcdn.auth0.com%2Favatars%2Fad.png'
      const { id, path } = await newUser('initials@x.test', { picture: own })
      const role = String((await call('POST', '/roles', { name: 'pictured' })).body['id'])
      await call('POST', `/roles/${role}/users`, { users: [id] })
      const pictures = async () => [
        (await call('GET', path)).body['picture'],
        (await call('GET', '/users?q=email:initials@x.test')).body[0]?.['picture'],
        (await call('GET', '/users-by-email?email=initials@x.test')).body[0]?.['picture'],
        (await call('GET', `/roles/${role}/users`)).body[0]?.['picture'],
      ]
      assert.deepEqual(await pictures(), Array(4).fill(own))
      for (const [change, letters] of [
        // Auth0's own default, as an export of it or an older store has it, would ask a third party.
        [{ picture: auth0 }, 'IN'],
        [{ picture: null, name: 'Ada King, Countess of Lovelace' }, 'AL'],
        [{ name: '王小明' }, '王小'],
        [{ name: 'مريم القحطاني' }, 'ما'],
        [{ name: 'ßeta' }, 'ßE'],
        [{ name: '<script>' }, 'SC'],
        [{ name: '–' }, 'none'],
      ] as const) {
        assert.equal((await call('PATCH', path, change)).status, 200)
        const url = `http://localhost:5050/avatars/${encodeURIComponent(letters)}.svg`
        assert.deepEqual(await pictures(), Array(4).fill(url))
        const drawn = await server.app.inject(url)
        assert.equal(drawn.statusCode, 200)
        assert.equal(drawn.headers['content-type'], 'image/svg+xml')
        assert.equal(drawn.headers['cross-origin-resource-policy'], 'cross-origin')
        assert.ok(letters === 'none' || drawn.body.includes(`>${letters}</text>`), drawn.body)
      }
      for (const file of ['ABC.svg', '%3C.svg', 'A', 'A.png', '.svg', 'a%2F..svg'])
        assert.equal((await server.app.inject(`/avatars/${file}`)).statusCode, 404, file)
    })

    it('take an id of the caller’s choice, once', async () => {
      const { id } = await newUser('chosen@x.test', { user_id: 'my-own-id' })
      assert.equal(id, 'auth0|my-own-id')
      const again = await call('POST', '/users', { email: 'other@x.test', connection, user_id: 'my-own-id' })
      assert.deepEqual([again.status, again.body['message']], [409, 'The user already exists.'])
      const sameAddress = await call('POST', '/users', { email: 'CHOSEN@x.test', connection })
      assert.deepEqual([sameAddress.status, sameAddress.body['errorCode']], [409, 'auth0_idp_error'])
      const nowhere = await call('POST', '/users', { email: 'new@x.test', connection: 'no-such' })
      assert.deepEqual([nowhere.status, nowhere.body['errorCode']], [404, 'inexistent_connection'])
    })

    it('are unknown in Auth0’s words, with the full stop', async () => {
      const { status, body } = await call('GET', '/users/auth0%7Cnobody')
      assert.equal(status, 404)
      assert.deepEqual(body, {
        statusCode: 404,
        error: 'Not Found',
        message: 'The user does not exist.',
        errorCode: 'inexistent_user',
      })
    })

    it('merge metadata on its first level, and null takes a member away', async () => {
      const { path } = await newUser('meta@x.test', {
        user_metadata: { a: 1, b: { x: 1, y: 2 }, c: 3 },
        app_metadata: { plan: 'gold' },
      })
      const { body } = await call('PATCH', path, { user_metadata: { b: { x: 9 }, c: null, d: 4 } })
      assert.deepEqual(body['user_metadata'], { a: 1, b: { x: 9 }, d: 4 })
      assert.deepEqual(body['app_metadata'], { plan: 'gold' })
      const emptied = await call('PATCH', path, { user_metadata: null })
      assert.equal(emptied.body['user_metadata'], undefined)
    })

    it('replace, keep and unset profile members', async () => {
      const { path } = await newUser('profile@x.test', {
        given_name: 'Ada',
        name: 'Ada L',
        email_verified: true,
      })
      const changed = await call('PATCH', path, { given_name: null, family_name: 'Lovelace', name: null })
      assert.equal(changed.status, 200)
      assert.equal(changed.body['given_name'], undefined)
      assert.equal(changed.body['family_name'], 'Lovelace')
      assert.equal(changed.body['name'], 'profile@x.test')
      assert.equal(changed.body['email_verified'], true)
      const moved = await call('PATCH', path, { email: 'Moved@x.test' })
      assert.deepEqual([moved.body['email'], moved.body['email_verified']], ['moved@x.test', false])
      await newUser('held@x.test')
      const taken = await call('PATCH', path, { email: 'HELD@x.test' })
      assert.deepEqual([taken.status, taken.body['message']], [400, 'The specified new email already exists'])
    })

    it('cannot be given what is not a caller’s to give', async () => {
      const { path, body: original } = await newUser('mass@x.test')
      const { status, body } = await call('PATCH', path, {
        user_id: 'auth0|other',
        created_at: '1999-01-01',
        logins_count: 99,
        password_hash: 'x',
        roles: ['owner'],
        permissions: ['all'],
        identities: [],
        last_ip: '1.1.1.1',
      })
      assert.equal(status, 200)
      assert.deepEqual(body, original)
    })

    it('have a new password only by the rules, and lose every session with the old one', async () => {
      const { path, id } = await newUser('password@x.test', { password: good })
      const old = await findPasswordHash(server.ctx.store.db, id)
      for (const [password, message] of [
        ['short', 'PasswordStrengthError: Password is too weak'],
        ['password', 'PasswordDictionaryError: Password is too common'],
      ]) {
        const refused = await call('PATCH', path, { password })
        assert.deepEqual([refused.status, refused.body['message']], [400, message])
      }
      assert.equal(await findPasswordHash(server.ctx.store.db, id), old)
      await signInEverywhere(id)
      const { status, body } = await call('PATCH', path, { password: `${good} 2`, connection })
      assert.equal(status, 200)
      assert.equal(body['last_password_reset'], '2026-05-01T12:00:00.000Z')
      assert.notEqual(await findPasswordHash(server.ctx.store.db, id), old)
      assert.equal(await artifacts(id), 0)
    })

    it('lose sessions and refresh tokens at once when they are blocked or deleted', async () => {
      for (const ending of [
        (path: string) => call('PATCH', path, { blocked: true }),
        (path: string) => call('DELETE', path),
        (path: string) => call('POST', `${path}/revoke-access`, {}),
      ]) {
        const { path, id } = await newUser(`ending${Math.random()}@x.test`)
        await signInEverywhere(id)
        assert.equal(await artifacts(id), 4)
        const { status } = await ending(path)
        assert.ok(status < 300)
        assert.equal(await artifacts(id), 0)
      }
    })

    it('show and end sessions and refresh tokens apart from each other', async () => {
      const { path, id } = await newUser('sessions@x.test')
      await signInEverywhere(id)
      const { body: sessions } = await call('GET', `${path}/sessions`)
      assert.deepEqual(
        sessions['sessions']!.map(({ clients, device }) => [clients, device]),
        [[[{ client_id: server.clientId }], { last_user_agent: 'curl/8', last_ip: '192.0.2.7' }]],
      )
      assert.equal((await call('DELETE', `${path}/sessions`)).status, 202)
      assert.deepEqual((await call('GET', `${path}/sessions`)).body, { sessions: [] })
      const { body: tokens } = await call('GET', `${path}/refresh-tokens`)
      assert.equal(tokens['tokens']!.length, 1)
      assert.equal((await call('DELETE', `${path}/refresh-tokens`)).status, 202)
      assert.deepEqual((await call('GET', `${path}/refresh-tokens`)).body, { tokens: [] })
    })

    it('lose one session of theirs alone, by its id', async () => {
      const { path, id } = await newUser('one-session@x.test')
      const other = await newUser('other-session@x.test')
      for (const user of [id, other.id]) await signInEverywhere(user)
      const listed = (await call('GET', `${path}/sessions`)).body['sessions']!
      const one = `/sessions/${encodeURIComponent(String(listed[0]!['id']))}`
      assert.equal((await call('DELETE', one)).status, 202)
      assert.deepEqual((await call('GET', `${path}/sessions`)).body, { sessions: [] })
      assert.equal((await call('GET', `${other.path}/sessions`)).body['sessions']!.length, 1)
      assert.equal((await call('GET', `${path}/refresh-tokens`)).body['tokens']!.length, 1)
      assert.equal((await call('DELETE', one)).status, 404)
      assert.equal(
        (await call('DELETE', `/sessions/${encodeURIComponent(`RefreshToken ${id}`)}`)).status,
        404,
      )
    })

    it('are deleted with everything they hold', async () => {
      const { path, id } = await newUser('gone@x.test', { password: good })
      const { body: role } = await call('POST', '/roles', { name: 'held by the gone' })
      await call('POST', `${path}/roles`, { roles: [role['id']] })
      assert.equal((await call('DELETE', path)).status, 204)
      assert.equal((await call('GET', path)).status, 404)
      assert.deepEqual((await call('GET', `/roles/${role['id']}/users`)).body, [])
      assert.equal(await findPasswordHash(server.ctx.store.db, id), undefined)
      await newUser('gone@x.test')
    })

    it('are found by address, whatever its case', async () => {
      await newUser('find.me@x.test')
      const { body } = await call(
        'GET',
        `/users-by-email?email=${encodeURIComponent('FIND.me@x.test')}&fields=email`,
      )
      assert.deepEqual(body, [{ email: 'find.me@x.test' }])
      assert.deepEqual((await call('GET', '/users-by-email?email=nobody@x.test')).body, [])
      assert.equal((await call('GET', '/users-by-email')).status, 400)
    })

    it('show only the fields that were asked for', async () => {
      const { path } = await newUser('fields@x.test')
      const some = await call('GET', `${path}?fields=email,name,nonsense`)
      assert.deepEqual(Object.keys(some.body).toSorted(), ['email', 'name'])
      const others = await call('GET', `${path}?fields=email,name&include_fields=false`)
      assert.ok(!('email' in others.body) && 'user_id' in others.body)
      assert.equal((await call('GET', `${path}?fields=email;drop`)).status, 400)
      const listed = await call('GET', '/users?fields=email&per_page=1')
      assert.deepEqual(Object.keys(listed.body[0]!), ['email'])
    })

    it('may have their app_metadata changed with the scope for it, and nothing else', async () => {
      const { path } = await newUser('app@x.test')
      const token = await server.token(`${server.clientId}@clients`, ['update:users_app_metadata'])
      const { status, body } = await call('PATCH', path, { app_metadata: { a: 1 } }, token)
      assert.deepEqual([status, body['app_metadata']], [200, { a: 1 }])
      for (const more of [{ name: 'x' }, { user_metadata: {} }, { password: good }, { blocked: false }]) {
        const refused = await call('PATCH', path, { app_metadata: { a: 2 }, ...more }, token)
        assert.deepEqual([refused.status, refused.body['errorCode']], [403, 'insufficient_scope'])
      }
    })

    it('are mailed a link for verification when asked for, under the configured issuer', async () => {
      const earlier = await server.ctx.store.db.selectFrom('outbox').selectAll().execute()
      await newUser('mailed@x.test', { verify_email: true })
      const mails = await server.ctx.store.db.selectFrom('outbox').selectAll().execute()
      assert.equal(mails.length, earlier.length + 1)
      const mail = mails.find(({ recipient }) => recipient === 'mailed@x.test')
      assert.ok(mail?.text.includes(`${server.ctx.config.issuer}u/email-verification?ticket=`))
    })

    it('can be unblocked after too many wrong passwords', async () => {
      const { id } = await newUser('slow@x.test')
      const blocks = `/user-blocks/${encodeURIComponent(id)}`
      assert.deepEqual((await call('GET', blocks)).body, { blocked_for: [] })
      for (let n = 0; n < 11; n++)
        await admitAttempt(server.ctx, {
          connection,
          account: 'slow@x.test',
          ip: '203.0.113.7',
          protectAccount: true,
        })
      const blocked = [{ identifier: 'slow@x.test', ip: '203.0.113.7', connection }]
      assert.deepEqual((await call('GET', blocks)).body, { blocked_for: blocked })
      assert.deepEqual((await call('GET', '/user-blocks?identifier=slow@x.test')).body, {
        blocked_for: blocked,
      })
      assert.equal((await call('DELETE', blocks)).status, 204)
      assert.deepEqual((await call('GET', blocks)).body, { blocked_for: [] })
    })
  })
