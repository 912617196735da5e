import assert from 'node:assert/strict'
import { test } from 'node:test'
import { differencesBetween } from './difference.ts'

test('only members that differ are shown, with their paths', () => {
  assert.deepEqual(
    differencesBetween(
      { name: 'a', same: 1, deep: { on: true } },
      { name: 'b', same: 1, deep: { on: false } },
    ),
    [
      { member: 'name', before: 'a', after: 'b' },
      { member: 'deep.on', before: 'true', after: 'false' },
    ],
  )
})

test('a created object shows what it has, a deleted one what it had', () => {
  assert.deepEqual(differencesBetween(undefined, { name: 'a' }), [{ member: 'name', after: 'a' }])
  assert.deepEqual(differencesBetween({ name: 'a', nothing: null }, undefined), [
    { member: 'name', before: 'a' },
    { member: 'nothing', before: 'null' },
  ])
})

test('of a list the items that came and went are shown', () => {
  const scope = (value: string) => ({ value, description: `May ${value}` })
  assert.deepEqual(
    differencesBetween({ scopes: [scope('a'), scope('b')] }, { scopes: [scope('b'), scope('c')] }),
    [
      { member: 'scopes', before: 'a · May a' },
      { member: 'scopes', after: 'c · May c' },
    ],
  )
  assert.deepEqual(differencesBetween({ list: [1] }, { list: 'none' }), [{ member: 'list', before: '1' }])
})

test('equal states have no difference', () => {
  assert.deepEqual(differencesBetween({ a: [{ b: 1 }], c: {} }, { a: [{ b: 1 }], c: {} }), [])
  assert.deepEqual(differencesBetween(undefined, undefined), [])
})
