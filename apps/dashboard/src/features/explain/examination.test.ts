import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceServer } from '@rolecall/contract'
import { apiOf, findingsOf, isSignedAsBefore, subjectOf, thenAndNow } from './examination.ts'

const issuer = 'https://id.example.com/'
const now = 2_000_000_000
const api: ResourceServer = {
  id: 'api_1',
  name: 'Shop',
  identifier: 'https://shop.example.com',
  scopes: [
    { value: 'read:a', description: '' },
    { value: 'write:a', description: '' },
  ],
  signing_alg: 'RS256',
  token_lifetime: 86_400,
  token_lifetime_for_web: 7_200,
  allow_offline_access: false,
  skip_consent_for_verifiable_first_party_clients: true,
  subject_type_authorization: { user: { policy: 'allow_all' }, client: { policy: 'require_client_grant' } },
  enforce_policies: true,
  token_dialect: 'access_token_authz',
}
const good = { iss: issuer, aud: api.identifier, sub: 'auth0|1', azp: 'app', iat: now - 10, exp: now + 10 }
const find = (claims: object, around: Partial<Parameters<typeof findingsOf>[1]> = {}) =>
  findingsOf(
    { token: 't', header: {}, claims: { ...good, ...claims }, trimmed: [] },
    { signature: 'valid', issuer, now, api, knowsApis: true, ...around },
  )

test('each common mistake has its finding, and a good token has none', () => {
  assert.deepEqual(find({ permissions: ['read:a'] }), [])
  assert.deepEqual(find({}, { api: { ...api, token_dialect: 'access_token' } }), ['no_permissions_claim'])
  const withoutRbac = { ...api, enforce_policies: false }
  assert.deepEqual(find({ scope: 'openid read:a' }, { api: withoutRbac }), ['permission_in_scope'])
  assert.deepEqual(find({ permissions: [], iss: 'https://id.example.com' }), ['issuer_without_slash'])
  assert.deepEqual(find({ permissions: [], aud: 'https://other.example.com' }), ['wrong_audience'])
  assert.deepEqual(find({ permissions: [], iat: now + 60 }), ['issued_in_future'])
  assert.deepEqual(find({ permissions: [] }, { signature: 'unknown_key' }), ['unknown_key'])
})

test('a token for an API that is not registered has the wrong audience', () => {
  const other = { aud: 'https://other.example.com' }
  assert.deepEqual(find(other, { api: undefined }), ['wrong_audience'])
  assert.deepEqual(find(other, { api: undefined, knowsApis: false }), [])
})

test('of a token from another server the issuer is said, and not its key', () => {
  const foreign = { iss: 'https://other.example.com/' }
  assert.deepEqual(find(foreign, { signature: 'unknown_key', api: undefined }), ['wrong_issuer'])
})

test('an API that has changed between a secret and keys refuses the key of earlier tokens', () => {
  const isFormer = (alg: unknown, of = api) => isSignedAsBefore({ header: { alg } }, of)
  const found = ['RS256', 'ES256', 'HS256', 'none', undefined].map((alg) => isFormer(alg))
  assert.deepEqual(found, [false, false, true, false, false])
  assert.equal(isFormer('RS256', { ...api, signing_alg: 'HS256' }), true)
  assert.equal(isSignedAsBefore({ header: { alg: 'HS256' } }, undefined), false)
})

test('the subject is a user, or the application itself', () => {
  const of = (claims: object) => subjectOf({ claims: { ...claims } })
  assert.deepEqual(of({ sub: 'auth0|1', azp: 'app' }), { user: 'auth0|1', client: 'app' })
  assert.deepEqual(of({ sub: 'app@clients', azp: 'app', gty: 'client-credentials' }), {
    user: '',
    client: 'app',
  })
  assert.deepEqual(of({ sub: 'app@clients', client_id: 'app' }), { user: '', client: 'app' })
  assert.deepEqual(of({ sub: 7 }), { user: '', client: '' })
})

test('the API is the one of the audiences that is registered', () => {
  const of = (aud: unknown) => apiOf({ claims: { aud } }, [api])?.id
  assert.equal(of(api.identifier), 'api_1')
  assert.equal(of([`${issuer}userinfo`, api.identifier]), 'api_1')
  assert.equal(of(undefined), undefined)
  assert.equal(of({}), undefined)
})

test('permissions then and now are those of the claim and of the scope', () => {
  const claims = { permissions: ['gone:b', 'read:a'], scope: 'openid write:a' }
  assert.deepEqual(thenAndNow({ claims }, { claims: { permissions: ['read:a'] } }, api), [
    { permission: 'gone:b', before: true, now: false },
    { permission: 'read:a', before: true, now: true },
    { permission: 'write:a', before: true, now: false },
  ])
  assert.deepEqual(thenAndNow({ claims: {} }, {}, api), [])
})
