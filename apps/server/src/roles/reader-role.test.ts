import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ManagementServer, startManagement } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { readerRoleName } from './reader-role.ts'
import { createRole } from './roles.ts'
import { deleteRoleRow, findRoleByName } from './store.ts'

const roleOf = async ({ call }: ManagementServer) =>
  (await call('GET', '/roles')).body.find(({ name }) => String(name) === readerRoleName)
const permissionsOf = async ({ call }: ManagementServer, id: unknown) =>
  (await call('GET', `/roles/${id}/permissions?per_page=100`)).body.map((one) =>
    String(one['permission_name']),
  )

for (const kind of stores) {
  test(`a new tenant has a role that reads everything but secrets, on ${kind.name}`, async (t) => {
    const server = await startManagement(t, kind)
    const role = await roleOf(server)
    assert.equal(role?.['type'], 'system')
    const reading = server.managementApi.permissions
      .map(({ value }) => value)
      .filter((value) => value.startsWith('read:') && value !== 'read:client_keys')
    assert.deepEqual((await permissionsOf(server, role?.['id'])).toSorted(), reading.toSorted())
    const changes = [
      server.call('PATCH', `/roles/${role?.['id']}`, { name: 'x' }),
      server.call('DELETE', `/roles/${role?.['id']}`),
    ]
    for (const change of changes) assert.equal((await change).status, 403)
    assert.equal((await server.call('POST', '/roles', { name: 'Read-Only-Admin' })).status, 409)
    await ensureSystemObjects(server.ctx)
    assert.equal((await server.call('GET', '/roles?type=system')).body.length, 2)
  })

  test(`a role of the tenant that has the name stays as it is, on ${kind.name}`, async (t) => {
    const server = await startManagement(t, kind)
    await transaction(server.ctx, async (tx) => {
      const role = await findRoleByName(tx.db, readerRoleName)
      assert.ok(role)
      await deleteRoleRow(tx.db, role)
      await createRole(tx, { name: 'Read-only-admin', description: 'Ours' })
    })
    await ensureSystemObjects(server.ctx)
    const [own] = (await server.call('GET', '/roles?type=tenant')).body
    assert.deepEqual([own?.['name'], own?.['description']], ['Read-only-admin', 'Ours'])
    assert.deepEqual(await permissionsOf(server, own?.['id']), [])
    assert.equal((await server.call('GET', '/roles?type=system')).body.length, 1)
    // Once the name is free, the next start makes the role.
    await server.call('DELETE', `/roles/${own?.['id']}`)
    await ensureSystemObjects(server.ctx)
    assert.equal((await server.call('GET', '/roles?type=system')).body.length, 2)
  })
}
