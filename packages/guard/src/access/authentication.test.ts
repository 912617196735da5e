import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  allOf,
  anyOf,
  authentication,
  GuardError,
  InsufficientAuthenticationError,
  type Subject,
} from '../index.ts'

const view = () => ({ method: 'GET', path: '/', params: {}, request: undefined })
const loggedIn = (claims: Record<string, unknown>, permissions: readonly string[] = []): Subject => ({
  sub: 'user-1',
  issuer: 'https://issuer.test/',
  permissions,
  scope: [],
  claims: { iss: 'https://issuer.test/', sub: 'user-1', aud: 'a', exp: 1, ...claims },
})

test('an authentication is recent up to its age, by the clock that it is given', () => {
  const recent = authentication({ maxAge: 300, now: () => 1_000_000 })
  const at = (auth_time: number) => recent.allows(loggedIn({ auth_time }), view)
  assert.equal(at(1_000), true)
  assert.equal(at(700), true)
  assert.equal(at(1_060), true)
  for (const time of [699, 1_061, Number.NaN, Number.POSITIVE_INFINITY])
    assert.throws(() => at(time), InsufficientAuthenticationError)
})

test('without a value, with an empty list and with one that breaks the challenge it is not declared', () => {
  const options: Parameters<typeof authentication>[0][] = [
    {},
    { acr: [] },
    { acr: '' },
    { acr: 'a b' },
    { acr: 'a"b' },
    { acr: ['gold', 'a\\b'] },
    { maxAge: -1 },
    { maxAge: 1.5 },
    { maxAge: Number.NaN },
  ]
  for (const option of options) assert.throws(() => authentication(option), TypeError)
})

test('the order decides: permissions first, and an alternative that is met needs no step-up', () => {
  const gold = authentication({ acr: 'gold' })
  assert.equal(allOf('read:a', gold).allows(loggedIn({}), view), false)
  assert.equal(anyOf('read:a', gold).allows(loggedIn({}, ['read:a']), view), true)
  assert.throws(
    () => anyOf('read:a', gold).allows(loggedIn({}), view),
    (error) => error instanceof GuardError && error.reasonCode === 'missing_acr',
  )
})

test('it is described in lists of routes', () => {
  const both = allOf('read:a', authentication({ acr: ['gold', 'silver'], maxAge: 60 }))
  assert.equal(String(both), '(read:a and acr gold or silver and log-in within 60 s)')
})
