// A program that uses Auth0's SDK for Node, version 7. sdk.test.ts runs it against this server.
import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { ManagementClient, ManagementError } from 'auth0'

const {
  AUTH0_DOMAIN: domain = '',
  AUTH0_CLIENT_ID: clientId = '',
  AUTH0_CLIENT_SECRET: clientSecret = '',
} = process.env
const auth0 = new ManagementClient({ domain, clientId, clientSecret })
const identifier = 'https://orders.example.com'
const names = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name} ${index}`)

async function all<T>(pages: AsyncIterable<T>): Promise<T[]> {
  const items: T[] = []
  for await (const item of pages) items.push(item)
  return items
}

function refused(status: number, error: unknown): true {
  assert.ok(error instanceof ManagementError, String(error))
  assert.equal(error.statusCode, status)
  return true
}

// An API and its permissions.
const api = await auth0.resourceServers.create({
  identifier,
  name: 'Orders',
  scopes: [
    { value: 'read:orders', description: 'Read orders' },
    { value: 'write:orders', description: 'Write orders' },
  ],
  enforce_policies: true,
  token_dialect: 'access_token_authz',
})
assert.equal((await auth0.resourceServers.get(identifier)).id, api.id)
await auth0.resourceServers.update(api.id ?? '', { token_lifetime: 3_600 })
assert.ok((await all(await auth0.resourceServers.list())).some((one) => one.identifier === identifier))
await assert.rejects(auth0.resourceServers.create({ identifier, name: 'Again' }), (error) =>
  refused(409, error),
)

// Roles with permissions, enough for several pages.
const [first, ...others] = await Promise.all(
  names(7, 'role').map((name) => auth0.roles.create({ name, description: name })),
)
const roleId = first?.id ?? ''
const permission = (permission_name: string) => ({ resource_server_identifier: identifier, permission_name })
await auth0.roles.permissions.add(roleId, {
  permissions: [permission('read:orders'), permission('write:orders')],
})
await auth0.roles.permissions.delete(roleId, { permissions: [permission('write:orders')] })
assert.deepEqual(
  (await all(await auth0.roles.permissions.list(roleId))).map((one) => one.permission_name),
  ['read:orders'],
)
const byPage = await auth0.roles.list({ per_page: 3, page: 0, name_filter: 'ROLE ' })
assert.equal(byPage.data.length, 3)
assert.equal(byPage.hasNextPage(), true)
assert.equal((await all(byPage)).length, 7)
await auth0.roles.update(roleId, { description: 'May read orders' })
assert.equal((await auth0.roles.get(roleId)).description, 'May read orders')
await assert.rejects(auth0.roles.get('rol_0000000000000000'), (error) => refused(404, error))

// A user with roles and permissions.
const user = await auth0.users.create({
  connection: 'Username-Password-Authentication',
  email: 'Ada@Example.com',
  password: 'correct horse battery staple',
})
const userId = user.user_id ?? ''
await auth0.users.roles.assign(userId, { roles: [roleId, others[0]?.id ?? ''] })
await auth0.users.roles.delete(userId, { roles: [others[0]?.id ?? ''] })
assert.deepEqual(
  (await all(await auth0.users.roles.list(userId))).map(({ id }) => id),
  [roleId],
)
await auth0.users.permissions.create(userId, { permissions: [permission('write:orders')] })
const held = await all(await auth0.users.permissions.list(userId))
assert.deepEqual(
  held.map((one) => one.permission_name).toSorted((a = '', b = '') => a.localeCompare(b)),
  ['read:orders', 'write:orders'],
)
await auth0.users.permissions.delete(userId, { permissions: [permission('write:orders')] })
await auth0.roles.users.assign(others[1]?.id ?? '', { users: [userId] })
assert.deepEqual(
  (await all(await auth0.roles.users.list(roleId, { take: 1 }))).map((one) => one.user_id),
  [userId],
)
await auth0.users.update(userId, { user_metadata: { colour: 'green' } })
assert.deepEqual(
  (await auth0.users.listUsersByEmail({ email: 'ada@example.com' })).map((one) => one.user_metadata),
  [{ colour: 'green' }],
)
assert.equal(
  (await all(await auth0.users.list({ q: 'email:"ada@example.com"', search_engine: 'v3' }))).length,
  1,
)

// An application with secret, keys, grant and connection.
const application = await auth0.clients.create({ name: 'Orders worker', app_type: 'non_interactive' })
const id = application.client_id ?? ''
assert.ok((application.client_secret ?? '').length >= 43)
assert.equal((await auth0.clients.get(id)).client_secret, undefined)
assert.notEqual((await auth0.clients.rotateSecret(id)).client_secret, application.client_secret)
assert.equal((await auth0.clients.update(id, { description: 'Counts orders' })).description, 'Counts orders')
assert.deepEqual(await auth0.clients.credentials.list(id), [])
assert.ok(
  (await all(await auth0.clients.list({ is_global: false, per_page: 1 }))).some(
    (one) => one.client_id === id,
  ),
)
const grant = await auth0.clientGrants.create({ client_id: id, audience: identifier, scope: ['read:orders'] })
await auth0.clientGrants.update(grant.id ?? '', { scope: ['write:orders'] })
assert.deepEqual(
  (await all(await auth0.clientGrants.list({ client_id: id, take: 1 }))).map((one) => one.scope),
  [['write:orders']],
)
const [connection] = (await auth0.connections.list({ name: 'Username-Password-Authentication' })).data
await auth0.connections.clients.update(connection?.id ?? '', [{ client_id: id, status: false }])
const enabled = await all(await auth0.connections.clients.get(connection?.id ?? '', { take: 1 }))
assert.ok(enabled.length > 1 && !enabled.some((one) => one.client_id === id))

// An application that authenticates with private_key_jwt (RFC 7523 §2.2).
const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = String(publicKey.export({ type: 'spki', format: 'pem' }))
const signer = await auth0.clients.create({
  name: 'Signing worker',
  app_type: 'non_interactive',
  client_authentication_methods: {
    private_key_jwt: { credentials: [{ credential_type: 'public_key', pem }] },
  },
})
const signingId = signer.client_id ?? ''
await auth0.clientGrants.create({
  client_id: signingId,
  audience: `https://${domain}/api/v2/`,
  scope: ['read:roles'],
})
const clientAssertionSigningKey = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
const bySignature = new ManagementClient({ domain, clientId: signingId, clientAssertionSigningKey })
assert.ok((await bySignature.roles.list()).data.length > 0)
await assert.rejects(bySignature.users.list(), (error) => refused(403, error))
const [credential] = await auth0.clients.credentials.list(signingId)
await auth0.clients.credentials.update(signingId, credential?.id ?? '', {
  expires_at: '2020-01-01T00:00:00.000Z',
})
const later = new ManagementClient({ domain, clientId: signingId, clientAssertionSigningKey })
await assert.rejects(Promise.resolve(later.roles.list()), 'a key that has ended opens nothing')
await auth0.clients.delete(signingId)

