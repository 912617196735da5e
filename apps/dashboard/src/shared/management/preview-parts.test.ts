import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inParts } from './preview-parts.ts'
import { removals } from './removals.ts'

const ids = Array.from({ length: 250 }, (_, index) => `auth0|${index}`)

test('changes of many users are previewed in parts, each user in one', () => {
  const parts = inParts(ids.map((id) => removals.rolesOfUser(id, ['rol_a'])))
  assert.deepEqual(
    parts.map(({ length }) => length),
    [100, 100, 50],
  )
  assert.deepEqual(
    parts.flat().map(({ path }) => path),
    ids.map((id) => removals.rolesOfUser(id, []).path),
  )
})

test('changes that can have one effect together are previewed together', () => {
  assert.equal(inParts(ids.map(removals.role)).length, 1)
  assert.equal(inParts([...ids.map(removals.user), removals.role('rol_a')]).length, 1)
  assert.equal(inParts([...ids.map(removals.user), ...ids.map(removals.blockUser)]).length, 1)
})
