import assert from 'node:assert/strict'
import { test } from 'node:test'
import { undoMessage } from './undo-message.ts'

const undone = { isUndone: true, left: [] }

test('an undo says that it is done, or that there was nothing to undo', () => {
  assert.deepEqual(undoMessage([undone]), { isWhole: true, message: 'Undone.' })
  assert.deepEqual(undoMessage([{ isUndone: false, left: [] }]), {
    isWhole: true,
    message: 'Nothing to undo: it was so before.',
  })
})

test('an undo names what is left, and each reason of a refusal once', () => {
  assert.deepEqual(undoMessage([undone, { isUndone: true, left: ['read:a', 'read:b'] }]), {
    isWhole: false,
    message: 'Undone in part. Changed or deleted in the meantime, and left as it is: read:a, read:b.',
  })
  const refused = { isUndone: false, left: [], refusal: 'Your roles do not allow this.' }
  assert.deepEqual(undoMessage([refused, refused]), {
    isWhole: false,
    message: 'Not undone. Your roles do not allow this.',
  })
  const seven = ['1', '2', '3', '4', '5', '6', '7']
  assert.match(undoMessage([{ isUndone: false, left: seven }]).message, /1, 2, 3, 4, 5 and 2 more\.$/)
})
