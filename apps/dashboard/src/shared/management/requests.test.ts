import assert from 'node:assert/strict'
import { test } from 'node:test'
import { permissionKey, permissionRef } from './roles.ts'
import { noFilters, pageable, userListQuery } from './user-filters.ts'

test('permissions of one name on two APIs have different keys', () => {
  const on = (resource_server_identifier: string) =>
    permissionKey({ resource_server_identifier, permission_name: 'read:a' })
  assert.notEqual(on('https://a.example'), on('https://b.example'))
})

test('a reference to a permission has nothing else of the entry', () => {
  const entry = { resource_server_identifier: 'x', permission_name: 'read:a', description: 'Read a' }
  assert.deepEqual(permissionRef(entry), { resource_server_identifier: 'x', permission_name: 'read:a' })
})

test('filters of users become parameters of the list, and nothing where none is set', () => {
  const now = Date.parse('2026-05-01T12:00:00Z')
  assert.deepEqual(defined(userListQuery(noFilters, now)), { sort: 'email:1' })
  const all = {
    text: ' ada l ',
    role: 'rol_1',
    api: 'https://a.example',
    permission: 'read:a',
    connection: 'Staff',
  }
  const filters = { ...noFilters, ...all, status: 'blocked', logIn: 'old', sort: 'last_login:-1' }
  assert.deepEqual(defined(userListQuery(filters, now)), {
    search: 'ada l',
    role: 'rol_1',
    permission: 'read:a',
    resource_server: 'https://a.example',
    connection: 'Staff',
    q: 'blocked:true AND NOT last_login:[2026-01-31 TO *]',
    sort: 'last_login:-1',
  })
})

test('a filter that does not exist, and an API without a permission, are no filter', () => {
  const wrong = { ...noFilters, status: 'constructor', logIn: 'x', api: 'https://a.example' }
  assert.deepEqual(defined(userListQuery(wrong, 0)), { sort: 'email:1' })
})

test('what a text or a query finds is paged up to 1,000 users', () => {
  assert.equal(pageable({ search: 'a' }, 5_000), 1_000)
  assert.equal(pageable({ q: 'blocked:true' }, 20), 20)
  assert.equal(pageable({ role: 'rol_1' }, 5_000), 5_000)
})

const defined = (query: object) =>
  Object.fromEntries(Object.entries(query).filter(([, value]) => value !== undefined))
