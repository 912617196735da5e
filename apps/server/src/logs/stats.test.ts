import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startManagement } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { recordSignIn } from '../users/store.ts'
import { createUser } from '../users/users.ts'
import { writeLog } from './log.ts'

const day = 86_400_000

for (const kind of stores)
  describe(`statistics on ${kind.name}`, () => {
    it('count who signed in within 30 days, and sign-ins and sign-ups by day', async (t) => {
      const now = Date.UTC(2027, 2, 3, 12)
      const { ctx, call } = await startManagement(t, kind, () => now)
      const { db } = ctx.store
      for (const [email, at] of [
        ['a@example.com', now - day],
        ['b@example.com', now - 29 * day],
        ['c@example.com', now - 31 * day],
      ] as const) {
        const { userId } = await transaction(ctx, (tx) =>
          createUser(tx, { connection: 'Username-Password-Authentication', email }),
        )
        await recordSignIn(db, userId, '10.0.0.1', at)
      }
      assert.deepEqual((await call('GET', '/stats/active-users')).body, 2)
      for (const [type, date] of [
        ['s', now],
        ['s', now - day],
        ['s', Date.UTC(2027, 2, 2)],
        ['ss', now],
        ['f', now],
      ] as const)
        await writeLog(db, { type, date, description: '' })
      const { body } = await call('GET', '/stats/daily?from=20270301&to=20270303')
      assert.deepEqual(
        (body as unknown as Record<string, unknown>[]).map(({ date, logins, signups }) => [
          date,
          logins,
          signups,
        ]),
        [
          ['2027-03-01T00:00:00.000Z', 0, 0],
          ['2027-03-02T00:00:00.000Z', 2, 0],
          ['2027-03-03T00:00:00.000Z', 1, 1],
        ],
      )
      assert.equal((await call('GET', '/stats/daily')).body.length, 30)
      for (const query of [
        'from=20270303&to=20270301',
        'from=20200101&to=20270101',
        'from=2027-03-01',
        'from=20271399',
        "from=1'--",
      ])
        assert.equal((await call('GET', `/stats/daily?${query}`)).status, 400, query)
    })
  })
