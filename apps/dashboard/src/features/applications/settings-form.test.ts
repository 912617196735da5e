import assert from 'node:assert/strict'
import { test } from 'node:test'
import { removedGrantTypes, toUpdate, toValues, validate } from './settings-form.ts'

const values = toValues({ client_id: 'x', name: 'Client' })
const errorsOf = (changes: Partial<typeof values>) => validate({ ...values, ...changes })

test('each list has its own rule, and an error shows the line that breaks it', () => {
  const fragment = 'http://localhost:4040/cb#x'
  assert.match(errorsOf({ callbacks: `http://localhost:4040/cb\n${fragment}` }).callbacks ?? '', /cb#x/)
  assert.equal(errorsOf({ allowed_logout_urls: fragment }).allowed_logout_urls, undefined)
  assert.match(errorsOf({ web_origins: 'app://localhost' }).web_origins ?? '', /app:\/\/localhost/)
})

test('lifetimes matter only where refresh tokens rotate', () => {
  assert.equal(errorsOf({ rotating: false, token_lifetime: 'never' }).token_lifetime, undefined)
  assert.ok(errorsOf({ rotating: true, token_lifetime: 'never' }).token_lifetime)
})

test('an empty description is removed', () => {
  assert.equal(toUpdate({ ...values, description: '  ' }).description, null)
})

test('grant types that are taken away are named, and added ones are not', () => {
  const of = (before: string[], after: string[]) =>
    removedGrantTypes({ ...values, grant_types: before }, { ...values, grant_types: after })
  assert.deepEqual(of(['authorization_code', 'client_credentials'], ['authorization_code', 'password']), [
    'Client credentials',
  ])
  assert.deepEqual(of(['authorization_code'], ['authorization_code', 'password']), [])
})
