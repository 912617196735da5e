import assert from 'node:assert/strict'
import { test } from 'node:test'
import { maxPicked, stateOf, withRows } from './selection.ts'

const rows = (from: number, to: number) =>
  new Map(Array.from({ length: to - from }, (_, at) => [`id-${from + at}`, `name ${from + at}`]))

test('rows are added to a selection and taken from it', () => {
  const both = withRows(withRows(new Map(), rows(0, 2), true), rows(2, 3), true)
  assert.deepEqual([...both.keys()], ['id-0', 'id-1', 'id-2'])
  assert.deepEqual([...withRows(both, rows(0, 2), false).values()], ['name 2'])
})

test('a selection ends at the limit, and rows that are in it count once', () => {
  const full = withRows(new Map(), rows(0, maxPicked + 5), true)
  assert.equal(full.size, maxPicked)
  assert.equal(withRows(full, rows(0, 10), true).size, maxPicked)
  assert.equal(withRows(full, rows(maxPicked, maxPicked + 1), true).has(`id-${maxPicked}`), false)
})

test('a page is selected whole, in part or not at all', () => {
  const picked = rows(0, 2)
  assert.equal(stateOf(picked, ['id-0', 'id-1']), 'all')
  assert.equal(stateOf(picked, ['id-1', 'id-2']), 'some')
  assert.equal(stateOf(picked, ['id-2']), 'none')
  assert.equal(stateOf(picked, []), 'none')
})
