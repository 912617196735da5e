import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError } from '../api/api-error.ts'
import { passwordError } from './password-error.ts'

const said = (message: string) => passwordError(new ApiError(400, message), 'excellent')

test('a password that is too weak is refused with the rules of the connection', () => {
  assert.match(said('PasswordStrengthError: Password is too weak') ?? '', /At least 10 characters/)
})

test('a common or personal password is refused for what it is', () => {
  assert.match(said('PasswordDictionaryError: Password is too common') ?? '', /most common/)
  assert.match(said('PasswordNoUserInfoError: Password contains user information') ?? '', /email or the name/)
})

test('another refusal is none of the password', () => {
  assert.equal(said('The user already exists.'), undefined)
})
