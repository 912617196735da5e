import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Log } from '@rolecall/contract'
import { assignmentsIn } from './assignments.ts'

const entry = (log_id: string, description: string, ...roles: string[]): Log => ({
  _id: log_id,
  log_id,
  date: '2026-01-01T00:00:00.000Z',
  type: 'sapi',
  description,
  isMobile: false,
  details: {
    targets: [
      { type: 'user', id: 'auth0|1', name: 'ada@example.com' },
      ...roles.map((id) => ({ type: 'role', id, name: id })),
    ],
  },
})

test('the latest assignment of each role is found, from the user and from the role', () => {
  const found = assignmentsIn([
    entry('5', 'Take roles from a user', 'rol_3'),
    entry('4', 'Assign users to a role', 'rol_1'),
    entry('3', 'Assign roles to a user', 'rol_1', 'rol_2'),
    entry('2', 'Update a user'),
    entry('1', 'Assign roles to a user', 'rol_2'),
  ])
  assert.deepEqual(
    [...found].map(([role, { log_id }]) => [role, log_id]),
    [
      ['rol_1', '4'],
      ['rol_2', '3'],
    ],
  )
})
