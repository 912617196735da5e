import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { clientFolder, clientNames } from '../../../scripts/start/clients.ts'
import { useVisitor } from '../journeys/visitor.ts'
import { root } from '../start/launcher.ts'
import { journeys } from './journey.ts'
import { type RunningClient, type Stand, startStand } from './stand.ts'

/** The slowest to build come last: they are built while the others are in use. */
const names = [
  'svelte',
  'react',
  'react-javascript',
  'react-router-6',
  'react-router-6-javascript',
  'vue',
  'vue-options',
  'vue-2',
  'angular',
  'angular-modules',
]

/** The first start of a client installs its packages. */
const patience = { timeout: 240_000 }
const visitor = useVisitor()
let stand: Stand

before(async () => {
  stand = await startStand(names)
}, patience)
after(() => stand?.close())

test('every client that the launcher lists is tried, and there are ten', () => {
  assert.deepEqual(names.toSorted(), clientNames.toSorted())
  assert.equal(names.length, 10)
})

for (const name of names)
  describe(name, () => {
    let client: RunningClient

    before(async () => {
      client = await stand.client(name)
    }, patience)

    test('it is built without a warning', () => {
      assert.doesNotMatch(client.buildOutput, /warn|deprecat/i)
    })

    for (const journey of journeys)
      test(journey.name, { timeout: 60_000 }, () => journey.take(visitor, client, stand))

    test('its own check passes', { timeout: 120_000 }, () => {
      const folder = join(root, clientFolder(name))
      // A client without a lock file is checked with the rest of the repository.
      if (!existsSync(join(folder, 'package-lock.json'))) return
      const { scripts } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
      if (scripts.check) execFileSync('npm', ['run', '--silent', 'check'], { cwd: folder, stdio: 'pipe' })
    })
  })
