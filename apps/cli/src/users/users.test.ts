import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { testTenant } from '../testing-tenant.ts'

it('rolecall users import reports each refused user, and users export writes what was imported', async (t) => {
  const { run, folder } = await testTenant(t)
  const users = [
    {
      email: 'eve@example.com',
      password_hash: '$2b$10$nFguVi9LsCAcvTZFKQlRKeLVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K',
      user_metadata: { plan: 'gold' },
    },
    { email: 'no address' },
  ]
  await writeFile(join(folder, 'users.json'), JSON.stringify(users))
  const imported = await run('users', 'import', 'users.json')
  assert.equal(imported.code, 1, imported.notes)
  assert.match(imported.out, /^1 users inserted, 0 updated, 1 refused\.\n {2}no address: /)
  const again = await run('users', 'import', 'users.json', '--upsert', '--json')
  assert.deepEqual(JSON.parse(again.out).job.summary, { total: 2, inserted: 0, updated: 1, failed: 1 })
  assert.equal((await run('users', 'import', 'missing.json')).code, 64)

  const exported = await run(
    'users',
    'export',
    'all.ndjson',
    '--field',
    'email',
    '--field',
    'user_metadata.plan',
  )
  assert.equal(exported.code, 0, exported.notes)
  const lines = (await readFile(join(folder, 'all.ndjson'), 'utf8')).trim().split('\n')
  assert.deepEqual(
    lines.map((line) => JSON.parse(line)).toSorted((a, b) => (a.email < b.email ? -1 : 1)),
    [
      { email: 'ada@example.com' },
      { email: 'bob@example.com' },
      { email: 'eve@example.com', 'user_metadata.plan': 'gold' },
    ],
  )
})
