import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toUpdate, type Values, validate } from './details-form.ts'

const base: Values = {
  email: 'ada@example.com',
  username: 'ada',
  name: 'Ada',
  nickname: 'ada',
  email_verified: true,
  user_metadata: '{"team": "blue", "floor": 2}',
  app_metadata: '{}',
}
const change = (changes: Partial<Values>) => toUpdate({ ...base, ...changes }, base)

test('only what was changed is sent', () => {
  assert.deepEqual(change({}), {})
  assert.deepEqual(change({ nickname: ' countess ' }), { nickname: 'countess' })
})

test('a new address is verified again, and an empty user name removes it', () => {
  assert.deepEqual(change({ email: ' king@example.com ', username: '' }), {
    email: 'king@example.com',
    verify_email: true,
    username: null,
  })
  const unverified = { ...base, email_verified: false }
  assert.deepEqual(toUpdate({ ...unverified, email: 'king@example.com', email_verified: true }, unverified), {
    email: 'king@example.com',
    verify_email: false,
    email_verified: true,
  })
  assert.equal(validate({ ...base, email: 'ada@' }).email, 'Enter a valid email address.')
  assert.equal(validate(base).email, undefined)
})

test('a member that was removed from the metadata is sent as null, because the server merges', () => {
  assert.deepEqual(change({ user_metadata: '{"team": "red"}' }), {
    user_metadata: { floor: null, team: 'red' },
  })
  assert.deepEqual(change({ user_metadata: '' }), { user_metadata: { floor: null, team: null } })
})

test('metadata is a JSON object', () => {
  const errorOf = (user_metadata: string) => validate({ ...base, user_metadata }).user_metadata
  assert.equal(errorOf('{"team": "blue"}'), undefined)
  assert.equal(errorOf(''), undefined)
  for (const wrong of ['{"team": ', '[]', '"text"', 'null', '1']) assert.ok(errorOf(wrong), wrong)
})
