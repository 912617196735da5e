import assert from 'node:assert/strict'
import { test } from 'node:test'
import { common, lasting, number } from './text.ts'

test('numbers have separators, and one is singular', () => {
  assert.equal(number(1_234_567), '1,234,567')
  assert.equal(common.count(0, 'role', 'roles'), '0 roles')
  assert.equal(common.count(1, 'role', 'roles'), '1 role')
  assert.equal(common.count(1_000, 'role', 'roles'), '1,000 roles')
  assert.equal(common.pageOf(51, 100, 100_003), '51–100 of 100,003')
})

test('a duration has the largest unit that leaves no rest', () => {
  assert.deepEqual([86_400, 7_200, 5_400, 90, 1].map(lasting), [
    '1 day',
    '2 hours',
    '90 minutes',
    '90 seconds',
    '1 second',
  ])
})
