import assert from 'node:assert/strict'
import { test } from 'node:test'
import { common, number } from './text.ts'

test('numbers have separators, and one is singular', () => {
  assert.equal(number(1_234_567), '1,234,567')
  assert.equal(common.count(0, 'role', 'roles'), '0 roles')
  assert.equal(common.count(1, 'role', 'roles'), '1 role')
  assert.equal(common.count(1_000, 'role', 'roles'), '1,000 roles')
  assert.equal(common.pageOf(51, 100, 100_003), '51–100 of 100,003')
})
