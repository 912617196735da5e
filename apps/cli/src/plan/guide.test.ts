import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { makeTutorial } from '@rolecall/server/test-kit'
import type { PlanFile } from './plan-file.ts'
import { testTenant } from './testing.ts'

const main = join(import.meta.dirname, '../main.ts')

test('the guide to authorization as code does what it says', { timeout: 120_000 }, async (t) => {
  const tenant = await testTenant(t)
  await makeTutorial(tenant.ctx)
  const guide = await readFile(join(import.meta.dirname, '../../../../docs/guides/as-code.md'), 'utf8')
  for (const [, file = '', text = ''] of guide.matchAll(/^```yaml (\S+)\n([^]*?)^```$/gm))
    await writeFile(join(tenant.folder, file), text)
  const commands = [...guide.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text)
  assert.equal(commands.length, 4)
  const rolecall = `rolecall() { '${process.execPath}' '${main}' "$@"; }`
  const { stdout } = await promisify(execFile)('sh', ['-c', `set -eu\n${rolecall}\n${commands.join('\n')}`], {
    cwd: tenant.folder,
    env: { ...process.env, ...tenant.env },
  })
  const [, shown = ''] = /^```text\n[^\n]*\n\n([^]*?)\n```$/m.exec(guide) ?? []
  assert.ok(stdout.includes(shown), stdout)
  assert.match(stdout, /Applied 3 requests\./)
  assert.match(stdout, /Nothing would change\.\n$/)
  const plan = JSON.parse(await readFile(join(tenant.folder, 'plan.json'), 'utf8')) as PlanFile
  assert.deepEqual(plan.effect?.users, { gaining: 0, losing: 1 })
  assert.match(await readFile(join(tenant.folder, 'tenant.yaml'), 'utf8'), /name: messages-admin/)
})
