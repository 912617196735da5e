import assert from 'node:assert/strict'
import { test } from 'node:test'
import { randomPassword, randomSecret } from './random-secret.ts'

test('a password is six groups of four letters and digits that cannot be mistaken for others', () => {
  const passwords = Array.from({ length: 200 }, randomPassword)
  for (const password of passwords)
    assert.match(password, /^([a-km-zA-HJ-NP-Z2-9]{4}-){5}[a-km-zA-HJ-NP-Z2-9]{4}$/)
  assert.equal(new Set(passwords).size, passwords.length)
})

test('a secret has 256 bits', () => {
  assert.match(randomSecret(), /^[0-9a-f]{64}$/)
})
