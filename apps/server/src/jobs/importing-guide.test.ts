import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import { signIn } from '../accounts/sign-in.ts'
import { findConnection } from '../connections/store.ts'
import { startManagement } from '../management/testing.ts'
import { stores } from '../store/testing.ts'

const name = 'Username-Password-Authentication'

test('the guide to importing users does what it says', { timeout: 60_000 }, async (t) => {
  const [kind] = stores
  assert.ok(kind)
  const server = await startManagement(t, kind)
  await server.app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = server.app.server.address() as AddressInfo
  const connection = await findConnection(server.ctx.store.db, name)
  assert.ok(connection)
  const guide = await readFile(new URL('../../../../docs/guides/importing-users.md', import.meta.url), 'utf8')
  const fences = [...guide.matchAll(/^```(\w+)(?: (\S+))?\n([^]*?)^```$/gm)]
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-guide-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  let commands = 'set -eu\n'
  for (const [, kindOfFence, file, text = ''] of fences)
    if (file === undefined) {
      assert.equal(kindOfFence, 'sh')
      commands += text
    } else await writeFile(join(folder, file), text)

  await promisify(execFile)('sh', ['-c', commands], {
    cwd: folder,
    env: {
      PATH: `${dirname(process.execPath)}:${process.env['PATH']}`,
      ISSUER: `http://127.0.0.1:${port}/`,
      TOKEN: await server.token(`${server.clientId}@clients`, ['create:users']),
      CONNECTION_ID: connection.id,
    },
  })
  const read = async (file: string): Promise<unknown> =>
    JSON.parse(await readFile(join(folder, file), 'utf8'))
  const job = (await read('job.json')) as Record<string, unknown>
  assert.deepEqual(
    [job['status'], job['summary'], job['external_id']],
    ['completed', { total: 3, inserted: 2, updated: 0, failed: 1 }, 'first-batch'],
  )
  assert.equal(((await read('errors.json')) as unknown[]).length, 1)
  for (const [identifier, password] of [
    ['ada@example.com', 'hello'],
    ['bob@example.com', 'correct horse battery staple'],
  ] as const)
    assert.ok('user' in (await signIn(server.ctx, { connection, identifier, password, ip: '192.0.2.1' })))
})
