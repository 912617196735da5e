import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChangeTarget, Log } from '@rolecall/contract'
import { sentenceOf, updateOf } from './change.ts'

const user: ChangeTarget = { type: 'user', id: 'auth0|1', name: 'ada@example.com' }
const roles: ChangeTarget[] = [
  { type: 'role', id: 'rol_1', name: 'editor' },
  { type: 'role', id: 'rol_2', name: 'auditor' },
]
const entry = (description: string, targets?: unknown, type = 'sapi'): Log => ({
  _id: '1',
  log_id: '1',
  date: '2026-01-01T00:00:00.000Z',
  type,
  description,
  isMobile: false,
  details: { targets },
})

test('a change is told with the objects that it names', () => {
  assert.deepEqual(sentenceOf(entry('Assign roles to a user', [user, ...roles])), [
    'assigned ',
    roles,
    ' to ',
    [user],
    '',
  ])
  assert.deepEqual(sentenceOf(entry('Update tenant settings', [])), ['changed the settings of the tenant'])
})

test('an entry without names, of another kind or with an unknown description has no sentence', () => {
  assert.equal(sentenceOf(entry('Assign roles to a user')), undefined)
  assert.equal(sentenceOf(entry('Assign roles to a user', [user])), undefined)
  assert.equal(sentenceOf(entry('Assign roles to a user', [user, ...roles], 'fapi')), undefined)
  assert.equal(sentenceOf(entry('toString', [user])), undefined)
  assert.equal(sentenceOf(entry('Create a user', [{ ...user, type: 'planet' }])), undefined)
})

test('an update is told with its short values, and of long or many values with the names', () => {
  const update = (before: object, after: object, description = 'Update a user') =>
    updateOf({ ...entry(description), details: { before, after } })
  assert.equal(
    update({ blocked: false, updated_at: '1' }, { blocked: true, updated_at: '2' }),
    'blocked: false → true',
  )
  assert.equal(update({}, { blocked: true }), 'blocked: – → true')
  assert.equal(
    update({ name: 'a', description: 'short' }, { name: 'b', description: 'long '.repeat(9) }),
    'name: a → b, description',
  )
  assert.equal(update({ scopes: ['a'] }, { scopes: ['b', 'c'] }), 'scopes')
  assert.equal(
    update({ a: 1, b: 1, c: 1, d: 1 }, { a: 2, b: 2, c: 2, d: 2 }),
    'a: 1 → 2, b: 1 → 2, c: 1 → 2, …',
  )
  assert.equal(update({ a: 1 }, { a: 1 }), undefined)
  assert.equal(update({ a: 1 }, { a: 2 }, 'Create a user'), undefined)
})
