import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { sql } from 'kysely'
import { StoreError } from './errors.ts'
import { openStore } from './open-store.ts'
import { temporaryFolder } from './testing.ts'

const ROUNDS = 20
const WRITER = fileURLToPath(new URL('./testing-writer.ts', import.meta.url))

test(`no acknowledged row is lost in ${ROUNDS} kills of a writing server, and the next start needs no repair`, async (t) => {
  const file = join(await temporaryFolder(t), 'rolecall.db')
  const acknowledged = new Set<string>()
  for (let round = 0; round < ROUNDS; round++) {
    const writer = spawn(process.execPath, [WRITER, file, `round${round}`], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.after(() => writer.kill('SIGKILL'))
    const before = acknowledged.size
    for await (const id of createInterface(writer.stdout)) {
      acknowledged.add(id)
      if (acknowledged.size === before + 1) await assert.rejects(openStore({ file }), StoreError)
      // A different moment in each round; what it printed until it died counts too.
      if (acknowledged.size === before + 5 + round * 13) writer.kill('SIGKILL')
    }
    if (writer.signalCode === null) await once(writer, 'exit')
    assert.equal(writer.signalCode, 'SIGKILL')

    const store = await openStore({ file })
    const rows = await store.db.selectFrom('settings').select('id').execute()
    const { rows: problems } = await sql`pragma integrity_check`.execute(store.db)
    await store.close()
    const found = new Set(rows.map(({ id }) => id))
    assert.deepEqual(
      [...acknowledged].filter((id) => !found.has(id)),
      [],
    )
    assert.deepEqual(problems, [{ integrity_check: 'ok' }])
    const single = [...found].filter((id) => isOfTransaction(id) && !found.has(twinOf(id)))
    assert.deepEqual(single, [], 'a transaction was kept by half')
  }
  t.diagnostic(`${acknowledged.size} acknowledged rows, none lost`)
})

function isOfTransaction(id: string): boolean {
  return Number(id.split('-')[1]) % 2 === 1
}

function twinOf(id: string): string {
  return id.endsWith('-twin') ? id.slice(0, -'-twin'.length) : `${id}-twin`
}
