import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { insertArtifact } from '../sessions/store.ts'
import { stores } from '../store/testing.ts'
import { SoftKey } from '../testing/authenticator.ts'
import { findUser } from '../users/store.ts'
import type { User } from '../users/user.ts'
import { enrolTotp, offerTotp } from './enrolment.ts'
import { enrolKey, offerKey } from './keys.ts'
import { sealedFactorSecrets } from './store.ts'
import { totpCode } from './testing.ts'
import { relyingPartyOf } from './webauthn.ts'

for (const store of stores)
  describe(`second factors over the Management API (${store.name})`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let count = 0

    before(async () => {
      server = await startManagement(end, store)
    })

    const pathOf = ({ userId }: Pick<User, 'userId'>) =>
      `/users/${encodeURIComponent(userId)}/authentication-methods`

    /** A user with an authenticator app and recovery codes. */
    async function enrolled(): Promise<User> {
      const { body } = await server.call('POST', '/users', {
        connection: 'Username-Password-Authentication',
        email: `user-${++count}@example.com`,
        password: 'correct horse battery staple',
        email_verified: true,
      })
      const user = await findUser(server.ctx.store.db, String(body['user_id']))
      assert.ok(user)
      const { secret, sealed } = await offerTotp(server.ctx, user, 'here')
      const outcome = await enrolTotp(server.ctx, user, {
        binding: 'here',
        sealed,
        code: totpCode(secret, server.ctx.clock()),
        origin: { ip: '127.0.0.1' },
      })
      assert.ok('user' in outcome)
      assert.equal(outcome.recoveryCodes?.length, 8)
      return outcome.user
    }

    const sessionsOf = async (user: User) =>
      (await server.call('GET', `/users/${encodeURIComponent(user.userId)}/sessions`)).body['sessions'] ?? []

    const logIn = (user: User) =>
      insertArtifact(server.ctx.store.db, {
        kind: 'Session',
        id_hash: `session of ${user.userId}`,
        payload: '',
        grant_id: null,
        uid: `uid of ${user.userId}`,
        user_code: null,
        user_id: user.userId,
        client_id: null,
        created_at: server.ctx.clock(),
        expires_at: server.ctx.clock() + 60_000,
      })

    const mailsTo = async (user: User) => {
      const { body } = await server.call('GET', '/rolecall/outbox?per_page=100')
      return body.filter((mail) => JSON.stringify(mail).includes(user.email))
    }

    it('are listed in Auth0’s shape, without secrets', async () => {
      const user = await enrolled()
      const { body } = await server.call('GET', pathOf(user))
      assert.deepEqual(
        body.map(({ type, confirmed, name }) => ({ type, confirmed, name })),
        [
          { type: 'totp', confirmed: true, name: 'Authenticator app' },
          { type: 'recovery-code', confirmed: true, name: 'Recovery codes' },
        ],
      )
      for (const one of body)
        assert.deepEqual(
          Object.keys(one).filter((name) => /secret|key|code/.test(name)),
          [],
        )
      const page = await server.call('GET', `${pathOf(user)}?take=1`)
      assert.equal(page.body['authenticators']?.length, 1)
      const next = await server.call('GET', `${pathOf(user)}?take=1&from=${String(page.body['next'])}`)
      assert.equal(next.body['authenticators']?.[0]?.['type'], 'recovery-code')
      const enrollments = await server.call('GET', `/users/${encodeURIComponent(user.userId)}/enrollments`)
      assert.deepEqual(
        enrollments.body.map(({ type, status }) => [type, status]),
        [['authenticator', 'confirmed']],
      )
    })

    it('are keys and passkeys too, which have names, and no public key is shown', async () => {
      const user = await enrolled()
      const ctx = { ...server.ctx, config: { ...server.ctx.config, issuer: 'https://auth.example.com/' } }
      for (const type of ['webauthn', 'passkey'] as const) {
        const current = await findUser(ctx.store.db, user.userId)
        const offer = current && (await offerKey(ctx, current, 'here', type))
        assert.ok(offer)
        const answer = new SoftKey('https://auth.example.com').create(offer.options)
        const given = { binding: 'here', type, sealed: offer.sealed, answer, origin: { ip: '127.0.0.1' } }
        assert.ok('user' in (await enrolKey(ctx, current, given)))
      }
      const { body } = await server.call('GET', pathOf(user))
      assert.deepEqual(
        body.map(({ type, name, transports }) => [type, name, transports]),
        [
          ['totp', 'Authenticator app', undefined],
          ['webauthn-roaming', 'Security key', ['usb']],
          ['passkey', 'Passkey', ['usb']],
          ['recovery-code', 'Recovery codes', undefined],
        ],
      )
      const passkey = `${pathOf(user)}/${encodeURIComponent(String(body[2]?.['id']))}`
      const one = await server.call('GET', passkey)
      assert.deepEqual(one.body, body[2])
      assert.deepEqual(Object.keys(one.body).toSorted(), [
        'confirmed',
        'created_at',
        'id',
        'key_id',
        'name',
        'transports',
        'type',
      ])
      const patched = await server.call('PATCH', passkey, { name: ' Blue key ' })
      assert.deepEqual([patched.status, patched.body['name']], [200, 'Blue key'])
      assert.equal((await server.call('GET', passkey)).body['name'], 'Blue key')
      for (const wrong of [
        {},
        { name: '' },
        { name: 'a\u0000b' },
        { name: 'x'.repeat(101) },
        { type: 'totp' },
      ])
        assert.equal((await server.call('PATCH', passkey, wrong)).status, 400, JSON.stringify(wrong))
      const other = await enrolled()
      const foreign = passkey.replace(encodeURIComponent(user.userId), encodeURIComponent(other.userId))
      for (const method of ['GET', 'PATCH', 'DELETE'] as const)
        assert.equal(
          (await server.call(method, foreign, method === 'PATCH' ? { name: 'x' } : undefined)).status,
          404,
        )
      const enrollments = await server.call('GET', `/users/${encodeURIComponent(user.userId)}/enrollments`)
      assert.equal(enrollments.body.length, 2, 'a passkey is no second factor')

      assert.equal((await server.call('DELETE', passkey)).status, 204)
      const first = `${pathOf(user)}/${encodeURIComponent(String(body[0]?.['id']))}`
      assert.equal((await server.call('DELETE', first)).status, 204)
      assert.equal((await findUser(ctx.store.db, user.userId))?.secondFactor, true, 'the key is left')
    })

    it('are removed one by one: the last one takes the recovery codes with it', async () => {
      const user = await enrolled()
      const { body } = await server.call('GET', pathOf(user))
      const id = encodeURIComponent(String(body[0]?.['id']))
      assert.equal((await server.call('DELETE', `${pathOf(user)}/${id}`)).status, 204)
      assert.deepEqual((await server.call('GET', pathOf(user))).body, [])
      assert.equal((await findUser(server.ctx.store.db, user.userId))?.secondFactor, false)
      const again = await server.call('DELETE', `${pathOf(user)}/${id}`)
      assert.deepEqual([again.status, again.body['errorCode']], [404, 'inexistent_authentication_method'])
    })

    it('are not those of another user under one’s own path', async () => {
      const [one, other] = [await enrolled(), await enrolled()]
      const { body } = await server.call('GET', pathOf(other))
      const id = encodeURIComponent(String(body[0]?.['id']))
      assert.equal((await server.call('DELETE', `${pathOf(one)}/${id}`)).status, 404)
      assert.equal((await server.call('GET', pathOf(other))).body.length, 2)
    })

    it('are reset together: sessions end, the user is mailed, and the log names who did it', async () => {
      const user = await enrolled()
      await logIn(user)
      assert.equal((await sessionsOf(user)).length, 1)
      const mails = (await mailsTo(user)).length
      assert.equal((await server.call('DELETE', pathOf(user))).status, 204)
      assert.equal((await sessionsOf(user)).length, 0)
      const fresh = await mailsTo(user)
      assert.equal(fresh.length, mails + 1)
      assert.ok(JSON.stringify(fresh).includes('have changed'))
      const { body: logs } = await server.call(
        'GET',
        `/logs?q=${encodeURIComponent(`target_id:"${user.userId}"`)}`,
      )
      const entry = logs.find(
        ({ description }) => String(description) === 'Delete the authentication methods of a user',
      )
      assert.equal(entry?.['client_id'], server.clientId)
    })

    it('of an owner are out of reach for a caller with fewer scopes', async () => {
      const owner = await enrolled()
      await server.call('POST', `/users/${encodeURIComponent(owner.userId)}/roles`, {
        roles: [server.ownerRole.id],
      })
      const weak = await server.token(`${server.clientId}@clients`, ['delete:authentication_methods'])
      const { status, body } = await server.call('DELETE', pathOf(owner), undefined, weak)
      assert.deepEqual([status, body['errorCode']], [403, 'insufficient_privilege'])
    })

    it('are required by Auth0’s policies and by our own object, which say the same', async () => {
      const policy = async () => (await server.call('GET', '/rolecall/factor-policy')).body
      assert.equal((await policy())['policy'], 'optional')
      const put = await server.call('PUT', '/guardian/policies', ['all-applications'])
      assert.deepEqual([put.status, put.body], [200, ['all-applications']])
      assert.equal((await policy())['policy'], 'required')
      assert.deepEqual((await server.call('PUT', '/guardian/policies', [])).body, [])
      assert.equal((await policy())['policy'], 'optional')
      const wrong = await server.call('PUT', '/guardian/policies', ['confidence-score'])
      assert.equal(wrong.status, 400)

      await server.call('PUT', '/guardian/factors/webauthn-roaming', { enabled: false })
      assert.deepEqual((await server.call('PUT', '/guardian/factors/otp', { enabled: false })).body, {
        enabled: false,
      })
      const { body: factors } = await server.call('GET', '/guardian/factors')
      assert.deepEqual(
        factors.find(({ name }) => String(name) === 'otp'),
        { name: 'otp', enabled: false, trial_expired: false },
      )
      for (const name of ['otp', 'webauthn-roaming'])
        await server.call('PUT', `/guardian/factors/${name}`, { enabled: true })
      assert.equal((await server.call('PUT', '/guardian/factors/sms', { enabled: true })).status, 400)
      assert.equal((await server.call('PUT', '/guardian/factors/sms', { enabled: false })).status, 200)
      assert.equal((await server.call('PUT', '/guardian/factors/nothing', { enabled: false })).status, 400)
    })

    it('are not required for a role or an API that does not exist', async () => {
      for (const change of [{ roles: ['rol_unknown'] }, { apis: ['https://unknown.example'] }]) {
        const { status, body } = await server.call('PATCH', '/rolecall/factor-policy', change)
        assert.equal(status, 400)
        assert.match(String(body['message']), /There is no/)
      }
      const unknown = await server.call('PATCH', '/rolecall/factor-policy', { owner: true })
      assert.equal(unknown.status, 400)
    })

    it('have a policy that the settings of the tenant neither show nor change', async () => {
      const { body } = await server.call('GET', '/tenants/settings')
      assert.equal('second_factor' in body, false)
      await server.call('PATCH', '/rolecall/factor-policy', { owners: true })
      const patched = await server.call('PATCH', '/tenants/settings', { second_factor: { policy: 'never' } })
      assert.equal(patched.status, 400)
      await server.call('PATCH', '/tenants/settings', { friendly_name: 'Ours' })
      const policy = await server.call('GET', '/rolecall/factor-policy')
      assert.deepEqual([policy.body['policy'], policy.body['owners']], ['optional', true])
      await server.call('PATCH', '/rolecall/factor-policy', { owners: false })
    })

    it('have secrets that are sealed, and that the rotation of the sealing key knows', async () => {
      const user = await enrolled()
      const rows = await server.ctx.store.db
        .selectFrom('authentication_methods')
        .select(['id', 'secret'])
        .where('user_id', '=', user.userId)
        .where('secret', 'is not', null)
        .execute()
      assert.equal(rows.length, 1)
      for (const { id, secret } of rows) {
        const opened = server.ctx.sealer.open(secret ?? '', sealedFactorSecrets.contextOf({ id }))
        assert.match(opened, /^[A-Z2-7]{32}$/)
      }
    })
  })

