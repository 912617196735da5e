// `auth0` for Node, versions 4 to 7: the Management API, and where the version has it the Authentication API.
// Usage: node auth0.js <package>
import assert from 'node:assert/strict'
import { check } from './check.js'
import { audience, clientId, clientSecret, domain } from './settings.js'

const { AuthenticationClient, ManagementClient } = await import(process.argv[2])
const management = new ManagementClient({ domain, clientId, clientSecret })
// Version 4 wraps answers in `data` and takes ids in an object; later versions take them as arguments.
const isFour = process.argv[2] === 'auth0-v4'
const answer = async (promise) => (isFour ? (await promise).data : promise)
const list = async (promise) => {
  if (isFour) return (await promise).data
  const items = []
  for await (const item of await promise) items.push(item)
  return items
}
const identifier = `https://${process.argv[2]}.example.com`
const permission = { resource_server_identifier: identifier, permission_name: 'read:orders' }
let api, role, user, worker

await check('API with a permission', async () => {
  const scopes = [{ value: 'read:orders', description: 'Read' }]
  const wanted = { identifier, name: identifier, scopes, enforce_policies: true }
  api = await answer(management.resourceServers.create(wanted))
})
await check('role', async () => {
  role = await answer(management.roles.create({ name: `clerk of ${identifier}`, description: 'Reads' }))
  const permissions = [permission]
  await (isFour
    ? management.roles.addPermissions({ id: role.id }, { permissions })
    : management.roles.permissions.add(role.id, { permissions }))
})
await check('user with the role', async () => {
  user = await answer(
    management.users.create({
      connection: 'Username-Password-Authentication',
      email: `${process.argv[2]}@example.com`,
      password: 'correct horse battery staple',
    }),
  )
  const roles = [role.id]
  await (isFour
    ? management.users.assignRoles({ id: user.user_id }, { roles })
    : management.users.roles.assign(user.user_id, { roles }))
  const held = await list(
    isFour ? management.users.getRoles({ id: user.user_id }) : management.users.roles.list(user.user_id),
  )
  assert.deepEqual(
    held.map(({ id }) => id),
    roles,
  )
  const holders = await list(
    isFour ? management.roles.getUsers({ id: role.id }) : management.roles.users.list(role.id),
  )
  assert.equal(holders.length, 1)
})
await check('search', async () => {
  const query = { q: `email:"${process.argv[2]}@example.com"`, search_engine: 'v3' }
  const found = await list(isFour ? management.users.getAll(query) : management.users.list(query))
  assert.equal(found.length, 1)
})
await check('application with a client grant', async () => {
  worker = await answer(
    management.clients.create({ name: `worker of ${identifier}`, app_type: 'non_interactive' }),
  )
  const grant = { client_id: worker.client_id, audience: identifier, scope: ['read:orders'] }
  await answer(management.clientGrants.create(grant))
})
if (AuthenticationClient)
  await check('client credentials', async () => {
    const client = new AuthenticationClient({
      domain,
      clientId: worker.client_id,
      clientSecret: worker.client_secret,
    })
    const { data } = await client.oauth.clientCredentialsGrant({ audience: identifier })
    assert.equal(data.token_type, 'Bearer')
  })
await check('refusal with its status', async () => {
  const wanted = { identifier: audience, name: 'There is one already' }
  await assert.rejects(management.resourceServers.create(wanted), { statusCode: 409 })
})
await check('deletion', async () => {
  const argument = (id, name = 'id') => (isFour ? { [name]: id } : id)
  await management.users.delete(argument(user.user_id))
  await management.roles.delete(argument(role.id))
  await management.clients.delete(argument(worker.client_id, 'client_id'))
  await management.resourceServers.delete(argument(api.id))
})
