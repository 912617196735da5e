import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { isPostgres } from '../../store/migrations/column-types.ts'
import type { Db } from '../../store/store.ts'
import { stores } from '../../store/testing.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { logIn, redeem, refresh } from '../../testing/tutorial.ts'

/** Makes the store refuse to insert, or to mark as used, one kind of artifact. @returns what ends the fault */
async function breakStore(db: Db, event: 'insert' | 'update', kind: string): Promise<() => Promise<void>> {
  const name = `fault_${event}`
  const when = sql.raw(`before ${event} on artifacts for each row when (new.kind = '${kind}')`)
  if (isPostgres(db)) {
    await sql`create function ${sql.raw(name)}() returns trigger language plpgsql as ${sql.raw(
      `'begin raise exception ''fault''; end'`,
    )}`.execute(db)
    await sql`create trigger ${sql.raw(name)} ${when} execute function ${sql.raw(name)}()`.execute(db)
    return async () => {
      await sql`drop function ${sql.raw(name)} cascade`.execute(db)
    }
  }
  await sql`create trigger ${sql.raw(name)} ${when} begin select raise(abort, 'fault'); end`.execute(db)
  return async () => {
    await sql`drop trigger ${sql.raw(name)}`.execute(db)
  }
}

for (const store of stores)
  describe(`A refresh token and its successor change together (${store.name})`, () => {
    const server = tutorialServer(store)
    const first = async (params = {}) =>
      (
        await redeem(
          server,
          server.clientId,
          await logIn(server, server.clientId, 'admin@example.com', params),
        )
      ).body.refresh_token

    for (const [what, event, kind, params] of [
      ['the mark of use is not written', 'update', 'RefreshToken', {}],
      ['the successor is not written', 'insert', 'RefreshToken', {}],
      ['an opaque access token is not written', 'insert', 'AccessToken', { audience: undefined }],
    ] as const)
      test(`when ${what}, the token still works`, async () => {
        const token = await first(params)
        const repair = await breakStore(server.ctx.store.db, event, kind)
        try {
          for (let attempt = 0; attempt < 2; attempt += 1) {
            const failed = await refresh(server, server.clientId, token)
            assert.ok(failed.status >= 500, `${failed.status}`)
            assert.equal(failed.body.refresh_token, undefined)
          }
        } finally {
          await repair()
        }
        const renewed = await refresh(server, server.clientId, token)
        assert.equal(renewed.status, 200, JSON.stringify(renewed.body))
        assert.equal((await refresh(server, server.clientId, renewed.body.refresh_token)).status, 200)
        // It was used now, so a third use ends the family.
        assert.equal((await refresh(server, server.clientId, token)).status, 403)
      })

    test('of parallel uses one wins, for an API and without one', async () => {
      for (const params of [{}, { audience: undefined }]) {
        const token = await first(params)
        const answers = await Promise.all(
          Array.from({ length: 12 }, () => refresh(server, server.clientId, token)),
        )
        const won = answers.filter(({ status }) => status === 200)
        assert.equal(won.length, 1)
        for (const { status, body } of answers)
          if (status !== 200) assert.deepEqual([status, body.error], [403, 'invalid_grant'])
        assert.equal((await refresh(server, server.clientId, won[0]?.body.refresh_token ?? '')).status, 403)
      }
    })
  })
