import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  findConnection,
  findSystemApi,
  findSystemRole,
  listApplications,
  ownerRoleName,
  transaction,
  updateTenantSettings,
} from '@rolecall/server/test-kit'
import { stores, temporaryFolder } from '@rolecall/server/test-kit/store'
import { type HttpsServer, startHttpsServer } from './https-server.ts'
import { addObjects } from './objects.ts'

const cli = createRequire(import.meta.url).resolve('auth0-deploy-cli/lib/index.js')
const included = ['resourceServers', 'roles', 'clients', 'clientGrants', 'databases', 'connections', 'tenant']
const settings = { AUTH0_INCLUDED_ONLY: JSON.stringify(included), AUTH0_ALLOW_DELETE: 'true' }

/** Exports with the tool and returns the text of the file that it wrote. */
async function exported({ run }: HttpsServer, folder: string): Promise<string> {
  await run(cli, ['export', '--format', 'yaml', '--output_folder', folder], settings)
  return readFile(join(folder, 'tenant.yaml'), 'utf8')
}

for (const kind of stores)
  test(`auth0-deploy-cli on ${kind.name}: importing an export with deletions restores the exported state`, async (t) => {
    const server = await startHttpsServer(t, kind)
    const { ctx } = server
    const folder = await temporaryFolder(t)
    await addObjects(ctx, 'orders')
    await transaction(ctx, (tx) =>
      updateTenantSettings(tx, {
        friendly_name: 'Example Tenant',
        session_lifetime: 24,
        allowed_logout_urls: ['https://orders.example.com/bye'],
      }),
    )
    const before = await exported(server, folder)
    for (const name of [
      'orders API',
      'orders clerk',
      'orders SPA',
      'orders worker',
      'orders-customers',
      'orders-partner',
      'orders-github',
      'role: orders clerk',
      'Example Tenant',
    ])
      assert.ok(before.includes(name), `${name} is in the file`)
    for (const name of [
      'Rolecall Account',
      'Rolecall Dashboard',
      'All Applications',
      'Auth0 Management API',
      `name: ${ownerRoleName}`,
    ])
      assert.ok(!before.includes(name), `${name} belongs to the server`)

    assert.ok(
      before.includes('domain: tenant.eu.auth0.com'),
      'the settings of a lazy migration are in the file',
    )
    assert.ok(!/a-secret-of|client_secret/.test(before), 'no credentials are')

    // These objects are not in the file.
    await addObjects(ctx, 'surplus')
    await transaction(ctx, (tx) => updateTenantSettings(tx, { friendly_name: 'Surplus Tenant' }))
    await server.run(cli, ['import', '--input_file', join(folder, 'tenant.yaml')], settings)
    assert.equal(await exported(server, folder), before)
    const customers = await findConnection(ctx.store.db, 'orders-customers')
    assert.ok(customers?.migrationSecrets, 'an import without the credentials keeps them')
    for (const name of ['orders-partner', 'orders-github']) {
      const provider = await findConnection(ctx.store.db, name)
      assert.ok(provider?.migrationSecrets, `an import without the secret of ${name} keeps it`)
    }

    const names = (await listApplications(ctx.store.db, {}).slice({ offset: 0, limit: 100 })).map(
      ({ name }) => name,
    )
    assert.deepEqual(names, [
      'All Applications',
      'Management Tool',
      'Rolecall Account',
      'Rolecall Dashboard',
      'orders SPA',
      'orders worker',
    ])
    assert.ok(await findSystemRole(ctx.store.db, ownerRoleName))
    assert.ok(await findSystemApi(ctx.store.db))
  })

test('auth0-deploy-cli exports without a list of included resources', async (t) => {
  const [kind] = stores
  assert.ok(kind)
  const server = await startHttpsServer(t, kind)
  const folder = await temporaryFolder(t)
  const output = await server.run(cli, ['export', '--format', 'yaml', '--output_folder', folder])
  assert.match(output, /Export Successful/)
})
