import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { transaction, updateTenantSettings } from '@rolecall/server/test-kit'
import { stores, temporaryFolder } from '@rolecall/server/test-kit/store'
import { startHttpsServer } from './https-server.ts'
import { addObjects } from './objects.ts'

const deployCli = createRequire(import.meta.url).resolve('auth0-deploy-cli/lib/index.js')
const rolecall = join(import.meta.dirname, '../../../apps/cli/src/main.ts')
const included = ['resourceServers', 'roles', 'clients', 'clientGrants', 'databases', 'connections', 'tenant']
const settings = { AUTH0_INCLUDED_ONLY: JSON.stringify(included), AUTH0_ALLOW_DELETE: 'true' }

/** A server with objects, and both tools as the same application. */
async function start(t: TestContext) {
  const [kind] = stores
  assert.ok(kind)
  const server = await startHttpsServer(t, kind)
  const folder = await temporaryFolder(t)
  const env = {
    XDG_CONFIG_HOME: folder,
    ROLECALL_ISSUER: `https://${server.domain}/`,
    ROLECALL_CLIENT_ID: server.clientId,
    ROLECALL_CLIENT_SECRET: server.clientSecret,
  }
  await addObjects(server.ctx, 'orders')
  return {
    folder,
    run: (...args: string[]) => server.run(rolecall, args, env),
    deploy: (...args: string[]) => server.run(deployCli, args, settings),
    /** Changes that a file made before does not have. */
    spoil: async () => {
      await addObjects(server.ctx, 'surplus')
      await transaction(server.ctx, (tx) => updateTenantSettings(tx, { friendly_name: 'Surplus Tenant' }))
    },
  }
}

test('auth0-deploy-cli imports what rolecall exports: YAML, and a folder', async (t) => {
  const { folder, run, deploy, spoil } = await start(t)
  const yaml = join(folder, 'tenant.yaml')
  const directory = join(folder, 'tenant')
  await run('export', yaml)
  await run('export', '--format', 'directory', directory)
  for (const source of [yaml, directory]) {
    await spoil()
    await deploy('import', '--input_file', source)
    assert.match(await run('plan', source, '--delete'), /Nothing would change\./)
    await run('export', join(folder, 'after.yaml'))
    assert.equal(await readFile(join(folder, 'after.yaml'), 'utf8'), await readFile(yaml, 'utf8'))
  }
})

test('rolecall applies what auth0-deploy-cli exports: YAML, and a folder', async (t) => {
  const { folder, run, deploy, spoil } = await start(t)
  await deploy('export', '--format', 'yaml', '--output_folder', join(folder, 'before'))
  await deploy('export', '--format', 'directory', '--output_folder', join(folder, 'directory'))
  const yaml = join(folder, 'before/tenant.yaml')
  for (const source of [yaml, join(folder, 'directory')]) {
    assert.match(await run('plan', source, '--delete'), /Nothing would change\./)
    await spoil()
    const plan = join(folder, 'plan.json')
    // An application loses its grants.
    await assert.rejects(run('plan', source, '--delete', '--out', plan), /ended with 3:/)
    await run('apply', plan)
    assert.match(await run('plan', source, '--delete'), /Nothing would change\./)
    await deploy('export', '--format', 'yaml', '--output_folder', join(folder, 'after'))
    assert.equal(await readFile(join(folder, 'after/tenant.yaml'), 'utf8'), await readFile(yaml, 'utf8'))
  }
})
