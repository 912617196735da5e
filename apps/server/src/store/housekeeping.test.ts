import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createApp } from '../app.ts'
import { writeLogs } from '../logs/log.ts'
import { createMailer } from '../mail/mailer.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { startHousekeeping } from './housekeeping.ts'
import { stores } from './testing.ts'

const day = 86_400_000
const minute = 60_000

for (const kind of stores)
  describe(`housekeeping on ${kind.name}`, () => {
    const logEntries = async ({ ctx: { store } }: TestServer, days: number, count: number, now: number) => {
      const entries = Array.from({ length: count }, (_, index) => ({
        type: 'sapi' as const,
        description: `${days} days old`,
        date: now - days * day + index,
        targets: [{ type: 'role' as const, id: `rol_${index}`, name: 'a role' }],
      }))
      for (let start = 0; start < count; start += 500)
        await writeLogs(store.db, entries.slice(start, start + 500))
    }
    const left = async ({ ctx: { store } }: TestServer) => {
      const logs = await store.db.selectFrom('logs').select(['log_id', 'description']).execute()
      const targets = await store.db.selectFrom('log_targets').select('log_id').execute()
      const ids = new Set(logs.map(({ log_id }) => log_id))
      assert.ok(
        targets.every(({ log_id }) => ids.has(log_id)),
        'no target of a deleted entry stays',
      )
      const counts: Record<string, number> = {}
      for (const { description } of logs) counts[description] = (counts[description] ?? 0) + 1
      return counts
    }

    it('deletes what is older than the settings say, in more than one batch, and nothing else', async (t) => {
      const now = Date.UTC(2027, 5, 1)
      const server = await startServer(t, kind, { clock: () => now })
      const { db } = server.ctx.store
      await logEntries(server, 91, 2_300, now)
      await logEntries(server, 89, 3, now)
      for (const [id, days] of [
        ['old', 31],
        ['new', 29],
      ] as const) {
        const mailer = createMailer({}, server.ctx.store, () => now - days * day)
        await mailer.send({ to: `${id}@example.com`, subject: id, text: id, html: id })
        await mailer.close()
        const at = { created_at: now - days * day, finished_at: now - days * day }
        await db
          .insertInto('jobs')
          .values({ id: `job_${id}`, type: 'users_export', status: 'completed', data: '{}', ...at })
          .execute()
        await db
          .insertInto('artifacts')
          .values({
            kind: 'RefreshToken',
            id_hash: id,
            payload: '',
            created_at: 0,
            consumed_at: now - days * 3 * day,
            expires_at: now + day,
          })
          .execute()
      }
      await server.app.housekeeping.run()
      assert.deepEqual(await left(server), { '89 days old': 3 })
      assert.deepEqual(await db.selectFrom('jobs').select('id').execute(), [{ id: 'job_new' }])
      assert.deepEqual(await db.selectFrom('outbox').select('subject').execute(), [{ subject: 'new' }])
      assert.deepEqual(await db.selectFrom('artifacts').select('id_hash').execute(), [{ id_hash: 'new' }])
    })

    it('keeps the log where its retention is switched off', async (t) => {
      const now = Date.UTC(2027, 5, 1)
      const retentionDays = { logs: 0, jobs: 0, mail: 0, usedTokens: 0 }
      const server = await startServer(t, kind, { clock: () => now, config: { retentionDays } })
      await logEntries(server, 4_000, 2, now)
      await server.app.housekeeping.run()
      assert.deepEqual(await left(server), { '4000 days old': 2 })
    })

    it('is done by one server at a time, and by another one when that one has ended', async (t) => {
      let now = Date.UTC(2027, 5, 1)
      const first = await startServer(t, kind, { clock: () => now })
      const app = await createApp(first.ctx, first.keys)
      t.after(() => app.close())
      await first.app.housekeeping.run()
      await logEntries(first, 100, 2, now)
      await Promise.all([first.app.housekeeping.run(), app.housekeeping.run()])
      assert.deepEqual(await left(first), { '100 days old': 2 })
      now += 5 * minute
      await app.housekeeping.run()
      assert.deepEqual(await left(first), {})
    })

    it('takes a turn that a wrong clock has put into the future', async (t) => {
      let now = Date.UTC(2037, 0, 1)
      const server = await startServer(t, kind, { clock: () => now })
      await server.app.housekeeping.run()
      now = Date.UTC(2027, 5, 1)
      await logEntries(server, 100, 1, now)
      await server.app.housekeeping.run()
      assert.deepEqual(await left(server), {})
    })

    it('goes on after a deletion that fails, and ends where another server has taken over', async (t) => {
      let now = Date.UTC(2027, 5, 1)
      const store = await kind.open(t)
      const problems: unknown[] = []
      const done: string[] = []
      const other = startHousekeeping({ store, clock: () => now }, [], () => {})
      const housekeeping = startHousekeeping(
        { store, clock: () => now },
        [
          async () => Promise.reject(new Error('the store is away')),
          async () => {
            done.push('a batch')
            now += 5 * minute
            await other.run()
            return 1
          },
          async () => {
            done.push('the next sweep')
            return 0
          },
        ],
        (error) => problems.push(error),
      )
      await housekeeping.run()
      assert.deepEqual(done, ['a batch'])
      assert.match(String(problems), /^Error: the store is away$/)
      await Promise.all([housekeeping.stop(), other.stop()])
    })

    it('stops between two batches', async (t) => {
      const store = await kind.open(t)
      let batches = 0
      const housekeeping = startHousekeeping(
        { store, clock: Date.now },
        [
          async () => {
            batches++
            void housekeeping.stop()
            return 1
          },
        ],
        (error) => assert.fail(String(error)),
      )
      await housekeeping.run()
      assert.equal(batches, 1)
    })
  })
