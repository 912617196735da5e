import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compareRoles } from './comparison.ts'

const on = (api: string, permission_name: string) => ({
  permission_name,
  description: '',
  resource_server_name: api,
  resource_server_identifier: `https://${api}.test`,
})

test('two roles are compared permission by permission, in the order of APIs and names', () => {
  const { rows, ...counts } = compareRoles(
    [on('orders', 'write:a'), on('orders', 'read:a'), on('bills', 'read:a')],
    [on('orders', 'read:a'), on('stock', 'read:a')],
  )
  assert.deepEqual(counts, { onlyFirst: 2, onlySecond: 1, both: 1 })
  assert.deepEqual(
    rows.map((row) => [row.resource_server_name, row.permission_name, row.inFirst, row.inSecond]),
    [
      ['bills', 'read:a', true, false],
      ['orders', 'read:a', true, true],
      ['orders', 'write:a', true, false],
      ['stock', 'read:a', false, true],
    ],
  )
})

test('a role compared with itself or with an empty one differs by what it holds', () => {
  const held = [on('orders', 'read:a')]
  assert.equal(compareRoles(held, held).both, 1)
  assert.deepEqual(compareRoles(held, []).onlyFirst, 1)
  assert.deepEqual(compareRoles([], []).rows, [])
})
