import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { PreviewAnswer } from '@rolecall/contract'
import { sumOf } from './preview-sum.ts'

const api = 'https://api.example.com'
const first: PreviewAnswer = {
  gained: [],
  lost: [{ api, permission: 'a', users: 20_000, applications: 1 }],
  users: { gaining: 0, losing: 20_000 },
  applications: { gaining: 0, losing: 1 },
  settings: [],
  tokens: [{ api, lifetime: 60, subjects: 5 }],
  complete: false,
  next: 'auth0|z',
  examined: 20_000,
}
const last: PreviewAnswer = {
  ...first,
  gained: [{ api, permission: 'b', users: 2, applications: 0 }],
  lost: [
    { api, permission: 'a', users: 3, applications: 0 },
    { api, permission: 'c', users: 1, applications: 0 },
  ],
  users: { gaining: 2, losing: 4 },
  applications: { gaining: 0, losing: 0 },
  tokens: [
    { api, lifetime: 60, subjects: 5 },
    { api: 'other', lifetime: 60, subjects: 1 },
  ],
  complete: true,
  examined: 9,
}

test('the numbers of parts add up, and tokens are counted once for each API', () => {
  assert.deepEqual(sumOf([first]), first)
  assert.deepEqual(sumOf([first, last]), {
    gained: last.gained,
    lost: [
      { api, permission: 'a', users: 20_003, applications: 1 },
      { api, permission: 'c', users: 1, applications: 0 },
    ],
    users: { gaining: 2, losing: 20_004 },
    applications: { gaining: 0, losing: 1 },
    settings: [],
    tokens: last.tokens,
    complete: true,
    examined: 20_009,
  })
})
