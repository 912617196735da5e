// The same with version 4 of the SDK, which is widely deployed and requests lists in other forms.
import assert from 'node:assert/strict'
import { AuthenticationClient, ManagementApiError, ManagementClient } from 'auth0-v4'

const {
  AUTH0_DOMAIN: domain = '',
  AUTH0_CLIENT_ID: clientId = '',
  AUTH0_CLIENT_SECRET: clientSecret = '',
} = process.env
const auth0 = new ManagementClient({ domain, clientId, clientSecret })
const identifier = 'https://stock.example.com'

function refused(status: number, error: unknown): true {
  assert.ok(error instanceof ManagementApiError, String(error))
  assert.equal(error.statusCode, status)
  return true
}

const { data: api } = await auth0.resourceServers.create({
  identifier,
  name: 'Stock',
  scopes: [{ value: 'read:stock' }, { value: 'write:stock' }],
})
await auth0.resourceServers.update({ id: api.id }, { enforce_policies: true })
assert.ok(
  Array.isArray((await auth0.resourceServers.getAll()).data),
  'without include_totals a list is a bare array',
)

const { data: role } = await auth0.roles.create({ name: 'clerk', description: 'Counts' })
const permissions = [{ resource_server_identifier: identifier, permission_name: 'read:stock' }]
await auth0.roles.addPermissions({ id: role.id }, { permissions })
assert.equal((await auth0.roles.getPermissions({ id: role.id })).data.length, 1)

const { data: user } = await auth0.users.create({
  connection: 'Username-Password-Authentication',
  email: 'grace@example.com',
  password: 'correct horse battery staple',
})
await auth0.users.assignRoles({ id: user.user_id }, { roles: [role.id] })
assert.deepEqual(
  (await auth0.users.getRoles({ id: user.user_id })).data.map(({ id }) => id),
  [role.id],
)
assert.equal((await auth0.users.getPermissions({ id: user.user_id })).data.length, 1)
const { data: counted } = await auth0.users.getAll({ include_totals: true, per_page: 1, page: 0 })
assert.deepEqual(
  [counted.start, counted.limit, counted.total, counted.length, counted.users.length],
  [0, 1, 1, 1, 1],
)
const { data: beyond } = await auth0.roles.getAll({ include_totals: true, per_page: 1, page: 9 })
assert.deepEqual([beyond.start, beyond.roles.length], [9, 0])
const { data: checkpoint } = await auth0.roles.getUsers({ id: role.id, take: 1 })
assert.equal('total' in checkpoint, false)
assert.equal((await auth0.usersByEmail.getByEmail({ email: 'grace@example.com' })).data.length, 1)

const { data: application } = await auth0.clients.create({
  name: 'Stock worker',
  app_type: 'non_interactive',
})
await auth0.clientGrants.create({
  client_id: application.client_id,
  audience: identifier,
  scope: ['read:stock'],
})
assert.ok(Array.isArray((await auth0.clientGrants.getAll({ audience: identifier })).data))
const worker = new AuthenticationClient({
  domain,
  clientId: application.client_id,
  clientSecret: application.client_secret ?? '',
})
const { data: token } = await worker.oauth.clientCredentialsGrant({ audience: identifier })
assert.equal(token.expires_in, 86_400)

const { data: stream } = await auth0.logStreams.create({
  name: 'Collector',
  type: 'http',
  sink: { httpEndpoint: 'https://logs.example.com/', httpContentFormat: 'JSONARRAY' },
})
assert.equal((await auth0.logStreams.getAll()).data.length, 1)
assert.equal((await auth0.logStreams.update({ id: stream.id }, { status: 'paused' })).data.status, 'paused')
await auth0.logStreams.delete({ id: stream.id })

await auth0.clients.delete({ client_id: application.client_id })
await assert.rejects(auth0.clients.get({ client_id: application.client_id }), (error) => refused(404, error))
await auth0.users.delete({ id: user.user_id })
await auth0.roles.delete({ id: role.id })
await auth0.resourceServers.delete({ id: api.id })
console.log('session complete')
