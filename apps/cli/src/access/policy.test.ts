import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { orders, testTenant } from '../testing-tenant.ts'

const policy = `tests:
  - { role: Clerk, api: ${orders}, may: read:orders, may_not: write:orders }
  - { user: ada@example.com, api: ${orders}, may: [read:orders] }
  - { user: bob@example.com, api: ${orders}, may_not: read:orders }
  - { client: Worker, api: ${orders}, may: write:orders, may_not: [read:orders, unknown] }
`

it('rolecall test checks roles, users and applications, as they are and as a file would make them', async (t) => {
  const { run, folder } = await testTenant(t)
  await writeFile(join(folder, 'policy.yaml'), policy)
  const now = await run('test', 'policy.yaml')
  assert.equal(now.code, 0, now.notes)
  assert.match(now.out, /^7 of 7 expectations are met\.\n\nPermissions without a test:\n {2}purge:o'rders/)
  assert.equal((await run('test', 'policy.yaml', '--strict')).code, 1)

  await writeFile(
    join(folder, 'tenant.yaml'),
    `roles:\n  - name: clerk\n    permissions:\n      - { permission_name: write:orders, resource_server_identifier: ${orders} }\n`,
  )
  const planned = await run('test', 'policy.yaml', '--file', 'tenant.yaml')
  assert.equal(planned.code, 1)
  assert.deepEqual(planned.out.split('\n').slice(0, 4), [
    `✗ role Clerk may not read:orders on ${orders}, and should`,
    `✗ role Clerk may write:orders on ${orders}, and should not`,
    `✗ user ada@example.com may not read:orders on ${orders}, and should`,
    '4 of 7 expectations are met.',
  ])
  assert.equal((await run('test', 'policy.yaml')).code, 0, 'the tenant is as it was')

  const offline = await run('test', 'policy.yaml', '--file', 'tenant.yaml', '--offline')
  assert.deepEqual(
    [offline.code, offline.notes],
    [64, 'The user ada@example.com cannot be tested with --offline.'],
  )
  for (const [text, message] of [
    [`tests: [{ role: clerk, api: ${orders}, may: raed:orders }]`, /has no permission raed:orders/],
    [`tests: [{ role: nobody, api: ${orders}, may: read:orders }]`, /There is no role nobody/],
    [`tests: [{ role: a, user: b, api: ${orders}, may: x }]`, /needs one of user, role and client/],
    ['tests: []', /tests: /],
  ] as const) {
    await writeFile(join(folder, 'wrong.yaml'), text)
    const wrong = await run('test', 'wrong.yaml')
    assert.equal(wrong.code, 64)
    assert.match(wrong.notes, message)
  }
})
