import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differencesOf } from './differences.ts'

const labels = { name: 'Name', enabled: 'Enable', grants: 'Grants', lifetime: 'Lifetime' }
const values = { name: 'a', enabled: true, grants: ['password'], lifetime: '60' }

test('only fields with different values are listed, by their names on the page', () => {
  assert.deepEqual(differencesOf(labels, values, { ...values }), [])
  assert.deepEqual(differencesOf(labels, values, { ...values, name: 'b', enabled: false }), [
    { field: 'Name', theirs: 'a', yours: 'b' },
    { field: 'Enable', theirs: 'Yes', yours: 'No' },
  ])
})

test('lists are compared by their content', () => {
  assert.deepEqual(differencesOf(labels, values, { ...values, grants: ['password'] }), [])
  assert.deepEqual(differencesOf(labels, values, { ...values, grants: [] }), [
    { field: 'Grants', theirs: '["password"]', yours: '[]' },
  ])
})
