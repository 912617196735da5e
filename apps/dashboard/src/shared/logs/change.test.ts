import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ChangeTarget, Log } from '@rolecall/contract'
import { sentenceOf } from './change.ts'

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
