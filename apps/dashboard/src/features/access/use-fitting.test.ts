import assert from 'node:assert/strict'
import { test } from 'node:test'
import { fitting } from './use-fitting.ts'

test('as many whole columns are shown as fit, and always one', () => {
  assert.deepEqual([0, 222, 358, 700, 1376].map(fitting), [1, 1, 2, 4, 11])
})
