/** The server is killed during sign-ups, log-ins and rotations. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { site } from '../start/launcher.ts'
import { makeHome, type ServerProcess, startServerProcess } from './server-process.ts'
import { type Journal, makeTraffic, verify } from './traffic.ts'

const rounds = 10

test(`after each of ${rounds} kills acknowledged writes exist, partial ones do not, and revoked tokens stay revoked`, {
  timeout: 280_000,
}, async (t) => {
  let server: ServerProcess | undefined
  t.after(() => server?.end('SIGKILL'))
  const place = await site(t)
  const home = await makeHome(place, { LOG_LEVEL: 'error' })
  const total = { acknowledged: 0, signedUp: 0, families: 0, slowestStart: 0 }
  let journal: Journal | undefined
  for (let round = 0; round <= rounds; round++) {
    const started = performance.now()
    server = await startServerProcess(home.env)
    total.slowestStart = Math.max(total.slowestStart, performance.now() - started)
    if (journal) await verify(home, journal)
    if (round === rounds) break

    // Kills the server at an acknowledgement, the latest write that could be lost, while others are in progress.
    let left = randomInt(1, 30)
    const { process: victim } = server
    journal = await makeTraffic(home, () => {
      total.acknowledged++
      if (--left === 0) victim.kill('SIGKILL')
    })
    await server.end('SIGKILL')
    assert.equal(victim.signalCode, 'SIGKILL')
    assert.deepEqual(server.lines, [], 'the server complained')
    assertWhole(join(place.dir, 'rolecall.db'))
    total.signedUp += journal.signedUp.length
    total.families += journal.families.length
  }
  t.diagnostic(
    `${total.acknowledged} acknowledgements (${total.signedUp} sign-ups, ${total.families} families of tokens), none lost; slowest start ${Math.round(total.slowestStart)} ms`,
  )
})

/** Checks the store's file, read-only. */
function assertWhole(file: string): void {
  const database = new DatabaseSync(file, { readOnly: true })
  const values = (sql: string) =>
    database
      .prepare(sql)
      .all()
      .flatMap((row) => Object.values(row))
  try {
    assert.deepEqual(values('pragma integrity_check'), ['ok'])
    assert.deepEqual(values('pragma foreign_key_check'), [])
    assert.deepEqual(
      values('select email from users where user_id not in (select user_id from passwords)'),
      [],
      'a user has no password',
    )
    assert.deepEqual(
      values("select email from users where user_id not in (select key from changes where topic = 'user')"),
      [],
      'a user was not announced',
    )
  } finally {
    database.close()
  }
}
