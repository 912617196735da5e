import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressOf, roleOf, stepNames, type TutorialData, tutorial } from './progress.ts'

const api = { id: 'api', name: 'Mine', identifier: 'https://mine.example', scopes: [], ...times() }
const systemApi = { ...api, id: 'management', is_system: true }
const role = { id: 'rol_1', name: 'reader', description: '', type: 'tenant' as const }
const application = { client_id: 'spa', name: 'Mine', app_type: 'spa' }
const permission = { value: 'read:a', description: 'Read a' }

function times() {
  return {
    token_lifetime: 60,
    token_lifetime_for_web: 60,
    signing_alg: 'RS256' as const,
    allow_offline_access: false,
  }
}

const self = { user_id: 'auth0|self', email: 'owner@example.com' }

/** A fresh server with its one owner. The objects have the fields that matter here. */
const data = (given: object = {}): TutorialData =>
  ({
    apis: [systemApi],
    roles: [{ id: 'rol_owner', name: 'owner', description: '', type: 'system' }],
    rolesOfApi: [],
    users: { items: [self], total: 1 },
    memberCount: 0,
    applications: [{ client_id: 'dashboard', name: 'Dashboard', app_type: 'spa', is_system: true }],
    self: self.user_id,
    ...given,
  }) as unknown as TutorialData

const doneOf = (given: object) => {
  const { done } = progressOf(data(given))
  return stepNames.filter((name) => done[name])
}

test('on a fresh server nothing is done: what the system keeps does not count', () => {
  const progress = progressOf(data())
  assert.deepEqual(doneOf({}), [])
  assert.equal(progress.api, undefined)
  assert.equal(progress.role, undefined)
  assert.equal(progress.client, undefined)
  assert.equal(progress.userCount, 0)
  assert.deepEqual(progress.users, [])
})

test('RBAC is done with both settings only', () => {
  const withApi = (changes: object) => ({ apis: [systemApi, { ...api, ...changes }] })
  assert.deepEqual(doneOf(withApi({})), ['api'])
  assert.deepEqual(doneOf(withApi({ enforce_policies: true })), ['api'])
  assert.deepEqual(doneOf(withApi({ token_dialect: 'access_token_authz' })), ['api'])
  for (const token_dialect of ['access_token_authz', 'rfc9068_profile_authz'])
    assert.deepEqual(doneOf(withApi({ enforce_policies: true, token_dialect })), ['api', 'rbac'])
})

test('each of the other steps is done by its object', () => {
  assert.deepEqual(doneOf({ apis: [{ ...api, scopes: [permission] }] }), ['api', 'permission'])
  assert.deepEqual(doneOf({ roles: [role] }), ['role'])
  const rolesOfApi = [{ role_id: role.id, permission_name: 'read:a' }]
  assert.deepEqual(doneOf({ roles: [role], rolesOfApi }), ['role', 'grant'])
  assert.deepEqual(doneOf({ memberCount: 1 }), ['assign'])
  assert.deepEqual(doneOf({ applications: [application] }), ['client'])
  assert.deepEqual(doneOf({ applications: [{ ...application, app_type: 'native' }] }), [])
})

test('two users are needed, without the person who is logged in', () => {
  const users = (total: number) => ({ users: { items: [self, { user_id: 'auth0|1' }], total } })
  assert.deepEqual(doneOf(users(2)), [])
  assert.deepEqual(doneOf(users(3)), ['users'])
  assert.deepEqual(
    progressOf(data(users(3))).users.map(({ user_id }) => user_id),
    ['auth0|1'],
  )
})

test('of several objects those of the tutorial are shown', () => {
  const progress = progressOf(
    data({
      apis: [systemApi, api, { ...api, id: 'tutorial', identifier: tutorial.api.identifier }],
      roles: [role, { ...role, id: 'rol_2', name: tutorial.role.name }],
      rolesOfApi: [
        { role_id: 'rol_1', permission_name: 'read:a' },
        { role_id: 'rol_2', permission_name: 'read:b' },
      ],
      applications: [application, { ...application, client_id: 'tutorial', name: tutorial.client.name }],
    }),
  )
  assert.equal(progress.api?.id, 'tutorial')
  assert.equal(progress.role?.id, 'rol_2')
  assert.equal(progress.client?.client_id, 'tutorial')
  assert.deepEqual(progress.held, ['read:b'])
})

test('without the tutorial’s role, one that holds a permission of the API is shown', () => {
  const roles = [role, { ...role, id: 'rol_2', name: 'writer' }]
  assert.equal(roleOf(roles, [])?.id, 'rol_1')
  assert.equal(roleOf(roles, [{ role_id: 'rol_2', permission_name: 'read:a' }])?.id, 'rol_2')
})
