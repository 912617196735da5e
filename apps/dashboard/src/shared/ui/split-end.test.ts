import assert from 'node:assert/strict'
import { test } from 'node:test'
import { splitEnd } from './split-end.ts'

test('a long name is split before its last words, and a short one is whole', () => {
  assert.deepEqual(splitEnd('Accounting reader'), ['Accounting reader', ''])
  assert.deepEqual(splitEnd('Customer Relationship Management lead 2'), [
    'Customer Relationship Management ',
    'lead 2',
  ])
  assert.deepEqual(splitEnd('read:attachments-of-everybody-archive'), [
    'read:attachments-of-everybody-',
    'archive',
  ])
})

test('a long word is split before its last characters, and no character is torn apart', () => {
  const [start, end] = splitEnd('x'.repeat(40))
  assert.deepEqual([start.length, end.length], [24, 16])
  const family = '👩‍👩‍👧'
  assert.deepEqual(splitEnd(family.repeat(30)), [family.repeat(14), family.repeat(16)])
})
