import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ApiError, toApiError } from './api-error.ts'

test('a validation error names its field and says what is wrong with it', () => {
  const error = new ApiError(400, "Payload validation error: 'too long' on property callbacks[0] (nested).")
  assert.deepEqual(error.field, { name: 'callbacks', message: 'Too long' })
  assert.equal(error.explanation, 'Too long')
})

test('a length is said as what is allowed', () => {
  const said = (detail: string) =>
    new ApiError(400, `Payload validation error: '${detail}' on property name (the name).`).field?.message
  assert.equal(said('String is too long, maximum 200'), 'At most 200 characters.')
  assert.equal(said('String is too short, minimum 1'), 'At least 1 character.')
  assert.equal(said('Expected type string but found type null'), 'Expected type string but found type null')
})

test('another error has no field and is explained by its message, without its code', () => {
  const error = new ApiError(400, 'PasswordStrengthError: Password is too weak')
  assert.equal(error.field, undefined)
  assert.equal(error.explanation, 'Password is too weak')
  const line = new ApiError(400, "Payload validation error: 'Line 2 is not JSON'")
  assert.equal(line.explanation, 'Line 2 is not JSON')
})

test('an answer that is no error of the Management API keeps its status', async () => {
  const error = await toApiError(new Response('<html>', { status: 502, statusText: 'Bad Gateway' }))
  assert.equal(error.statusCode, 502)
  assert.equal(error.message, 'Bad Gateway')
})