// Tenant settings, signing keys, statistics, tickets and logs.
await auth0.tenants.settings.update({ friendly_name: 'Example' })
assert.equal((await auth0.tenants.settings.get()).friendly_name, 'Example')
const signing = await auth0.keys.signing.rotate()
assert.equal((await auth0.keys.signing.get(signing.kid)).current, true)
assert.equal(await auth0.stats.getActiveUsersCount(), 0)
assert.equal((await auth0.stats.getDaily()).length, 30)
const ticket = await auth0.tickets.changePassword({ user_id: userId })
assert.ok(ticket.ticket.startsWith(`https://${domain}/`))
const job = await auth0.jobs.usersExports.create({ format: 'json', fields: [{ name: 'email' }] })
assert.equal((await auth0.jobs.get(job.id)).status, 'completed')
const logs = await auth0.logs.list({ per_page: 5 })
assert.equal(logs.data.length, 5)
assert.equal((await auth0.logs.get(logs.data[0]?.log_id ?? '')).type, 'sapi')

// A log stream.
const stream = await auth0.logStreams.create({
  name: 'Collector',
  type: 'http',
  sink: {
    httpEndpoint: 'https://logs.example.com/',
    httpContentFormat: 'JSONLINES',
    httpAuthorization: 'Bearer x',
  },
  filters: [{ type: 'category', name: 'auth.login.fail' }],
})
const streamId = stream.id ?? ''
assert.deepEqual(
  (await auth0.logStreams.list()).map(({ id: listed }) => listed),
  [streamId],
)
assert.equal((await auth0.logStreams.update(streamId, { status: 'paused' })).status, 'paused')
assert.equal((await auth0.logStreams.get(streamId)).name, 'Collector')
await auth0.logStreams.delete(streamId)
await assert.rejects(Promise.resolve(auth0.logStreams.get(streamId)), (error) => refused(404, error))

// Deletes everything.
await auth0.clientGrants.delete(grant.id ?? '')
await auth0.clients.delete(id)
await auth0.users.delete(userId)
await Promise.all([first, ...others].map((role) => auth0.roles.delete(role?.id ?? '')))
await auth0.resourceServers.delete(api.id ?? '')
assert.equal((await auth0.roles.list({ name_filter: 'role ' })).data.length, 0)
await assert.rejects(auth0.clients.get(id), (error) => refused(404, error))
console.log('session complete')
