import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { test } from 'node:test'
import {
  type GuardReasonCode,
  InsufficientScopeError,
  InvalidTokenError,
  MissingTokenError,
} from '../index.ts'
import { reasons } from './errors.ts'

const codes = Object.values(reasons).flatMap((group) => Object.keys(group))

test('the README lists every reason code once, under the error that it is answered with', async () => {
  const readme = await readFile(new URL('../../README.md', import.meta.url), 'utf8')
  const rows = [...readme.matchAll(/^\| `(\w+)` +\| (?:`(\w+)`|–)/gm)].map(([, code, error]) => [code, error])
  const expected = Object.entries(reasons).flatMap(([error, group]) =>
    Object.keys(group).map((code) => [
      code,
      // These two answers carry no `error` in their challenge.
      error === 'missing_token' || error === 'temporarily_unavailable' ? undefined : error,
    ]),
  )
  assert.deepEqual(rows, expected)
})

test('a reason code belongs to one error and is written in snake case', () => {
  assert.equal(new Set(codes).size, codes.length)
  for (const code of codes) assert.match(code, /^[a-z]+(?:_[a-z]+)*$/)
})

test('RFC 6750 §3: every reason is valid in a challenge', () => {
  for (const group of Object.values(reasons))
    for (const reason of Object.values(group)) assert.match(reason, /^[\x20\x21\x23-\x5B\x5D-\x7E]+$/)
})

test('an error carries its code, its reason code and its sentence', () => {
  const seen: [string, GuardReasonCode, string][] = [
    new MissingTokenError(),
    new InvalidTokenError('token_expired'),
    new InsufficientScopeError(['read:messages']),
  ].map((error) => [error.code, error.reasonCode, error.message])
  assert.deepEqual(seen, [
    ['missing_token', 'missing_token', 'No access token was sent'],
    ['invalid_token', 'token_expired', 'The token has expired'],
    ['insufficient_scope', 'missing_permission', 'The access token does not carry the required permission'],
  ])
  // @ts-expect-error -- no such reason code
  const unknown: GuardReasonCode = 'token_stolen'
  assert.ok(!codes.includes(unknown))
})
