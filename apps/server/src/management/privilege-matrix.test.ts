import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { previewedRoutes } from '@rolecall/contract'
import { sql } from 'kysely'
import { assignPermissions } from '../roles/assignments.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser } from '../users/users.ts'
import { type ManagementServer, startManagement, untilTheEnd } from './testing.ts'
import { type Attempt, attempts } from './testing-privilege.ts'
import { beyond, createProtected, type Protected, providerOptions } from './testing-protected.ts'

type Method = Parameters<ManagementServer['call']>[0]

for (const kind of stores)
  describe(`what holds more management scopes than the caller on ${kind.name}`, () => {
    const end = untilTheEnd()
    // Every look at it moves it on, so that the rate limit never answers instead of the route.
    let now = Date.now()
    let server: ManagementServer
    let made: Protected
    let routes: { name: string; method: Method; path: string; scopes: string[] }[]

    before(async () => {
      server = await startManagement(end, kind, () => now++)
      made = await createProtected(server)
      routes = server.app.managementRoutes.flatMap(({ method, url, scope }) => {
        if (method === 'GET' || method === 'HEAD' || scope === 'public') return []
        const path = url.slice('/api/v2'.length)
        const scopes = [...new Set(scope.flatMap((one) => one.split(' ')))]
        return [{ name: `${method} ${path}`, method: method as Method, path, scopes }]
      })
    })

    /** Every row of the store but the log and the signal for caches. */
    const stored = async () => {
      const { db } = server.ctx.store
      const rows: Record<string, unknown> = {}
      for (const { name } of await db.introspection.getTables())
        if (name !== 'logs' && name !== 'changes')
          rows[name] = (await sql`select * from ${sql.table(name)}`.execute(db)).rows
            .map((row) => JSON.stringify(row))
            .toSorted()
      return rows
    }
    const lastEntry = async () => (await server.call('GET', '/logs?per_page=1')).body[0]!

    const expectRefused = async (
      { method, path }: { method: Method; path: string },
      attempt: Attempt,
      token: string,
      who: { user_id?: string; client_id: string },
    ) => {
      const url = attempt.path || path
      const what = `${method} ${url} ${JSON.stringify(attempt.body)} by ${who.user_id ?? who.client_id}`
      const answer = await server.call(method, url, attempt.body, token)
      const { errorCode = 'insufficient_privilege' } = attempt
      assert.deepEqual([answer.status, answer.body['errorCode']], [403, errorCode], what)
      const entry = await lastEntry()
      assert.equal(entry['type'], 'fapi', what)
      assert.match(String(entry['description']), /refused: /, what)
      assert.deepEqual([entry['user_id'], entry['client_id']], [who.user_id, who.client_id], what)
      const { request, target } = entry['details']!
      assert.equal(request!['path'], `/api/v2${url.split('?')[0]}`, what)
      if (attempt.target) assert.deepEqual(target, attempt.target, what)
    }

    it('has attempts for every route that changes something, and for no other', () => {
      const missing = routes.map(({ name }) => name).filter((name) => !(name in attempts))
      const gone = Object.keys(attempts).filter((name) => !routes.some((route) => route.name === name))
      assert.deepEqual({ missing, gone }, { missing: [], gone: [] })
      assert.ok(routes.every(({ scopes }) => !scopes.includes(beyond)))
    })

    it('is not changed and not removed by it, by no route, and each attempt is in the log', async () => {
      const earlier = await stored()
      for (const route of routes) {
        const given = attempts[route.name]
        if (typeof given !== 'function') continue
        const { clientId } = server
        const all = server.managementApi.permissions.map(({ value }) => value)
        const narrow = await server.token(`${clientId}@clients`, route.scopes)
        const almost = await server.token(
          `${clientId}@clients`,
          all.filter((scope) => scope !== beyond),
        )
        for (const attempt of given(made)) {
          await expectRefused(route, attempt, narrow, { client_id: clientId })
          await expectRefused(route, attempt, almost, { client_id: clientId })
        }
        assert.deepEqual(await stored(), earlier, route.name)
      }
    })

    it('is not changed and not removed by a list of changes', async () => {
      const all = server.managementApi.permissions.map(({ value }) => value)
      const almost = await server.token(
        `${server.clientId}@clients`,
        all.filter((scope) => scope !== beyond),
      )
      const earlier = await stored()
      const { body } = await server.call('GET', '/authorization/configuration')
      let tried = 0
      for (const { name, method, path } of routes) {
        const given = attempts[name]
        const isInList = previewedRoutes.some((one) => one.replace('{id}', ':id') === name)
        if (typeof given !== 'function' || !isInList || /^(PATCH|DELETE) \/users\/:id$/.test(name)) continue
        for (const attempt of given(made)) {
          const change = { method, path: attempt.path || path, body: attempt.body }
          const list = { plan_id: `attempt-${tried++}`, version: body['version'], changes: [change] }
          const answer = await server.call('POST', '/authorization/changes', list, almost)
          const { errorCode = 'insufficient_privilege' } = attempt
          assert.deepEqual(
            [answer.status, answer.body['errorCode']],
            [403, errorCode],
            JSON.stringify(change),
          )
        }
        assert.deepEqual(await stored(), earlier, name)
      }
      assert.ok(tried > 30, `${tried} attempts`)
    })

    it('is not changed and not removed by a person who holds the scope of the route alone', async () => {
      for (const route of routes) {
        const given = attempts[route.name]
        if (typeof given !== 'function') continue
        const { userId } = await transaction(server.ctx, (tx) =>
          createUser(tx, { connection: 'c', email: `${now}@x.test` }),
        )
        const refs = route.scopes.map((permission) => ({ api: made.audience, permission }))
        await transaction(server.ctx, (tx) => assignPermissions(tx, userId, refs))
        const token = await server.token(userId, route.scopes)
        const who = { user_id: userId, client_id: server.dashboard.clientId }
        const earlier = await stored()
        for (const attempt of given(made)) await expectRefused(route, attempt, token, who)
        assert.deepEqual(await stored(), earlier, route.name)
      }
    })

    it('is a system object that no caller changes, whatever they hold, and each attempt is in the log', async () => {
      const { clientId, managementApi } = server
      const all = server.managementApi.permissions.map(({ value }) => value)
      const token = await server.token(`${clientId}@clients`, all)
      const { id: grant } = await server.ctx.store.db
        .selectFrom('client_grants')
        .select('id')
        .where('client_id', '=', made.dashboard)
        .executeTakeFirstOrThrow()
      const earlier = await stored()
      for (const [method, path, body] of [
        ['PATCH', `/roles/${made.ownerRole}`, { name: 'x' }],
        ['DELETE', `/roles/${made.ownerRole}`, undefined],
        ['POST', `/roles/${made.ownerRole}/permissions`, made.ordinary],
        ['DELETE', `/roles/${made.ownerRole}/permissions`, made.beyond],
        ['PATCH', `/clients/${made.dashboard}`, { callbacks: ['https://evil.test'] }],
        ['DELETE', `/clients/${made.dashboard}`, undefined],
        ['POST', `/clients/${made.dashboard}/rotate-secret`, undefined],
        ['POST', `/clients/${made.dashboard}/credentials`, made.credential],
        ['PATCH', `/client-grants/${grant}`, { scope: [] }],
        ['DELETE', `/client-grants/${grant}`, undefined],
        ['PATCH', `/resource-servers/${managementApi.id}`, { enforce_policies: false }],
        ['DELETE', `/resource-servers/${managementApi.id}`, undefined],
      ] as const)
        await expectRefused({ method, path }, { path, body, errorCode: 'operation_not_allowed' }, token, {
          client_id: clientId,
        })
      assert.deepEqual(await stored(), earlier)
    })

    it('is not the caller, either: a token with few of their scopes does not become them', async () => {
      const { userId, path } = { ...made.owner, path: `/users/${encodeURIComponent(made.owner.userId)}` }
      const earlier = await stored()
      const own = await server.token(userId, ['update:users', 'delete:users', 'create:user_tickets'])
      const self = `/clients/${server.clientId}`
      const machine = await server.token(`${server.clientId}@clients`, [
        'update:client_keys',
        'update:clients',
      ])
      for (const [method, url, body, token] of [
        ['PATCH', path, { password: 'a lantern on the 3rd bridge' }, own],
        ['PATCH', path, { email: 'mine@x.test' }, own],
        ['DELETE', path, undefined, own],
        ['POST', '/tickets/password-change', { user_id: userId }, own],
        ['POST', `${self}/rotate-secret`, undefined, machine],
        ['PATCH', self, { client_secret: 'x'.repeat(40) }, machine],
        ['PATCH', self, { callbacks: ['https://evil.test'] }, machine],
      ] as const) {
        const answer = await server.call(method, url, body, token)
        assert.deepEqual([answer.status, answer.body['errorCode']], [403, 'insufficient_privilege'], url)
      }
      assert.deepEqual(await stored(), earlier)
    })

    it('is not changed by an import, which says so of that user alone and logs it', async () => {
      const { owner, friend, connection } = made
      const users = [owner, friend].map(({ email }) => ({ email, name: 'Imported', email_verified: true }))
      const token = await server.token(`${server.clientId}@clients`, ['create:users', 'update:users'])
      const boundary = 'x'
      const parts = [
        `name="users"; filename="users.json"\r\nContent-Type: application/json\r\n\r\n${JSON.stringify(users)}`,
        `name="connection_id"\r\n\r\n${connection.id}`,
        'name="upsert"\r\n\r\ntrue',
      ]
      const started = await server.app.inject({
        method: 'POST',
        url: '/api/v2/jobs/users-imports',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': `multipart/form-data; boundary=${boundary}`,
        },
        payload: `${parts.map((part) => `--${boundary}\r\nContent-Disposition: form-data; ${part}\r\n`).join('')}--${boundary}--\r\n`,
      })
      assert.equal(started.statusCode, 202, started.body)
      const job = `/jobs/${started.json<{ id: string }>().id}`
      const status = async () => String((await server.call('GET', job)).body['status'])
      for (let look = 0; look < 1_000 && ['pending', 'processing'].includes(await status()); look++)
        await setImmediate()
      assert.equal(await status(), 'completed')
      const errors = (await server.call('GET', `${job}/errors`)).body
      assert.equal(errors.length, 1)
      assert.equal(errors[0]!['errors']![0]!['code'], 'insufficient_privilege')
      const nameOf = async (userId: string) =>
        (await server.call('GET', `/users/${encodeURIComponent(userId)}`)).body['name']
      assert.notEqual(await nameOf(owner.userId), 'Imported')
      assert.equal(await nameOf(friend.userId), 'Imported')
      const [entry] = (await server.call('GET', '/logs?per_page=1&q=type:fapi')).body
      assert.deepEqual(entry!['details']!['target'], { type: 'user', id: owner.userId })
      assert.equal(entry!['client_id'], server.clientId)
    })

    it('needs the scope of an assignment for a role mapping, and that of a new password for another provider', async () => {
      const caller = (...scopes: string[]) => server.token(`${server.clientId}@clients`, scopes)
      const mapping = { name: 'Narrow', strategy: 'oidc', options: providerOptions({ plain: 'Plain' }) }
      const bare = { ...mapping, options: { ...mapping.options, role_mapping: null } }
      const refused = async (...args: Parameters<ManagementServer['call']>) => {
        const { status, body } = await server.call(...args)
        assert.deepEqual([status, body['errorCode']], [403, 'insufficient_scope'], JSON.stringify(args))
        return String(body['message'])
      }
      const onlyCreates = await caller('create:connections')
      assert.match(await refused('POST', '/connections', mapping, onlyCreates), /create:role_members$/)
      const { body: created } = await server.call('POST', '/connections', bare, onlyCreates)
      const path = `/connections/${created['id']}`
      const onlyUpdates = await caller('update:connections', 'update:roles')
      const moved = { options: { ...bare.options, issuer: 'https://evil.example.com' } }
      assert.match(await refused('PATCH', path, moved, onlyUpdates), /update:users$/)
      assert.equal((await server.call('PATCH', path, { display_name: 'Partner' }, onlyUpdates)).status, 200)
      assert.equal((await server.call('DELETE', path)).status, 204)
    })

    it('does not apply to a caller who holds as much, nor to objects that it does not cover', async () => {
      const { connection, staff, plainApplication, friend, plainRole, ownerRole } = made
      const weak = await server.token(`${server.clientId}@clients`, [
        'update:connections',
        'update:clients',
        'update:users',
      ])
      const path = `/connections/${connection.id}`
      for (const body of [
        { display_name: 'People' },
        { metadata: { team: 'x' } },
        { options: { ...connection.options, disable_signup: true } },
        { enabled_clients: (await server.call('GET', path)).body['enabled_clients'] },
      ])
        assert.equal((await server.call('PATCH', path, body, weak)).status, 200, JSON.stringify(body))
      const switches = [{ client_id: plainApplication, status: true }]
      assert.equal((await server.call('PATCH', `/connections/${staff}/clients`, switches, weak)).status, 204)
      const client = `/clients/${plainApplication}`
      assert.equal((await server.call('PATCH', client, { callbacks: ['https://a.test'] }, weak)).status, 200)
      const roles = { roles: [plainRole] }
      const user = `/users/${encodeURIComponent(friend.userId)}`
      assert.equal((await server.call('POST', `${user}/roles`, roles, weak)).status, 204)
      const provider = {
        name: 'Weak',
        strategy: 'oidc',
        options: providerOptions({ plain: 'Plain' }),
      }
      const create = await server.token(`${server.clientId}@clients`, ['create:connections', 'update:roles'])
      const { status, body: weakProvider } = await server.call('POST', '/connections', provider, create)
      assert.equal(status, 201)
      const moved = { options: { ...provider.options, issuer: 'https://moved.example.com' } }
      assert.equal(
        (await server.call('PATCH', `/connections/${weakProvider['id']}`, moved, weak)).status,
        200,
      )

      assert.equal((await server.call('PATCH', path, { options: {} })).status, 200)
      assert.equal((await server.call('POST', `${user}/roles`, { roles: [ownerRole] })).status, 204)
      assert.equal((await server.call('DELETE', `/client-grants/${made.automationGrant}`)).status, 204)
      assert.equal((await server.call('DELETE', `/clients/${made.automation}`)).status, 204)
    })
  })
