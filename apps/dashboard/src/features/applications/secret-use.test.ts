import assert from 'node:assert/strict'
import { test } from 'node:test'
import { recentUse } from './secret-use.ts'

const now = Date.parse('2030-01-02T00:00:00Z')
const last_used_at = '2030-01-01T00:00:01.000Z'

test('a secret was used recently, if its last use is less than 24 hours ago', () => {
  assert.equal(recentUse([{ kind: 'previous', last_used_at }], 'previous', now), last_used_at)
  assert.equal(recentUse([{ kind: 'previous', last_used_at }], 'previous', now + 1_000), undefined)
  assert.equal(recentUse([{ kind: 'current', last_used_at }], 'previous', now), undefined)
  assert.equal(recentUse([{ kind: 'previous' }], 'previous', now), undefined)
})
