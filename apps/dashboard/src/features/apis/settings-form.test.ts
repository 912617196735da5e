import assert from 'node:assert/strict'
import { test } from 'node:test'
import { questionOf, toUpdate, toValues, type Values, validate } from './settings-form.ts'

const values: Values = {
  name: 'API',
  enforce_policies: true,
  adds_permissions: true,
  rfc9068: false,
  token_lifetime: '86400',
  token_lifetime_for_web: '7200',
  signing_alg: 'RS256',
  allow_offline_access: false,
}

test('the two settings of RBAC and the profile make one token_dialect', () => {
  const dialect = (changes: Partial<Values>) => toUpdate({ ...values, ...changes }).token_dialect
  assert.equal(dialect({}), 'access_token_authz')
  assert.equal(dialect({ adds_permissions: false }), 'access_token')
  assert.equal(dialect({ rfc9068: true }), 'rfc9068_profile_authz')
  assert.equal(dialect({ rfc9068: true, adds_permissions: false }), 'rfc9068_profile')
})

test('without RBAC no permissions are added, whatever the second setting says', () => {
  assert.equal(toUpdate({ ...values, enforce_policies: false }).token_dialect, 'access_token')
})

test('switching RBAC on or off, or the permissions in tokens off, has a question', () => {
  const ask = (before: Partial<Values>, after: Partial<Values>) =>
    questionOf({ ...values, ...before }, { ...values, ...after })?.('Shop')
  assert.equal(ask({}, { enforce_policies: false }), 'Switch RBAC off for Shop?')
  assert.equal(ask({}, { adds_permissions: false }), 'Leave permissions out of the tokens for Shop?')
  assert.equal(ask({}, { name: 'Other' }), undefined)
  // It takes scopes away from users who hold no permission.
  assert.equal(ask({ enforce_policies: false }, {}), 'Switch RBAC on for Shop?')
  assert.equal(ask({ adds_permissions: false }, {}), undefined)
  assert.equal(
    ask({ enforce_policies: false }, { enforce_policies: false, adds_permissions: false }),
    undefined,
  )
})

test('what is read is what was written', () => {
  const read = toValues({
    id: '1',
    identifier: 'x',
    ...toUpdate(values),
    skip_consent_for_verifiable_first_party_clients: true,
    subject_type_authorization: { user: { policy: 'allow_all' }, client: { policy: 'require_client_grant' } },
  })
  assert.deepEqual(read, values)
})

test('a lifetime is a whole number of seconds, and in browsers no longer than elsewhere', () => {
  assert.deepEqual(
    Object.values(validate(values)).filter((error) => error !== undefined),
    [],
  )
  for (const token_lifetime of ['', '0', '-1', '1.5', '1e3', '2592001', ' 60'])
    assert.ok(validate({ ...values, token_lifetime }).token_lifetime, token_lifetime)
  assert.ok(validate({ ...values, token_lifetime: '60' }).token_lifetime_for_web)
  assert.ok(validate({ ...values, name: '  ' }).name)
})
