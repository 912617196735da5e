import assert from 'node:assert/strict'
import { test } from 'node:test'
import { includesText, sameButForCase } from './match.ts'

test('a filter matches in any case and Unicode form', () => {
  for (const typed of ['', 'josé', 'Jose\u0301', 'SÉ G']) assert.ok(includesText('José García', typed), typed)
  assert.ok(includesText('Jose\u0301', 'josé'))
  assert.ok(!includesText('José', 'jose'))
})

test('a value that differs from another in its case only is found, and an equal one is not', () => {
  assert.equal(sameButForCase('Read:x', ['write:x', 'read:x']), 'read:x')
  assert.equal(sameButForCase('read:x', ['read:x', 'read:xy']), undefined)
})
