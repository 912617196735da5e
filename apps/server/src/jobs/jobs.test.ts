import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { findConnection } from '../connections/store.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
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

    it('export users as lines of JSON or as CSV, from an address that is its own credential for an hour', async () => {
      await transaction(server.ctx, (tx) =>
        createUser(tx, {
          connection,
          email: 'export@example.com',
          name: '=cmd()|"x"',
          userMetadata: { plan: { name: 'gold' } },
        }),
      )
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

      const filtered = {
        format: 'csv',
        fields: [{ name: 'email' }],
        filter: { search: 'xport@', sort: 'name:-1' },
      }
      const some = await call('POST', '/jobs/users-exports', filtered)
      assert.equal(
        gunzipSync((await fetched(some.body['location'])).rawPayload).toString(),
        '"email"\r\n"export@example.com"\r\n',
      )
      for (const filter of [{ q: 'nosuchfield:x' }, { q: '(' }, { sort: 'password:1' }, { permission: 'x' }])
        assert.equal(
          (await call('POST', '/jobs/users-exports', { filter })).status,
          400,
          JSON.stringify(filter),
        )

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
      const { userId } = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: 'verify@example.com' }),
      )
      const made = await call('POST', '/jobs/verification-email', { user_id: userId })
      assert.deepEqual([made.status, made.body['type']], [201, 'verification_email'])
      const [mail] = (await call('GET', '/rolecall/outbox')).body as unknown as { to: string; text: string }[]
      assert.equal(mail?.to, 'verify@example.com')
      assert.match(mail?.text ?? '', /http:\/\/localhost:5050\/u\/email-verification\?ticket=/)
      assert.equal((await call('POST', '/jobs/verification-email', { user_id: 'auth0|nobody' })).status, 404)
    })

    it('are deleted when they are older than a given time, with the user data in them', async () => {
      const job = await call('POST', '/jobs/users-exports', {})
      const { db } = server.ctx.store
      assert.equal(await deleteOldJobs(db, now), 0)
      assert.ok((await deleteOldJobs(db, now + 1)) > 0)
      assert.equal((await call('GET', `/jobs/${job.body['id']}`)).status, 404)
    })

    it('that were lost have failed', async () => {
      const { db } = server.ctx.store
      const row = { type: 'users_import', status: 'processing', data: '{}', finished_at: null }
      await db
        .insertInto('jobs')
        .values({ id: 'job_dead', ...row, created_at: now })
        .execute()
      assert.equal((await call('GET', '/jobs/job_dead')).body['status'], 'failed')
      assert.equal((await call('GET', '/jobs/job_none')).status, 404)
    })
  })