describe('second factors of an issuer that is an address', () => {
  const end = untilTheEnd()

  it('cannot be security keys alone, because browsers refuse them there', async () => {
    const [store] = stores
    assert.ok(store)
    const server = await startManagement(end, store, Date.now, { issuer: 'http://192.0.2.1/' })
    const policy = (body: unknown) => server.call('PATCH', '/rolecall/factor-policy', body)
    const { status, body } = await policy({ factors: { otp: false } })
    assert.equal(status, 400)
    assert.match(String(body['message']), /ISSUER with https/)
    assert.equal((await policy({ factors: { otp: false, 'webauthn-roaming': false } })).status, 200)
    assert.equal((await policy({ policy: 'never', factors: { 'webauthn-roaming': true } })).status, 200)
  })

  for (const [issuer, expected] of [
    ['https://auth.example.com/', { id: 'auth.example.com', origin: 'https://auth.example.com' }],
    ['https://auth.example.com:8443/', { id: 'auth.example.com', origin: 'https://auth.example.com:8443' }],
    ['http://localhost:5050/', { id: 'localhost', origin: 'http://localhost:5050' }],
    ['https://localhost:5050/', { id: 'localhost', origin: 'https://localhost:5050' }],
    ['http://auth.localhost/', { id: 'auth.localhost', origin: 'http://auth.localhost' }],
    ['http://auth.example.com/', undefined],
    ['https://192.0.2.1/', undefined],
    ['https://[2001:db8::1]/', undefined],
  ] as const)
    it(`keys know ${issuer} by its host, or not at all`, () => {
      assert.deepEqual(relyingPartyOf({ issuer }), expected)
    })
})
