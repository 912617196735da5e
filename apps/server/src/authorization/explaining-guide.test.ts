import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { promisify } from 'node:util'
import type { ClaimsAnswer, Explanation, PermissionUser, PreviewAnswer } from '@rolecall/contract'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { startServer } from '../testing/server.ts'
import { makeTutorial, requestToken } from '../testing/tutorial.ts'

test('the guide to explaining access does what it says', { timeout: 60_000 }, async (t) => {
  const [kind] = stores
  assert.ok(kind)
  const server = await startServer(t, kind)
  const { admin, role, spa } = await makeTutorial(server.ctx)
  const { managementApi } = await ensureSystemObjects(server.ctx)
  const guide = await readFile(
    new URL('../../../../docs/guides/explaining-access.md', import.meta.url),
    'utf8',
  )
  const [, named = ''] = /with the scopes `([^`]+)`/.exec(guide) ?? []
  const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
    createApplication(tx, { name: 'Reader', app_type: 'non_interactive' }),
  )
  const { clientId } = application
  await transaction(server.ctx, (tx) =>
    createClientGrant(tx, { clientId, apiId: managementApi.id, scope: named.split(' ') }),
  )
  const { body } = await requestToken(server, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    audience: managementApi.identifier,
  })
  const folder = await mkdtemp(join(tmpdir(), 'rolecall-guide-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const commands = [...guide.matchAll(/^```sh\n([^]*?)^```$/gm)].map(([, text = '']) => text)
  await promisify(execFile)('sh', ['-c', `set -eu\n${commands.join('\n')}`], {
    cwd: folder,
    env: {
      PATH: process.env['PATH'],
      ISSUER: server.issuer,
      TOKEN: body.access_token,
      USER_ID: admin.userId,
      CLIENT_ID: spa.clientId,
    },
  })
  const read = async <Answer>(file: string) =>
    JSON.parse(await readFile(join(folder, file), 'utf8')) as Answer
  const explained = await read<Explanation>('explanation.json')
  const held = { id: role.id, name: role.name, direct: true, connections: [] }
  assert.deepEqual([explained.allowed, explained.sources.roles], [true, [held]])
  const users = await read<PermissionUser[]>('users.json')
  assert.deepEqual(
    users.map(({ user_id }) => user_id),
    [admin.userId],
  )
  assert.deepEqual(await read('clients.json'), [])
  const { claims } = await read<ClaimsAnswer>('claims.json')
  assert.deepEqual([claims?.['scope'], claims?.['permissions']], ['openid profile', ['read:admin-messages']])
  const { lost } = await read<PreviewAnswer>('preview.json')
  assert.deepEqual(
    lost.map(({ permission, users: losing }) => [permission, losing]),
    [['read:admin-messages', 1]],
  )
})
