import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { signIn } from '../accounts/sign-in.ts'
import { newConnection } from '../connections/connections.ts'
import { findConnection, insertConnection } from '../connections/store.ts'
import { hashPassword } from '../crypto/argon2.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignRoles } from '../roles/assignments.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { findUserByEmail } from '../users/store.ts'
import { createUser } from '../users/users.ts'
import { createImportRunner } from './import-runner.ts'
import { newJob } from './jobs.ts'
import { maxRecordBytes } from './records.ts'
import {
  claimImport,
  closeImport,
  insertBatch,
  insertJob,
  nextBatch,
  openImport,
  sealBatch,
  startImport,
} from './store.ts'
import { finishedJob, type ImportForm, postForm, postImport } from './testing.ts'
import { importBatch, LostLease } from './users-import.ts'

const connection = 'Username-Password-Authentication'
/** bcrypt of `hello`, from Auth0's documentation. */
const hello = '$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K'

for (const kind of stores)
  describe(`a users import on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.UTC(2027, 0, 1)
    let server: ManagementServer
    let connectionId: string

    before(async () => {
      server = await startManagement(end, kind, () => now)
      connectionId = (await findConnection(server.ctx.store.db, connection))?.id ?? ''
    })

    const post = (users: ImportForm['users'], fields: Record<string, string> = {}, token?: string) =>
      postImport(server, {
        users,
        fields: { connection_id: connectionId, ...fields },
        ...(token !== undefined && { token }),
      })
    const userAt = (email: string) => findUserByEmail(server.ctx.store.db, connection, email)
    const errorsOf = async (id: string) =>
      (await server.call('GET', `/jobs/${id}/errors`)).body as unknown as {
        user: Record<string, unknown>
        errors: { code: string; message: string }[]
      }[]

    async function imported(users: ImportForm['users'], fields: Record<string, string> = {}) {
      const started = await post(users, fields)
      assert.equal(started.status, 202, started.body.message)
      const job = await finishedJob(server, started.body.id)
      for (const table of ['user_imports', 'user_import_batches'] as const)
        assert.deepEqual(await server.ctx.store.db.selectFrom(table).select('job_id').execute(), [])
      return { id: started.body.id, body: job, summary: job['summary'] }
    }

    async function canSignIn(identifier: string, password: string) {
      const database = await findConnection(server.ctx.store.db, connection)
      assert.ok(database)
      const attempt = { connection: database, identifier, password, ip: '10.0.0.1' }
      return 'user' in (await signIn(server.ctx, attempt))
    }

    it('takes profiles and passwords, under the ids that users had', async () => {
      const argon2 = await hashPassword('correct horse battery staple')
      const job = await imported(
        [
          {
            email: 'Ada@Example.com',
            email_verified: true,
            user_id: 'legacy-1',
            app_metadata: { plan: 'gold' },
          },
          {
            email: 'bob@example.com',
            custom_password_hash: { algorithm: 'argon2', hash: { value: argon2 } },
          },
          { email: 'cy@example.com', password_hash: hello },
        ],
        { external_id: 'batch 7' },
      )
      assert.deepEqual(job.summary, { total: 3, inserted: 3, updated: 0, failed: 0 })
      assert.deepEqual(
        ['status', 'percentage_done', 'external_id', 'connection_id', 'upsert'].map((name) => job.body[name]),
        ['completed', 100, 'batch 7', connectionId, false],
      )
      const ada = await userAt('ada@example.com')
      assert.deepEqual(
        [ada?.userId, ada?.emailVerified, ada?.appMetadata],
        ['auth0|legacy-1', true, { plan: 'gold' }],
      )
      assert.ok(await canSignIn('bob@example.com', 'correct horse battery staple'))
      assert.ok(await canSignIn('cy@example.com', 'hello'))
      assert.equal((await server.call('GET', `/jobs/${job.id}/errors`)).status, 204)
    })

    it('refuses other spellings of an address or a user name alone, and takes the users around them', async () => {
      const job = await imported([
        { email: 'josé@bücher.example', username: 'José' },
        { email: 'jose\u0301@xn--bcher-kva.example' },
        { email: 'jose2@example.com', username: 'JOSE\u0301 ' },
        { email: 'jose3@example.com', username: 'José 3' },
      ])
      assert.deepEqual(job.summary, { total: 4, inserted: 2, updated: 0, failed: 2 })
      assert.deepEqual(
        (await errorsOf(job.id)).flatMap(({ errors }) => errors.map(({ message }) => message)),
        ['The user already exists.', 'The user already exists.'],
      )
      assert.ok(await userAt('jose3@example.com'))
    })

    it('takes the export that Auth0 makes with the hashes of a tenant', async () => {
      const raw = (oid: string, more: object) =>
        JSON.stringify({ _id: { $oid: oid }, tenant: 'example', connection, _tmp_is_unique: true, ...more })
      const job = await imported(
        [
          raw('5dea9f9c82dd7c0e76e4ec93', {
            email: 'raw1@example.com',
            email_verified: true,
            passwordHash: hello,
            password_set_date: { $date: '2019-12-06T18:36:12.412Z' },
          }),
          raw('5dea9f9c82dd7c0e76e4ec94', {
            alt_id: 'euclid',
            passwordHash: hello,
            identifiers: [{ type: 'email', value: 'raw2@example.com', verified: true }],
          }),
          raw('5dea9f9c82dd7c0e76e4ec95', { email: 'raw3@example.com', connection: 'another' }),
        ].join('\n'),
      )
      assert.deepEqual(job.summary, { total: 3, inserted: 2, updated: 0, failed: 1 })
      const [first, second] = [await userAt('raw1@example.com'), await userAt('raw2@example.com')]
      assert.deepEqual([first?.userId, first?.emailVerified], ['auth0|5dea9f9c82dd7c0e76e4ec93', true])
      assert.deepEqual([second?.userId, second?.emailVerified], ['auth0|euclid', true])
      assert.ok(await canSignIn('raw1@example.com', 'hello'))
      const [refused] = await errorsOf(job.id)
      assert.match(refused?.errors[0]?.message ?? '', /belongs to the connection another/)
    })

    it('reads an array or lines, with a byte order mark, compressed or not', async () => {
      const mark = '\uFEFF'
      const files: ((email: string) => string | Buffer)[] = [
        (email) => `${mark}[{"email":"${email}"}]`,
        (email) => `${mark}{"email":"${email}"}\r\n\r\n`,
        (email) => `\n\n  [ {"email":"${email}", "name": "a ] , \\" [ {"} ]\n`,
        (email) => gzipSync(`${mark}[{"email":"${email}"}]`),
        (email) => Buffer.concat([gzipSync(`{"email":"${email}"`), gzipSync('}\n')]),
      ]
      for (const [index, file] of files.entries()) {
        const email = `file${index}@example.com`
        const job = await imported(file(email))
        assert.deepEqual(job.summary, { total: 1, inserted: 1, updated: 0, failed: 0 }, String(index))
        assert.ok(await userAt(email))
      }
      assert.deepEqual((await imported('[]')).summary, { total: 0, inserted: 0, updated: 0, failed: 0 })
      assert.deepEqual((await imported('')).summary, { total: 0, inserted: 0, updated: 0, failed: 0 })
    })

    it('takes what this server exports', async () => {
      const other = newConnection(now, { name: 'exported', options: {} })
      await insertConnection(server.ctx.store.db, other)
      const created = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: other.name, email: 'out@example.com' }),
      )
      const made = await server.call('POST', '/jobs/users-exports', { connection_id: other.id })
      const location = String(made.body['location']).replace(/^http:\/\/[^/]+/, '')
      const file = await server.app.inject({ url: location })
      assert.deepEqual((await imported(file.rawPayload, { connection_id: other.id })).summary, {
        total: 1,
        inserted: 0,
        updated: 0,
        failed: 1,
      })
      assert.equal((await server.call('DELETE', `/users/${created.userId}`)).status, 204)
      const job = await imported(file.rawPayload, { connection_id: other.id })
      assert.deepEqual(job.summary, { total: 1, inserted: 1, updated: 0, failed: 0 })
      const back = await findUserByEmail(server.ctx.store.db, other.name, 'out@example.com')
      assert.equal(back?.userId, created.userId)
    })

    it('says for each record why it is refused, without secrets, and takes the others', async () => {
      await transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: 'taken@example.com', userId: 'taken' }),
      )
      const lines = [
        { email: 'new@example.com' },
        { email: 'taken@example.com', app_metadata: { secret: 'metadata' } },
        { email: 'other@example.com', user_id: 'auth0|taken' },
        { email: 'no address', name: 'x\0y', passwordHash: 'secret' },
        { email: 'bcrypt@example.com', password_hash: '$2b$31$secret' },
        { email: 'mfa@example.com', mfa_factors: [{ totp: { secret: 'SECRET' } }] },
        'a string',
        null,
        { email: 'both@example.com', password_hash: hello, custom_password_hash: { algorithm: 'md5' } },
      ].map((user) => JSON.stringify(user))
      const file = [
        ...lines,
        '{"email": "secret',
        '{"__proto__":{"blocked":false},"email":"proto@example.com"}',
        `{"email":"deep@example.com","app_metadata":${'['.repeat(50_000)}${']'.repeat(50_000)}}`,
        `{"email":"large@example.com","name":"${'x'.repeat(maxRecordBytes)}"}`,
        '{"email":"huge@example.com","email_verified":1e999}',
        '{"email":"last@example.com"}',
      ].join('\n')
      const notUtf8 = Buffer.from('{"email":"latin\xE9@example.com"}\n', 'latin1')
      const job = await imported(Buffer.concat([notUtf8, Buffer.from(file)]))
      assert.deepEqual(job.summary, { total: 16, inserted: 2, updated: 0, failed: 14 })
      const errors = await errorsOf(job.id)
      assert.deepEqual(
        errors.map(({ user, errors: [error] }) => [user['email'], error?.code]),
        [
          [undefined, 'invalid_body'],
          ['taken@example.com', 'auth0_idp_error'],
          ['other@example.com', 'auth0_idp_error'],
          ['no address', 'invalid_body'],
          ['bcrypt@example.com', 'unsupported_hash'],
          ['mfa@example.com', 'unsupported_mfa_factors'],
          [undefined, 'invalid_body'],
          [undefined, 'invalid_body'],
          ['both@example.com', 'invalid_body'],
          [undefined, 'invalid_body'],
          ['proto@example.com', 'invalid_body'],
          ['deep@example.com', 'invalid_body'],
          [undefined, 'invalid_body'],
          ['huge@example.com', 'invalid_body'],
        ],
      )
      const messages = errors.map(({ errors: [error] }) => error?.message ?? '')
      assert.match(messages[0] ?? '', /Line 1 is not UTF-8/)
      assert.match(messages[9] ?? '', /Line 11 is not JSON/)
      assert.match(messages[12] ?? '', /Line 14 is larger than 524288 bytes/)
      const jobs = await server.ctx.store.db.selectFrom('jobs').selectAll().where('id', '=', job.id).execute()
      const logs = await server.ctx.store.db.selectFrom('logs').selectAll().execute()
      assert.doesNotMatch(JSON.stringify([errors, jobs, logs]), /secret|nFguVi9LsCAcvTZFKQlRKe/i)
    })

    it('names the line where the boundaries between users cannot be determined, and then imports no user', async () => {
      const users = (count: number) =>
        Array.from({ length: count }, (_, i) => `{"email":"lost${i}@example.com"}`)
      for (const [status, file, reason] of [
        [400, `[\n${users(120).join(',\n')}`, /not closed, see the user that begins in line 121/],
        [400, `[\n${users(2).join(',\n')},\n{"email":"x@example.com"\n]`, /begins in line 4/],
        [400, `[${users(1).join()}]\n\n{"email":"x@example.com"}`, /Line 3 has text after the end/],
        [400, Buffer.from('\uFEFF[{}]', 'utf16le'), /UTF-16/],
        [400, Buffer.concat([gzipSync(users(2).join('\n')).subarray(0, 30)]), /compressed file is damaged/],
        [413, gzipSync(Buffer.alloc(201 * 1_024 * 1_024, ' ')), /larger than/],
      ] as const) {
        const answer = await post(file)
        assert.equal(answer.status, status, answer.body.message)
        assert.match(answer.body.message, reason)
      }
      assert.equal(await userAt('lost0@example.com'), undefined)
      assert.deepEqual(await server.ctx.store.db.selectFrom('user_imports').selectAll().execute(), [])
      const job = await imported('[{"email":"a@example.com"},,{"email":"b@example.com"},]')
      assert.deepEqual(job.summary, { total: 4, inserted: 2, updated: 0, failed: 2 })
    })

    it('refuses a form that is no such form', async () => {
      const missing = new FormData()
      missing.set('connection_id', connectionId)
      for (const [status, answer] of [
        [400, await postForm(server, 'a text')],
        [400, await postForm(server, missing)],
        [400, await post([], { upsert: 'perhaps' })],
        [404, await post([], { connection_id: 'con_0000000000000000' })],
      ] as const)
        assert.equal(answer.status, status, answer.body.message)
      const token = await server.token(`${server.clientId}@clients`, ['create:users'])
      const whole = `--x\r\ncontent-disposition: form-data; name="users"; filename="a"\r\n\r\n[]\r\n--x--\r\n`
      for (let length = 0; length < whole.length - 4; length += 3) {
        const answer = await server.app.inject({
          method: 'POST',
          url: '/api/v2/jobs/users-imports',
          headers: {
            authorization: `Bearer ${token}`,
            'content-type': 'multipart/form-data; boundary=x',
          },
          payload: whole.slice(0, length),
        })
        assert.equal(answer.statusCode, 400, `cut off after ${length}: ${answer.body}`)
      }
      assert.equal((await server.call('POST', '/jobs/users-imports', { users: [] })).status, 400)
      assert.deepEqual(await server.ctx.store.db.selectFrom('user_imports').selectAll().execute(), [])
    })

    it('changes with upsert what Auth0 changes, and no user who may do more than the caller', async () => {
      const { userId } = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: 'upsert@example.com' }),
      )
      const owner = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: 'owner@example.com' }),
      )
      await transaction(server.ctx, (tx) => assignRoles(tx, owner.userId, [server.ownerRole.id]))
      const custom_password_hash = { algorithm: 'bcrypt', hash: { value: hello } }
      const job = await imported(
        [
          {
            email: 'upsert@example.com',
            name: 'Upserted',
            blocked: true,
            username: 'u',
            custom_password_hash,
          },
          { email: 'owner@example.com', name: 'Taken over', custom_password_hash },
        ],
        { upsert: 'true' },
      )
      assert.deepEqual(job.summary, { total: 2, inserted: 0, updated: 1, failed: 1 })
      const after = await userAt('upsert@example.com')
      assert.deepEqual([after?.userId, after?.name, after?.blocked], [userId, 'Upserted', false])
      assert.equal(after?.username, undefined)
      assert.ok(await canSignIn('upsert@example.com', 'hello'))
      assert.notEqual((await userAt('owner@example.com'))?.name, 'Taken over')
      assert.ok(!(await canSignIn('owner@example.com', 'hello')))

      // Signed in, the user has a password of this server: a later import does not change it.
      const second = { algorithm: 'md5', hash: { value: '0'.repeat(32), encoding: 'hex' } }
      await imported([{ email: 'upsert@example.com', custom_password_hash: second }], { upsert: 'true' })
      assert.ok(await canSignIn('upsert@example.com', 'hello'))
    })

    it('mails its result to the owners by default', async () => {
      const mails = async () =>
        (await server.ctx.store.db.selectFrom('outbox').selectAll().execute()).filter(({ subject }) =>
          subject.startsWith('Import of users'),
        )
      const earlier = (await mails()).length
      await imported([], { send_completion_email: 'false' })
      assert.equal((await mails()).length, earlier)
      const { id } = await imported([{ email: 'mail@example.com' }, { email: '?' }], { external_id: '<b>' })
      const mail = (await mails()).find(({ text }) => text.includes(id))
      assert.equal(mail?.recipient, 'owner@example.com')
      assert.match(mail?.text ?? '', /Of 2 users 1 were inserted, 0 updated and 1 refused/)
      assert.ok(!mail?.html.includes('<b>'))
    })

    /** An import as it is after its upload, in batches of one user. */
    async function uploaded(emails: string[], into = connectionId) {
      const { ctx } = server
      const { db } = ctx.store
      const job = newJob('users_import', 'pending', now, {
        connectionId,
        summary: { total: emails.length, inserted: 0, updated: 0, failed: 0 },
      })
      assert.ok(await openImport(db, { jobId: job.id, holder: 'upload' }, now))
      await insertJob(db, job)
      for (const [seq, email] of emails.entries()) {
        const records = [{ line: seq + 1, text: JSON.stringify({ email }) }]
        await insertBatch(db, job.id, seq, sealBatch(ctx, job.id, records))
      }
      const caller = { sub: 'x', scopes: [] }
      const settings = { connectionId: into, upsert: false, sendCompletionEmail: false, caller }
      assert.ok(await startImport(db, job.id, settings))
      return job.id
    }

    it('continues after its process has ended, and that process writes nothing more', async () => {
      const { ctx } = server
      const { db } = ctx.store
      const id = await uploaded(['r1@example.com', 'r2@example.com', 'r3@example.com'])
      const lost = await claimImport(db, now)
      assert.equal(lost?.jobId, id)
      const first = await nextBatch(ctx, db, id)
      assert.ok(first)
      await importBatch(ctx, lost, first, 1)
      const second = await nextBatch(ctx, db, id)
      assert.ok(second)
      assert.equal((await server.call('GET', `/jobs/${id}`)).body['percentage_done'], 33)
      assert.equal(await claimImport(db, now + 29_999), undefined)

      now += 30_000
      const runner = createImportRunner(ctx, (error) => assert.fail(String(error)))
      await runner.run()
      await runner.close()
      const job = await finishedJob(server, id)
      assert.deepEqual(job['summary'], { total: 3, inserted: 3, updated: 0, failed: 0 })
      await assert.rejects(importBatch(ctx, lost, second, 1), LostLease)
      assert.deepEqual((await server.call('GET', `/jobs/${id}`)).body['summary'], {
        total: 3,
        inserted: 3,
        updated: 0,
        failed: 0,
      })
    })

    it('refuses a field that the store cannot keep, as it does everywhere', async () => {
      const answer = await post([{ email: 'nul@example.com' }], { external_id: 'a\u0000b' })
      assert.equal(answer.status, 400)
      assert.match(answer.body.message, /U\+0000/)
      assert.equal(await userAt('nul@example.com'), undefined)
    })

    it('refuses a third import while two are active', async () => {
      const { db } = server.ctx.store
      for (const jobId of ['one', 'two']) assert.ok(await openImport(db, { jobId, holder: 'h' }, now))
      const answer = await post([])
      assert.equal(answer.status, 429)
      assert.match(answer.body.message, /There are 2 active import users jobs/)
      for (const jobId of ['one', 'two']) await closeImport(db, jobId)
      assert.equal((await post([])).status, 202)
    })

    it('fails when its connection is deleted, and deletes its remaining users', async () => {
      const { ctx } = server
      const id = await uploaded(['gone@example.com'], 'con_gone')
      const { db } = ctx.store
      const runner = createImportRunner(ctx, (error) => assert.fail(String(error)))
      await runner.run()
      await runner.close()
      const job = await finishedJob(server, id)
      assert.deepEqual([job['status'], job['status_details']], ['failed', 'The connection was deleted'])
      assert.deepEqual(await db.selectFrom('user_import_batches').selectAll().execute(), [])
    })
  })
