import assert from 'node:assert/strict'
import { test } from 'node:test'
import { permissionKey, permissionRef } from './roles.ts'
import { userQuery } from './users.ts'

test('permissions of one name on two APIs have different keys', () => {
  const on = (resource_server_identifier: string) =>
    permissionKey({ resource_server_identifier, permission_name: 'read:a' })
  assert.notEqual(on('https://a.example'), on('https://b.example'))
})

test('a reference to a permission has nothing else of the entry', () => {
  const entry = { resource_server_identifier: 'x', permission_name: 'read:a', description: 'Read a' }
  assert.deepEqual(permissionRef(entry), { resource_server_identifier: 'x', permission_name: 'read:a' })
})

test('users are searched by the beginning of an email or name, or by a whole ID', () => {
  assert.equal(userQuery('  '), undefined)
  assert.equal(userQuery('ada'), 'email:ada* OR name:ada*')
  assert.equal(userQuery('auth0|1'), 'user_id:"auth0|1"')
})

test('characters with a meaning in Lucene are escaped', () => {
  assert.equal(userQuery('a*b:c'), String.raw`email:a\*b\:c* OR name:a\*b\:c*`)
  assert.equal(userQuery('ada l'), String.raw`email:ada\ l* OR name:ada\ l*`)
})
