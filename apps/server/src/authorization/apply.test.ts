import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { ChangesRequest, Configuration, PlannedChange, PreviewAnswer } from '@rolecall/contract'
import { defaultConnectionName } from '../connections/connections.ts'
import { type Answer, type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { ownerRoleName } from '../roles/owners.ts'
import { stores } from '../store/testing.ts'

const identifier = 'https://orders.test'
const refs = (...names: string[]) => ({
  permissions: names.map((permission_name) => ({ resource_server_identifier: identifier, permission_name })),
})

for (const kind of stores)
  describe(`a list of changes on ${kind.name}`, { concurrency: false }, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    let count = 0
    let clerk: { role: string; user: string }

    const configuration = async (): Promise<Configuration> => {
      const { status, body } = await call('GET', '/authorization/configuration')
      assert.equal(status, 200, JSON.stringify(body))
      return body as unknown as Configuration
    }
    const plan = async (
      changes: PlannedChange[],
      more: Partial<ChangesRequest> = {},
    ): Promise<ChangesRequest> => {
      const { version } = await configuration()
      return { plan_id: `plan-of-test-${count++}`, version, changes, ...more }
    }
    const apply = (request: ChangesRequest, as?: string) =>
      call('POST', '/authorization/changes', request, as)
    const errorOf = ({ status, body }: Answer) => [status, body['errorCode']]
    const effectOf = async (changes: PlannedChange[]) => {
      const { status, body } = await call('POST', '/authorization/preview', { changes })
      assert.equal(status, 200, JSON.stringify(body))
      const { gained, lost } = body as unknown as PreviewAnswer
      return { gained, lost }
    }
    const logsOf = async (planId: string) => {
      const { body } = await call('GET', '/logs?per_page=50&q=type:sapi')
      const entries = body as unknown as { references?: Record<string, string> }[]
      return entries.filter(({ references }) => references?.plan_id === planId)
    }

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
      await call('POST', '/resource-servers', {
        identifier,
        name: 'Orders',
        scopes: ['read:orders', 'write:orders', 'delete:orders'].map((value) => ({ value })),
      })
      const role = await call('POST', '/roles', { name: 'Clerk' })
      const user = await call('POST', '/users', {
        connection: defaultConnectionName,
        email: 'clerk@x.test',
        password: 'correct horse battery staple',
      })
      clerk = { role: String(role.body['id']), user: String(user.body['user_id']) }
      await call('POST', `/roles/${clerk.role}/permissions`, refs('read:orders'))
      await call('POST', `/users/${clerk.user}/roles`, { roles: [clerk.role] })
    })

    it('creates objects and refers to them, in one transaction', async () => {
      const request = await plan(
        [
          {
            method: 'POST',
            path: '/resource-servers',
            body: { identifier: 'https://new.test', name: 'New', scopes: [{ value: 'read:new' }] },
          },
          { method: 'POST', path: '/roles', as: 'new:role', body: { name: 'Editor' } },
          {
            method: 'POST',
            path: '/roles/new:role/permissions',
            body: {
              permissions: [
                { resource_server_identifier: 'https://new.test', permission_name: 'read:new' },
                ...refs('read:orders').permissions,
              ],
            },
          },
          {
            method: 'POST',
            path: '/clients',
            as: 'new:worker',
            body: { name: 'Worker', app_type: 'non_interactive' },
          },
          {
            method: 'POST',
            path: '/client-grants',
            body: { client_id: 'new:worker', audience: 'https://new.test', scope: ['read:new'] },
          },
          {
            method: 'POST',
            path: '/connections',
            as: 'new:connection',
            body: { name: 'customers', strategy: 'auth0', enabled_clients: ['new:worker'] },
          },
          { method: 'PATCH', path: '/tenants/settings', body: { friendly_name: 'As code' } },
        ],
        { reference: 'commit 4f2c1e9' },
      )
      const effect = await effectOf(request.changes)
      assert.deepEqual(effect, {
        gained: [{ api: 'https://new.test', permission: 'read:new', users: 0, applications: 1 }],
        lost: [],
      })
      const answer = await apply({ ...request, effect })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const created = Object.fromEntries(
        (answer.body['created'] as unknown as { as: string; id: string }[]).map(({ as, id }) => [as, id]),
      )
      assert.deepEqual(Object.keys(created), ['new:role', 'new:worker', 'new:connection'])

      const after = await configuration()
      assert.equal(after.version, answer.body['version'])
      assert.deepEqual(after.roles.find(({ name }) => name === 'Editor')?.permissions, {
        'https://new.test': ['read:new'],
        [identifier]: ['read:orders'],
      })
      const connection = after.connections.find(({ name }) => name === 'customers')
      assert.ok(connection?.enabled_clients.includes(String(created['new:worker'])))
      assert.equal(after.tenant.friendly_name, 'As code')
      assert.equal(after.last_applied?.reference, 'commit 4f2c1e9')

      const logs = await logsOf(request.plan_id)
      assert.equal(logs.length, request.changes.length)
      for (const { references } of logs) assert.equal(references?.reference, 'commit 4f2c1e9')
    })

    it('is applied once: the same request again changes nothing', async () => {
      const request = await plan([{ method: 'POST', path: '/roles', body: { name: 'Once' } }])
      const first = await apply(request)
      assert.deepEqual([first.status, first.body['repeated']], [200, false])
      const { version } = await configuration()
      const second = await apply(request)
      assert.deepEqual([second.status, second.body['repeated']], [200, true])
      assert.equal(second.body['applied_at'], first.body['applied_at'])
      assert.equal((await configuration()).version, version)
      const other = {
        ...request,
        changes: [{ method: 'POST' as const, path: '/roles', body: { name: 'Twice' } }],
      }
      assert.deepEqual(errorOf(await apply(other)), [409, 'plan_id_used'])
    })

    it('is made as a whole or not at all: a change that is refused undoes those before it', async () => {
      const { version } = await configuration()
      const request = await plan([
        { method: 'POST', path: '/roles', body: { name: 'Kept from existing' } },
        { method: 'DELETE', path: `/roles/${clerk.role}` },
        { method: 'POST', path: '/roles', body: { name: 'CLERK' } },
        { method: 'POST', path: '/roles', body: { name: 'Clerk' } },
      ])
      const answer = await apply(request)
      assert.deepEqual(errorOf(answer), [409, 'role_conflict'])
      assert.equal((await configuration()).version, version)
      assert.deepEqual(await logsOf(request.plan_id), [])
    })

    /** What somebody else does between the plan and its application. */
    const others: Record<string, () => Promise<unknown>> = {
      'a role was renamed': () => call('PATCH', `/roles/${clerk.role}`, { description: `at ${count}` }),
      'a role was created': () => call('POST', '/roles', { name: `Another ${count}` }),
      'a permission of a role was added': () =>
        call('POST', `/roles/${clerk.role}/permissions`, refs('delete:orders')),
      'a permission of a role was removed': () =>
        call('DELETE', `/roles/${clerk.role}/permissions`, refs('delete:orders')),
      'the description of a permission was changed': () =>
        call('PATCH', `/resource-servers/${encodeURIComponent(identifier)}`, {
          scopes: ['read:orders', 'write:orders', 'delete:orders'].map((value) => ({
            value,
            description: `at ${count}`,
          })),
        }),
      'an application was created': () => call('POST', '/clients', { name: `Application ${count}` }),
      'a setting was changed': () => call('PATCH', '/tenants/settings', { support_email: `${count}@x.test` }),
    }
    for (const [what, doIt] of Object.entries(others))
      it(`is refused when ${what} since the plan`, async () => {
        const request = await plan([{ method: 'POST', path: '/roles', body: { name: `Late ${count}` } }])
        await doIt()
        const { version } = await configuration()
        assert.deepEqual(errorOf(await apply(request)), [409, 'tenant_moved_on'])
        assert.equal((await configuration()).version, version)
      })

    it('is refused when another user has got the role since the plan, and made by a new plan', async () => {
      const changes: PlannedChange[] = [
        { method: 'DELETE', path: `/roles/${clerk.role}/permissions`, body: refs('read:orders') },
      ]
      const planned = await plan(changes, { effect: await effectOf(changes) })
      const { body } = await call('POST', '/users', {
        connection: defaultConnectionName,
        email: `late-${count}@x.test`,
        password: 'correct horse battery staple',
      })
      await call('POST', `/users/${String(body['user_id'])}/roles`, { roles: [clerk.role] })
      assert.deepEqual(errorOf(await apply(planned)), [409, 'effect_changed'])
      const effect = await effectOf(changes)
      assert.equal(effect.lost[0]?.users, 2)
      assert.equal((await apply(await plan(changes, { effect }))).status, 200)
    })

    it('lists what was changed in another way since the last list', async () => {
      await apply(await plan([{ method: 'POST', path: '/roles', body: { name: `Drift ${count}` } }]))
      assert.deepEqual((await configuration()).drift, [])
      const made = await call('POST', '/roles', { name: `By hand ${count}` })
      await call('PATCH', `/roles/${clerk.role}`, { description: 'By hand' })
      const { drift } = await configuration()
      assert.deepEqual(
        new Set(drift.map(({ type, name, change }) => `${change} ${type} ${name}`)),
        new Set([`created role ${String(made.body['name'])}`, 'changed role Clerk']),
      )
    })

    it('requires the scopes of each change, and the privileges that it needs', async () => {
      const reading = [
        'read:users',
        'read:resource_servers',
        'read:roles',
        'read:clients',
        'read:client_grants',
        'read:connections',
        'read:tenant_settings',
      ]
      const creation: PlannedChange = { method: 'POST', path: '/roles', body: { name: 'By a reader' } }
      const reader = await server.token(`${server.clientId}@clients`, reading)
      assert.deepEqual(errorOf(await apply(await plan([creation]), reader)), [403, 'insufficient_scope'])
      const editor = await server.token(`${server.clientId}@clients`, [
        ...reading,
        'create:roles',
        'update:roles',
      ])
      assert.equal((await apply(await plan([creation]), editor)).status, 200)
      const more: PlannedChange[] = [
        { method: 'POST', path: '/roles', as: 'new:r', body: { name: 'More than the caller has' } },
        {
          method: 'POST',
          path: '/roles/new:r/permissions',
          body: {
            permissions: [
              {
                resource_server_identifier: server.managementApi.identifier,
                permission_name: 'delete:users',
              },
            ],
          },
        },
      ]
      assert.deepEqual(errorOf(await apply(await plan(more), editor)), [403, 'insufficient_privilege'])
      assert.ok(!(await configuration()).roles.some(({ name }) => name === 'More than the caller has'))
      assert.equal((await apply(await plan(more))).status, 200)
    })

    it('refuses system objects, and leaves an owner', async () => {
      const { roles, clients } = await configuration()
      const owner = roles.find(({ name }) => name === ownerRoleName)
      const dashboard = clients.find(({ is_system, global }) => is_system && !global)
      assert.ok(owner && dashboard)
      for (const change of [
        { method: 'DELETE', path: `/roles/${owner.id}` },
        { method: 'PATCH', path: `/roles/${owner.id}`, body: { name: 'boss' } },
        { method: 'DELETE', path: `/clients/${dashboard.client_id}` },
        { method: 'DELETE', path: `/resource-servers/${server.managementApi.id}` },
      ] as PlannedChange[]) {
        const preview = await call('POST', '/authorization/preview', { changes: [change] })
        assert.deepEqual(errorOf(preview), [403, 'operation_not_allowed'], change.path)
        assert.deepEqual(
          errorOf(await apply(await plan([change]))),
          [403, 'operation_not_allowed'],
          change.path,
        )
      }
    })

    it('has no secret: neither the configuration nor the answer', async () => {
      const answer = await apply(
        await plan([
          {
            method: 'POST',
            path: '/resource-servers',
            body: { identifier: 'https://hs.test', signing_alg: 'HS256' },
          },
          { method: 'POST', path: '/clients', body: { name: 'Confidential', app_type: 'regular_web' } },
        ]),
      )
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      const text = JSON.stringify([answer.body, await configuration()])
      assert.doesNotMatch(text, /"(client|signing)_secret"/)
    })

    for (const [what, change, expected] of [
      ['another route', { method: 'POST', path: '/jobs/users-imports' }, [400, 'operation_not_supported']],
      ['a change of an account', { method: 'DELETE', path: '/users/u' }, [400, 'operation_not_supported']],
      ['a body that the route refuses', { method: 'POST', path: '/roles', body: {} }, [400, 'invalid_body']],
      ['an unknown name', { method: 'DELETE', path: '/roles/new:none' }, [404, 'inexistent_role']],
      [
        'a name without a colon',
        { method: 'POST', path: '/roles', as: 'r', body: {} },
        [400, 'invalid_body'],
      ],
    ] as [string, PlannedChange, unknown[]][])
      it(`refuses ${what}`, async () => {
        assert.deepEqual(errorOf(await apply(await plan([change]))), expected)
      })

    it('is made by one of two requests that are sent together', async () => {
      const requests = await Promise.all(
        ['first', 'second'].map((name) => plan([{ method: 'POST', path: '/roles', body: { name } }])),
      )
      const answers = await Promise.all(requests.map((request) => apply(request)))
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set([200, 409]))
      const same = await plan([{ method: 'POST', path: '/roles', body: { name: 'third' } }])
      const both = await Promise.all([apply(same), apply(same)])
      assert.deepEqual(
        new Set(both.map(({ status, body }) => `${status} ${String(body['repeated'])}`)),
        new Set(['200 false', '200 true']),
      )
    })
  })
