import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { afterResponseDone } from '../../accounts/after-response.ts'
import { openFixture } from '../../accounts/testing.ts'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { updateTenantSettings } from '../../tenant/settings.ts'
import { findUserByEmail } from '../../users/store.ts'
import { dbconnectionsChangePassword, dbconnectionsSignup } from '../dbconnections.ts'

const info = { ip: '203.0.113.7', userAgent: 'test' }

/** The wire, with an application that is enabled on the connection. */
async function openWire(t: Parameters<typeof openFixture>[0], kind: (typeof stores)[number], options = {}) {
  const fixture = await openFixture(t, kind, options)
  const { ctx, connection } = fixture
  const { application } = await transaction(ctx, (tx) => createApplication(tx, { name: 'app' }))
  const { clientId } = application
  const body = {
    client_id: clientId,
    connection: connection.name,
    email: 'rosalind@example.com',
    password: 'orange tractor',
  }
  return {
    ...fixture,
    body,
    post: (given: unknown) => dbconnectionsSignup(ctx, given, info),
    ask: (email: string) =>
      dbconnectionsChangePassword(ctx, { client_id: clientId, connection: connection.name, email }, info),
  }
}

for (const kind of stores)
  describe(`/dbconnections on ${kind.name}`, () => {
    test('a sign-up answers with the id without its prefix', async (t) => {
      const wire = await openWire(t, kind)
      const answer = await wire.post({
        ...wire.body,
        given_name: 'Rosalind',
        user_metadata: { plan: 'free' },
      })
      assert.equal(answer.status, 200)
      assert.ok(typeof answer.body === 'object')
      assert.match(String(answer.body['_id']), /^[0-9a-f]{24}$/)
      const { _id, ...rest } = answer.body
      assert.deepEqual(rest, {
        email: 'rosalind@example.com',
        email_verified: false,
        given_name: 'Rosalind',
        user_metadata: { plan: 'free' },
      })
    })

    test('a taken address is an invalid sign-up, and says more only where the tenant wants it', async (t) => {
      const wire = await openWire(t, kind)
      await wire.post(wire.body)
      const envelope = { name: 'BadRequestError', statusCode: 400 }
      assert.deepEqual(await wire.post(wire.body), {
        status: 400,
        body: { ...envelope, code: 'invalid_signup', description: 'Invalid sign up' },
      })
      await transaction(wire.ctx, (tx) =>
        updateTenantSettings(tx, {
          flags: { enable_public_signup_user_exists_error: true },
        }),
      )
      assert.deepEqual(await wire.post(wire.body), {
        status: 400,
        body: { ...envelope, code: 'user_exists', description: 'The user already exists.' },
      })
    })

    test('a weak password is a PasswordStrengthError with its rules', async (t) => {
      const wire = await openWire(t, kind)
      const { status, body } = await wire.post({ ...wire.body, password: 'short' })
      assert.equal(status, 400)
      assert.deepEqual(body, {
        name: 'PasswordStrengthError',
        message: 'Password is too weak',
        code: 'invalid_password',
        description: {
          rules: [
            {
              message: 'At least %d characters in length',
              code: 'lengthAtLeast',
              format: [8],
              verified: false,
            },
          ],
          verified: false,
        },
        policy: '* At least 8 characters in length',
        statusCode: 400,
      })
    })

    test('a common password has its own name', async (t) => {
      const wire = await openWire(t, kind)
      const { body } = await wire.post({ ...wire.body, password: 'password123' })
      assert.deepEqual(body, {
        name: 'PasswordDictionaryError',
        message: 'Password is too common',
        code: 'invalid_password',
        description: 'Password is too common',
        statusCode: 400,
      })
    })

    test('whatever else is sent is a 400, and nothing is written', async (t) => {
      const wire = await openWire(t, kind)
      const { body } = wire
      const hostile: unknown[] = [
        undefined,
        null,
        'text',
        7,
        [],
        {},
        { ...body, email: { $ne: null } },
        { ...body, password: 7 },
        { ...body, password: '' },
        { ...body, connection: 'unknown' },
        { ...body, client_id: 'unknown' },
        { ...body, connection: 'a\0b' },
        { ...body, email: 'a\0@b.c' },
        { ...body, name: 'a\0b' },
        { ...body, user_metadata: { plan: 7 } },
        { ...body, user_metadata: { plan: 'a\0b' } },
        { ...body, picture: 'javascript:alert(1)' },
        { ...body, email: 'x'.repeat(1_000_000) },
        { ...body, password: 'x'.repeat(1_000_000) },
      ]
      for (const given of hostile) {
        const answer = await wire.post(given)
        assert.equal(answer.status, 400, JSON.stringify(given)?.slice(0, 80))
        assert.equal(typeof (typeof answer.body === 'object' && answer.body['code']), 'string')
      }
      const users = await wire.ctx.store.db.selectFrom('users').selectAll().execute()
      assert.deepEqual(users, [])
    })

    test('members of the body that are not for callers are ignored', async (t) => {
      const wire = await openWire(t, kind)
      await wire.post({
        ...wire.body,
        email_verified: true,
        user_id: 'auth0|1',
        blocked: true,
        app_metadata: { admin: true },
        roles: ['rol_1'],
      })
      const user = await findUserByEmail(wire.ctx.store.db, wire.connection.name, 'rosalind@example.com')
      assert.deepEqual([user?.emailVerified, user?.blocked, user?.appMetadata], [false, false, {}])
      assert.notEqual(user?.userId, 'auth0|1')
    })

    test('a change of password is answered alike for known and unknown, and mails the known one alone', async (t) => {
      const wire = await openWire(t, kind)
      await wire.post(wire.body)
      const known = await wire.ask('Rosalind@example.com')
      assert.deepEqual(known, await wire.ask('nobody@example.com'))
      assert.equal(known.status, 200)
      assert.equal(known.body, "We've just sent you an email to reset your password.")
      assert.match(known.headers?.['content-type'] ?? '', /^text\/html/)
      await afterResponseDone(wire.ctx)
      const resets = (await wire.mails()).filter(({ text }) => text.includes('/u/reset-password?ticket='))
      assert.deepEqual(
        resets.map(({ recipient }) => recipient),
        ['rosalind@example.com'],
      )
    })

    test('the answer is out before the account is looked for, so that its time tells nothing', async (t) => {
      const wire = await openWire(t, kind)
      await wire.post(wire.body)
      const before = (await wire.mails()).length
      await wire.ask('rosalind@example.com')
      assert.equal((await wire.mails()).length, before)
      await afterResponseDone(wire.ctx)
      assert.equal((await wire.mails()).length, before + 1)
    })

    test('a mailbox gets five links an hour, a network asks twenty times', async (t) => {
      const wire = await openWire(t, kind)
      await wire.post(wire.body)
      const statuses: number[] = []
      for (let i = 0; i < 21; i++) {
        statuses.push((await wire.ask('rosalind@example.com')).status)
        await afterResponseDone(wire.ctx)
      }
      assert.deepEqual(statuses, [...Array<number>(20).fill(200), 429])
      assert.equal((await wire.mails()).filter(({ text }) => text.includes('/u/reset-password')).length, 5)
    })
  })
