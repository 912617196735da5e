import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { findConnection } from '../connections/connections.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignRoles } from '../roles/assignments.ts'
import { stores } from '../store/testing.ts'
import { signIn } from '../users/sign-in.ts'
import { createUser, findUserByEmail } from '../users/users.ts'
import { deleteOldJobs } from './store.ts'

const connection = 'Username-Password-Authentication'

for (const kind of stores)
  describe(`jobs on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.UTC(2027, 0, 1)
    let server: ManagementServer
    let call: ManagementServer['call']
    let connectionId: string

    before(async () => {
      server = await startManagement(end, kind, () => now)
      call = server.call
      connectionId = (await findConnection(server.ctx.store.db, connection))?.id ?? ''
    })

    async function post(form: FormData | string, token?: string) {
      const request = new Request('http://localhost/', { method: 'POST', body: form })
      const all = await server.token(`${server.clientId}@clients`, ['create:users', 'read:users'])
      const answer = await server.app.inject({
        method: 'POST',
        url: '/api/v2/jobs/users-imports',
        headers: {
          authorization: `Bearer ${token ?? all}`,
          'content-type': request.headers.get('content-type') ?? '',
        },
        payload: Buffer.from(await request.arrayBuffer()),
      })
      return {
        status: answer.statusCode,
        body: answer.json<{ id: string; status: string; message: string }>(),
      }
    }

    function formWith(users: unknown, fields: Record<string, string> = {}) {
      const form = new FormData()
      for (const [name, value] of Object.entries({ connection_id: connectionId, ...fields }))
        form.set(name, value)
      const text = typeof users === 'string' ? users : JSON.stringify(users)
      form.set('users', new Blob([text], { type: 'application/json' }), 'users.json')
      return form
    }

    /** Follows a job to its end. */
    async function finished(id: string) {
      for (let asked = 0; asked < 1_000; asked++) {
        const { body } = await call('GET', `/jobs/${id}`)
        if (!['pending', 'processing'].includes(String(body['status']))) return body
        await new Promise(setImmediate)
      }
      throw new Error('the job never ended')
    }

    it('import users from a file, with the passwords they have', async () => {
      const password = 'correct horse battery staple'
      const started = await post(
        formWith(
          [
            {
              email: 'Ada@Example.com',
              email_verified: true,
              user_id: 'legacy-1',
              app_metadata: { plan: 'gold' },
            },
            {
              email: 'bob@example.com',
              custom_password_hash: {
                algorithm: 'argon2',
                hash: { value: await hashPassword(password), encoding: 'utf8' },
              },
            },
          ],
          { external_id: 'batch 7' },
        ),
      )
      assert.equal(started.status, 202)
      assert.deepEqual([started.body.status, 'external_id' in started.body], ['pending', true])
      const job = await finished(started.body.id)
      assert.equal(job['status'], 'completed')
      assert.deepEqual(
        [job['percentage_done'], job['summary']],
        [100, { total: 2, inserted: 2, updated: 0, failed: 0 }],
      )
      const { db } = server.ctx.store
      const ada = await findUserByEmail(db, connection, 'ada@example.com')
      assert.deepEqual(
        [ada?.userId, ada?.emailVerified, ada?.appMetadata],
        ['auth0|legacy-1', true, { plan: 'gold' }],
      )
      const database = await findConnection(db, connection)
      assert.ok(database)
      const outcome = await signIn(server.ctx, {
        connection: database,
        identifier: 'bob@example.com',
        password,
        ip: '10.0.0.1',
      })
      assert.ok('user' in outcome)
      assert.equal((await call('GET', `/jobs/${started.body.id}/errors`)).status, 204)
    })

    it('tell for each user why they were not taken, and take the others', async () => {
      await createUser(server.ctx, { connection, email: 'taken@example.com' })
      const started = await post(
        formWith([
          { email: 'new@example.com' },
          { email: 'taken@example.com' },
          { email: 'no address' },
          { email: 'bcrypt@example.com', password_hash: '$2b$10$tooshort' },
          'a string',
          null,
        ]),
      )
      const job = await finished(started.body.id)
      assert.deepEqual(job['summary'], { total: 6, inserted: 1, updated: 0, failed: 5 })
      const { body } = await call('GET', `/jobs/${started.body.id}/errors`)
      const codes = (body as unknown as { user: { email?: string }; errors: { code: string }[] }[]).map(
        ({ user, errors }) => [user.email, errors[0]?.code],
      )
      assert.deepEqual(codes, [
        ['taken@example.com', 'auth0_idp_error'],
        ['no address', 'invalid_body'],
        ['bcrypt@example.com', 'unsupported_hash'],
        [undefined, 'invalid_body'],
        [undefined, 'invalid_body'],
      ])
      assert.ok(!JSON.stringify(body).includes('tooshort'))
    })

    it('change users who are there when told to, but not their address, and nobody who may do more than the caller', async () => {
      const { userId } = await createUser(server.ctx, { connection, email: 'upsert@example.com' })
      const owner = await createUser(server.ctx, { connection, email: 'owner@example.com' })
      await assignRoles(server.ctx, owner.userId, [server.ownerRole.id])
      const started = await post(
        formWith(
          [
            { email: 'upsert@example.com', name: 'Upserted' },
            { email: 'owner@example.com', blocked: true },
          ],
          { upsert: 'true' },
        ),
      )
      const job = await finished(started.body.id)
      assert.deepEqual(job['summary'], { total: 2, inserted: 0, updated: 1, failed: 1 })
      const { db } = server.ctx.store
      const after = await findUserByEmail(db, connection, 'upsert@example.com')
      assert.deepEqual([after?.userId, after?.name], [userId, 'Upserted'])
      assert.equal((await findUserByEmail(db, connection, 'owner@example.com'))?.blocked, false)
    })

    it('refuse what is no such form or file, and then take nobody', async () => {
      const large = JSON.stringify([{ email: 'large@example.com', name: 'x'.repeat(600_000) }])
      const missing = new FormData()
      missing.set('connection_id', connectionId)
      for (const [status, form] of [
        [400, 'a text'],
        [400, missing],
        [400, formWith('{"email":')],
        [400, formWith({ email: 'object@example.com' })],
        [400, formWith('[{"__proto__":{"blocked":false},"email":"proto@example.com"}]')],
        [400, formWith([{ email: 'x@example.com', name: 'a\0b' }])],
        [400, formWith([], { upsert: 'perhaps' })],
        [404, formWith([], { connection_id: 'con_0000000000000000' })],
        [413, formWith(large)],
      ] as const) {
        const answer = await post(form)
        assert.equal(answer.status, status, answer.body.message)
      }
      assert.equal((await call('POST', '/jobs/users-imports', { users: [] })).status, 400)
      for (const email of ['object@example.com', 'proto@example.com', 'x@example.com', 'large@example.com'])
        assert.equal(await findUserByEmail(server.ctx.store.db, connection, email), undefined)
    })

    it('export users as lines of JSON or as CSV, from an address that is its own credential for an hour', async () => {
      await createUser(server.ctx, {
        connection,
        email: 'export@example.com',
        name: '=cmd()|"x"',
        userMetadata: { plan: { name: 'gold' } },
      })
      const fields = [
        { name: 'email' },
        { name: 'name' },
        { name: 'user_metadata.plan.name', export_as: 'plan' },
      ]
      const fetched = async (location: unknown) =>
        server.app.inject({ url: String(location).replace(/^http:\/\/[^/]+/, '') })
      const lines = async (format: string) => {
        const job = await call('POST', '/jobs/users-exports', { format, fields, connection_id: connectionId })
        assert.deepEqual([job.status, job.body['status']], [200, 'completed'])
        const answer = await fetched(job.body['location'])
        assert.deepEqual([answer.statusCode, answer.headers['content-type']], [200, 'application/gzip'])
        return gunzipSync(answer.rawPayload).toString().split(/\r?\n/)
      }
      const json = await lines('json')
      assert.ok(
        json.includes(JSON.stringify({ email: 'export@example.com', name: '=cmd()|"x"', plan: 'gold' })),
      )
      const csv = await lines('csv')
      assert.equal(csv[0], '"email","name","plan"')
      assert.ok(csv.includes('"export@example.com","\'=cmd()|""x""","gold"'))
      assert.equal(csv.length, json.length + 1)

      const job = await call('POST', '/jobs/users-exports', { limit: 1 })
      const location = String((await call('GET', `/jobs/${job.body['id']}`)).body['location'])
      assert.equal(
        gunzipSync((await fetched(location)).rawPayload)
          .toString()
          .trimEnd()
          .split('\n').length,
        1,
      )
      assert.equal((await fetched(location.replace(/signature=./, 'signature=!'))).statusCode, 404)
      assert.equal((await fetched(location.replace(/expires=\d/, 'expires=9'))).statusCode, 404)
      now += 3_600_000
      assert.equal((await fetched(location)).statusCode, 404)
      // The token of these calls lives for an hour as well.
      now -= 3_600_000
    })

    it('mail the link that verifies an address', async () => {
      const { userId } = await createUser(server.ctx, { connection, email: 'verify@example.com' })
      const made = await call('POST', '/jobs/verification-email', { user_id: userId })
      assert.deepEqual([made.status, made.body['type']], [201, 'verification_email'])
      const [mail] = (await call('GET', '/rolecall/outbox')).body as unknown as { to: string; text: string }[]
      assert.equal(mail?.to, 'verify@example.com')
      assert.match(mail?.text ?? '', /http:\/\/localhost:5050\/u\/email-verification\?ticket=/)
      assert.equal((await call('POST', '/jobs/verification-email', { user_id: 'auth0|nobody' })).status, 404)
    })

    it('are forgotten after thirty days, with what they tell of users', async () => {
      const job = await call('POST', '/jobs/users-exports', {})
      const { db } = server.ctx.store
      assert.equal(await deleteOldJobs(db, now + 30 * 86_400_000), 0)
      assert.ok((await deleteOldJobs(db, now + 30 * 86_400_000 + 1)) > 0)
      assert.equal((await call('GET', `/jobs/${job.body['id']}`)).status, 404)
    })

    it('that give no sign of life for ten minutes have failed with their server', async () => {
      const { db } = server.ctx.store
      const data = JSON.stringify({ aliveAt: now })
      await db
        .insertInto('jobs')
        .values({
          id: 'job_dead',
          type: 'users_import',
          status: 'processing',
          data,
          created_at: now,
          finished_at: null,
        })
        .execute()
      assert.equal((await call('GET', '/jobs/job_dead')).body['status'], 'processing')
      now += 600_001
      assert.equal((await call('GET', '/jobs/job_dead')).body['status'], 'failed')
      assert.equal((await call('GET', '/jobs/job_none')).status, 404)
    })
  })
