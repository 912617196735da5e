import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { test } from 'node:test'
import { root } from '../start/launcher.ts'
import { clients, tryClients } from './journey.ts'

test('the tests cover all ten clients that the launcher lists', () => {
  const listed = execFileSync(process.execPath, [join(root, 'scripts/start.ts'), '--list-clients'], {
    encoding: 'utf8',
  })
  assert.deepEqual(Object.values(clients).flat().toSorted(), listed.trim().split('\n').toSorted())
  assert.equal(Object.values(clients).flat().length, 10)
})

tryClients(clients.react)
