import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { ClientGrantCreate, Explanation } from '@rolecall/contract'
import { writeLogs } from '../logs/log.ts'
import { type Answer, type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { assignRoles } from '../roles/assignments.ts'
import { addProviderUser, logInWith } from '../roles/testing-provider.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'

const api = 'https://explain.example.com'
const permission = 'read:reports'
const ref = { resource_server_identifier: api, permission_name: permission }
const readScopes = [
  'read:users',
  'read:roles',
  'read:resource_servers',
  'read:clients',
  'read:client_grants',
  'read:logs',
]

for (const kind of stores)
  describe(`an explanation on ${kind.name}`, () => {
    const end = untilTheEnd()
    let now = Date.parse('2030-01-01T00:00:00Z')
    let server: ManagementServer
    let role = ''
    let apiId = ''
    const users = { ada: '', bob: '', cleo: '' }

    const call = (...args: Parameters<ManagementServer['call']>): Promise<Answer> => {
      now += 1_000
      return server.call(...args)
    }
    const explain = async (body: Record<string, unknown>) => {
      const answer = await call('POST', '/authorization/explain', { api, permission, ...body })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body as unknown as Explanation
    }
    const failed = async (body: Record<string, unknown>) =>
      (await explain(body)).checks.filter(({ passed }) => !passed).map(({ code }) => code)

    // ada holds the role, bob the permission directly, cleo nothing.
    before(async () => {
      server = await startManagement(end, kind, () => now)
      const scopes = [{ value: permission }, { value: 'write:reports' }]
      const made = await call('POST', '/resource-servers', {
        identifier: api,
        name: 'Reports',
        scopes,
        enforce_policies: true,
        token_dialect: 'access_token_authz',
      })
      apiId = String(made.body['id'])
      role = String((await call('POST', '/roles', { name: 'reporter' })).body['id'])
      await call('POST', `/roles/${role}/permissions`, { permissions: [ref] })
      for (const name of ['ada', 'bob', 'cleo'] as const)
        users[name] = (
          await transaction(server.ctx, (tx) =>
            createUser(tx, { connection: 'Username-Password-Authentication', email: `${name}@example.com` }),
          )
        ).userId
      await call('POST', `/roles/${role}/users`, { users: [users.ada] })
      await call('POST', `/users/${users.bob}/permissions`, { permissions: [ref] })
    })

    it('names the roles and the direct assignment that a permission comes from', async () => {
      const sourcesOf = async (user_id: string) => {
        const { allowed, sources } = await explain({ user_id })
        return [allowed, sources]
      }
      const none = { roles: [], direct: false, client_grant: null }
      assert.deepEqual(await sourcesOf(users.ada), [
        true,
        { ...none, roles: [{ id: role, name: 'reporter', direct: true, connections: [] }] },
      ])
      assert.deepEqual(await sourcesOf(users.bob), [true, { ...none, direct: true }])
      assert.deepEqual(await sourcesOf(users.cleo), [false, none])
      assert.deepEqual(await failed({ user_id: users.cleo }), ['permission_held'])
    })

    it('names the roles that would give it, and who may assign each', async () => {
      const boss = await transaction(server.ctx, async (tx) => {
        const user = await createUser(tx, { connection: 'c', email: 'owner@example.com' })
        await assignRoles(tx, user.userId, [server.ownerRole.id])
        return user
      })
      const { roles_that_give_it: roles, more_roles: more } = await explain({ user_id: users.cleo })
      assert.deepEqual(roles, [
        {
          id: role,
          name: 'reporter',
          assigned: false,
          assigners: {
            users: [{ user_id: boss.userId, email: boss.email, name: boss.name }],
            applications: [{ client_id: server.clientId, name: 'Everything' }],
            more: false,
          },
        },
      ])
      assert.equal(more, false)
    })

    it('counts as assigners of a role only those who hold its management scopes (the privilege rule)', async () => {
      const management = server.managementApi.identifier
      const mighty = String((await call('POST', '/roles', { name: 'mighty' })).body['id'])
      const needs = ['read:users', 'delete:users']
      await call('POST', `/roles/${mighty}/permissions`, {
        permissions: needs.map((one) => ({ resource_server_identifier: management, permission_name: one })),
      })
      const assigner = async (...scopes: string[]) => {
        const { userId } = await transaction(server.ctx, (tx) =>
          createUser(tx, { connection: 'c', email: `${scopes.length}${now++}@example.com` }),
        )
        await call('POST', `/users/${userId}/permissions`, {
          permissions: scopes.map((one) => ({
            resource_server_identifier: management,
            permission_name: one,
          })),
        })
        return userId
      }
      const complete = await assigner('update:users', ...needs)
      const lacking = await assigner('update:users', 'read:users')
      const reader = await assigner(...needs)
      const answer = await explain({ api: management, permission: 'delete:users', user_id: users.cleo })
      const found = answer.roles_that_give_it.find(({ id }) => id === mighty)
      const ids = new Set(found!.assigners.users.map(({ user_id }) => user_id))
      assert.deepEqual(
        [complete, lacking, reader].map((id) => ids.has(id)),
        [true, false, false],
      )
    })

    it('names the entry of the log that decided last, and who made it', async () => {
      const change = await explain({ user_id: users.bob })
      assert.equal(change.last_change?.description, 'Give permissions to a user')
      assert.equal(change.last_change?.client_id, server.clientId)

      await call('DELETE', `/users/${users.bob}/permissions`, { permissions: [ref] })
      const taken = await explain({ user_id: users.bob })
      assert.deepEqual(
        [taken.allowed, taken.last_change?.description],
        [false, 'Take permissions from a user'],
      )
      const entry = await call('GET', `/logs/${taken.last_change?.log_id}`)
      assert.equal(entry.body['date'], taken.last_change?.date)

      assert.equal((await explain({ user_id: users.ada })).last_change?.description, 'Assign users to a role')
      assert.equal(
        (await explain({ user_id: users.cleo })).last_change?.description,
        'Create a resource server',
      )
      await call('PATCH', `/resource-servers/${apiId}`, { enforce_policies: false })
      const open = await explain({ user_id: users.cleo })
      assert.deepEqual(
        [open.allowed, open.claims, open.last_change?.description],
        [true, { permissions: false, scope: 'on_request' }, 'Update a resource server'],
      )
      await call('PATCH', `/resource-servers/${apiId}`, { enforce_policies: true })
    })

    it('finds that entry behind any number of others, and in a list that the entry cuts off', async () => {
      const others = { resource_server_identifier: api, permission_name: 'write:reports' }
      const { userId: dora } = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'c', email: 'dora@example.com' }),
      )
      const crowd = await transaction(server.ctx, async (tx) => {
        const made: string[] = []
        for (let index = 0; index < 250; index++)
          made.push((await createUser(tx, { connection: 'c', email: `crowd${index}@example.com` })).userId)
        return made
      })
      const large = String((await call('POST', '/roles', { name: 'large' })).body['id'])
      await call('POST', `/roles/${large}/permissions`, { permissions: [ref] })
      const assigned = await call('POST', `/roles/${large}/users`, { users: [...crowd, dora] })
      assert.equal(assigned.status, 200, JSON.stringify(assigned.body))
      await transaction(server.ctx, async ({ db }) => {
        const entry = { type: 'sapi', description: 'Give permissions to a user' } as const
        const targets = [{ type: 'api', id: apiId, name: 'Reports' }] as const
        await writeLogs(
          db,
          Array.from({ length: 1_100 }, (_, index) => ({
            ...entry,
            date: now + index,
            targets: [...targets, { type: 'user' as const, id: crowd[0]!, name: 'crowd0@example.com' }],
          })),
        )
      })
      now += 2_000
      await call('POST', `/users/${crowd[1]}/permissions`, { permissions: [others] })
      const decided = async (user_id: string) => (await explain({ user_id })).last_change?.description
      assert.equal(await decided(dora), 'Assign users to a role')
      assert.equal(await decided(crowd[0]!), 'Assign users to a role')
      assert.equal(await decided(users.cleo), 'Update a resource server')
      await call('DELETE', `/roles/${large}/permissions`, { permissions: [ref] })
      assert.equal(await decided(dora), 'Remove permissions from a role')
      await call('POST', `/roles/${large}/permissions`, { permissions: [ref] })
      assert.equal(await decided(dora), 'Add permissions to a role')
      await call('DELETE', `/roles/${large}`)
    })

    it('finds that entry also where many users were changed with one request', async () => {
      const { userId: user_id } = await transaction(server.ctx, (tx) =>
        createUser(tx, { connection: 'c', email: 'one-of-many@example.com' }),
      )
      const decided = async () => {
        const { last_change: change } = await explain({ user_id })
        return [change?.log_id, change?.description]
      }
      const roles = [role]
      for (const [action, description, item] of [
        ['assign-roles', 'Assign roles to a user', { user_id, roles }],
        ['block', 'Update a user', { user_id }],
        ['unblock', 'Update a user', { user_id }],
        ['remove-roles', 'Take roles from a user', { user_id, roles }],
      ] as const) {
        const { body } = await call('POST', `/rolecall/users/${action}`, { users: [item] })
        assert.deepEqual(await decided(), [body[0]?.['change'], description], action)
      }
    })

    it('finds the change of the connection that lets a user into an application or keeps them out', async () => {
      const { client_id } = (await call('POST', '/clients', { name: 'Door', app_type: 'spa' })).body
      const [connection] = (await call('GET', '/connections')).body
      const path = `/connections/${connection!['id']}`
      const decided = async () => {
        const answer = await explain({ user_id: users.ada, client_id })
        return [answer.allowed, answer.last_change?.description]
      }
      await call('PATCH', `${path}/clients`, [{ client_id, status: false }])
      assert.deepEqual(await decided(), [false, "Update a connection's clients"])
      const enabled_clients = [client_id, ...connection!['enabled_clients']!]
      assert.equal((await call('PATCH', path, { enabled_clients })).status, 200)
      assert.deepEqual(await decided(), [true, 'Update a connection'])
      const other = (await call('POST', '/clients', { name: 'Other door', app_type: 'spa' })).body[
        'client_id'
      ]
      await call('PATCH', `${path}/clients`, [{ client_id: other, status: false }])
      assert.deepEqual(await decided(), [true, 'Update a connection'])
    })

    it('says what keeps a user from any token: a block, the connection, the grant types', async () => {
      await call('PATCH', `/users/${users.ada}`, { blocked: true })
      assert.deepEqual(await failed({ user_id: users.ada }), ['user_not_blocked'])
      await call('PATCH', `/users/${users.ada}`, { blocked: false })

      const spa = await call('POST', '/clients', { name: 'SPA', app_type: 'spa' })
      const client_id = spa.body['client_id']
      assert.deepEqual(await failed({ user_id: users.ada, client_id }), [])
      const [connection] = (await call('GET', '/connections')).body
      await call('PATCH', `/connections/${connection!['id']}/clients`, [{ client_id, status: false }])
      assert.deepEqual(await failed({ user_id: users.ada, client_id }), ['connection_enabled'])
      await call('PATCH', `/connections/${connection!['id']}/clients`, [{ client_id, status: true }])

      const machine = await call('POST', '/clients', { name: 'Machine', app_type: 'non_interactive' })
      assert.deepEqual(await failed({ user_id: users.ada, client_id: machine.body['client_id'] }), [
        'application_may_request',
      ])
    })

    it('explains an application by its client grant', async () => {
      const machine = await call('POST', '/clients', { name: 'Machine', app_type: 'non_interactive' })
      const client_id = String(machine.body['client_id'])
      assert.deepEqual(await failed({ client_id }), ['client_grant'])
      const body: ClientGrantCreate = { client_id, audience: api, scope: ['write:reports'] }
      const grant = await call('POST', '/client-grants', body)
      assert.deepEqual(await failed({ client_id }), ['client_grant'])
      await call('PATCH', `/client-grants/${grant.body['id']}`, { allow_all_scopes: true })
      const answer = await explain({ client_id })
      assert.deepEqual(
        [answer.allowed, answer.sources.client_grant, answer.last_change?.description],
        [true, { subject_type: 'client', all_scopes: true, scope: [] }, 'Update a client grant'],
      )
      const { body: clients } = await call(
        'GET',
        `/authorization/clients?api=${api}&permission=${permission}`,
      )
      assert.deepEqual(clients, [
        { client_id, name: 'Machine', grant_id: grant.body['id'], subject_type: 'client', all_scopes: true },
      ])
    })

    it('compares a token with what is true now', async () => {
      const token = (claims: Record<string, unknown>) =>
        server.token(users.cleo, [], { aud: api, permissions: [permission], scope: 'openid', ...claims })
      const read = async (text: string, body = {}) => {
        const { token: report } = await explain({ user_id: users.cleo, token: text, ...body })
        return { ...report!, codes: report!.findings.map(({ code }) => code) }
      }
      const old = await read(await token({}))
      assert.deepEqual(
        [old.codes, old.carries_permission, old.up_to_date, old.signature, old.same_subject],
        [[], true, false, 'valid', true],
      )
      const seconds = Math.floor(now / 1000)
      const cases: [Record<string, unknown>, string[]][] = [
        [{ aud: 'https://other.example.com' }, ['wrong_audience']],
        [{ iss: 'http://localhost:5050' }, ['issuer_without_slash']],
        [{ iss: 'https://other.example.com/' }, ['wrong_issuer']],
        [{ exp: seconds - 10 }, ['expired']],
        [{ exp: 'soon' }, ['expired']],
        [{ iat: seconds + 600 }, ['issued_in_future']],
        [{ nbf: seconds + 600 }, ['not_yet_valid']],
        [{ permissions: 'all', iat: 1e300 }, ['issued_in_future']],
      ]
      for (const [claims, codes] of cases) assert.deepEqual((await read(await token(claims))).codes, codes)
      assert.deepEqual((await read('v2.opaque')).codes, ['not_a_jwt'])
      const [header, payload] = (await token({})).split('.')
      assert.deepEqual((await read(`${header}.${payload}.AAAA`)).codes, ['invalid_signature'])
      const foreign = Buffer.from(JSON.stringify({ alg: 'RS256', kid: 'other' })).toString('base64url')
      assert.deepEqual((await read(`${foreign}.${payload}.AAAA`)).codes, ['unknown_key'])
      const none = Buffer.from(JSON.stringify({ alg: 'none' })).toString('base64url')
      assert.deepEqual((await read(`${none}.${payload}.`)).codes, ['invalid_signature'])
      assert.equal((await read(await token({}), { user_id: users.ada })).same_subject, false)
    })

    it('lists who holds a permission, page by page', async () => {
      const page = async (query: string) =>
        (await call('GET', `/authorization/users?api=${api}&permission=${permission}&${query}`)).body
      await call('POST', `/users/${users.ada}/permissions`, { permissions: [ref] })
      await call('POST', `/users/${users.bob}/permissions`, { permissions: [ref] })
      const all = await page('include_totals=true')
      assert.equal(all['total'], 2)
      const ada = all['users']!.find((user) => String(user['user_id']) === users.ada)
      assert.deepEqual(
        [ada!['roles'], ada!['direct'], ada!['blocked'], ada!['email']],
        [[{ id: role, name: 'reporter' }], true, false, 'ada@example.com'],
      )
      const first = await page('take=1')
      const second = await page(`take=1&from=${first['next']}`)
      const ids = [first, second].map((one) => String(one['users']![0]!['user_id']))
      assert.deepEqual(ids, [users.ada, users.bob].toSorted())
      assert.equal(second['next'], undefined)
    })

    it('answers 404 for what does not exist and 400 without a subject, and logs neither', async () => {
      const entries = async () => (await call('GET', '/logs?include_totals=true')).body['total']
      const earlier = await entries()
      const status = async (body: Record<string, unknown>) =>
        (await call('POST', '/authorization/explain', { api, permission, ...body })).status
      assert.equal(await status({ user_id: 'auth0|none' }), 404)
      assert.equal(await status({ client_id: 'none' }), 404)
      assert.equal(await status({ user_id: users.ada, api: 'https://none.example.com' }), 404)
      assert.equal(await status({ user_id: users.ada, permission: 'read:none' }), 404)
      assert.equal(await status({}), 400)
      assert.equal(await status({ user_id: users.ada, token: 'x'.repeat(40_000) }), 400)
      assert.equal(await entries(), earlier)
    })

    it('requires the read scopes of all that it shows', async () => {
      for (const left of readScopes) {
        const scopes = readScopes.filter((scope) => scope !== left)
        const token = await server.token(`${server.clientId}@clients`, scopes)
        const body = { user_id: users.ada, api, permission }
        assert.equal((await call('POST', '/authorization/explain', body, token)).status, 403, left)
      }
      const token = await server.token(`${server.clientId}@clients`, readScopes)
      const body = { user_id: users.ada, api, permission }
      assert.equal((await call('POST', '/authorization/explain', body, token)).status, 200)
    })

    it('names the connection that gives a role, and the claim that its mapping reads', async () => {
      const connection = await call('POST', '/connections', {
        name: 'Corporate',
        strategy: 'oidc',
        options: {
          client_id: 'c',
          issuer: 'https://id.example.com',
          role_mapping: { claim: 'groups', roles: [{ value: 'reporters', role: 'reporter' }] },
        },
      })
      const corporate = { id: String(connection.body['id']), name: 'Corporate' }
      const userId = await addProviderUser(server.ctx, corporate, 'dan')
      await logInWith(server.ctx, corporate, 'dan', userId, [role])
      const words = async () => {
        const { checks, sources } = await explain({ user_id: userId })
        return [checks.find(({ code }) => code === 'permission_held')?.message, sources.roles]
      }
      const given = { id: role, name: 'reporter', connections: [{ ...corporate, claim: 'groups' }] }
      const held = 'The user holds the permission through the role reporter'
      assert.deepEqual(await words(), [
        `${held}, which the connection Corporate gives by its claim groups.`,
        [{ ...given, direct: false }],
      ])
      const { last_change: change } = await explain({ user_id: userId })
      assert.equal(change?.description, 'Receive roles from a provider')
      await call('POST', `/users/${userId}/roles`, { roles: [role] })
      assert.deepEqual(await words(), [
        `${held}, which is assigned and the connection Corporate gives by its claim groups.`,
        [{ ...given, direct: true }],
      ])
    })
  })
