import assert from 'node:assert/strict'
import { before, describe, it, test } from 'node:test'
import { ApiError } from '../http/api-error.ts'
import { type ManagementServer, startManagement, untilTheEnd } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { nextLogId, writeLog, writeLogs } from './log.ts'
import { parseLogSearch } from './search-fields.ts'
import type { LogEntry } from './store.ts'

const day = Date.UTC(2026, 5, 1)

interface LogOnWire {
  log_id: string
  client_name?: string
  details: { targets: { type: string; id: string; name: string }[] }
}

for (const kind of stores)
  describe(`the log on ${kind.name}`, () => {
    const end = untilTheEnd()
    let server: ManagementServer
    let call: ManagementServer['call']
    const ids = (body: unknown) => (body as { log_id: string }[]).map(({ log_id }) => log_id)
    const search = async (q: string) =>
      (await call('GET', `/logs?q=${encodeURIComponent(q)}`)).body as unknown as { description: string }[]
    const found = async (q: string) =>
      (await search(q))
        .map(({ description }) => description)
        .toSorted()
        .join()

    before(async () => {
      server = await startManagement(end, kind)
      call = server.call
      const { db } = server.ctx.store
      const entries: Omit<LogEntry, 'date'>[] = [
        {
          type: 's',
          description: 'one',
          userId: 'auth0|a',
          userName: 'ada@example.com',
          ip: '10.0.0.1',
          connection: 'C',
        },
        { type: 'f', description: 'two', userName: 'ada@example.com', ip: '10.0.0.2' },
        { type: 'fp', description: 'three', userId: 'auth0|b', userName: 'bob@example.com' },
        { type: 'sapi', description: 'four', clientId: 'machine' },
      ]
      for (const [index, entry] of entries.entries())
        await writeLog(db, { date: day + index * 86_400_000, ...entry })
    })

    it('is searched by its fields, by ranges of time, and by bare words', async () => {
      assert.equal(await found('type:s'), 'one')
      assert.equal(await found('type:s OR type:f'), 'one,two')
      assert.equal(await found('user_name:"ada@example.com" AND type:f'), 'two')
      assert.equal(await found('user_name:ada* -type:f'), 'one')
      assert.equal(await found('NOT user_id:auth0|a date:[2026-06-01 TO 2026-06-30]'), 'four,three,two')
      assert.equal(await found('date:[2026-06-02 TO 2026-06-03]'), 'three,two')
      assert.equal(await found('date:[* TO 2026-06-01]'), 'one')
      assert.equal(await found('bob@example.com'), 'three')
      assert.equal(await found('10.0.0.2'), 'two')
      assert.equal(await found('user_name:nobody'), '')
      assert.equal((await call('GET', '/logs?search=type:fp')).body.length, 1)
    })

    it('is read newest first by pages, and oldest first from an entry on', async () => {
      const all = ids((await call('GET', '/logs?per_page=100')).body)
      assert.deepEqual(all, all.toSorted().toReversed())
      const counted = (await call('GET', '/logs?include_totals=true&per_page=2&page=1')).body
      assert.deepEqual(
        [counted['start'], counted['limit'], counted['length'], counted['total']],
        [2, 2, 2, all.length],
      )
      assert.deepEqual(ids(counted['logs']), all.slice(2, 4))
      const rising = all.toReversed()
      assert.deepEqual(ids((await call('GET', `/logs?take=2&from=${rising[0]}`)).body), rising.slice(1, 3))
      assert.deepEqual(ids((await call('GET', '/logs?take=2')).body), rising.slice(0, 2))
      assert.deepEqual(ids((await call('GET', '/logs?sort=date:1&per_page=2')).body), rising.slice(0, 2))
      const [first] = (await call('GET', '/logs?per_page=1&fields=type,date')).body as unknown as object[]
      assert.deepEqual(Object.keys(first ?? {}).toSorted(), ['date', 'type'])
      assert.equal((await call('GET', '/logs?page=11&per_page=100')).status, 400)
    })

    it('gives one entry with what Auth0’s readers look for', async () => {
      const [one] = (await search('type:s')) as unknown as { log_id: string }[]
      const { body } = await call('GET', `/logs/${one?.log_id}`)
      assert.deepEqual(body, {
        _id: one?.log_id,
        log_id: one?.log_id,
        date: '2026-06-01T00:00:00.000Z',
        type: 's',
        description: 'one',
        user_id: 'auth0|a',
        user_name: 'ada@example.com',
        ip: '10.0.0.1',
        connection: 'C',
        strategy: 'auth0',
        strategy_type: 'database',
        isMobile: false,
      })
      assert.equal((await call('GET', '/logs/900')).status, 404)
    })

    it('records the caller and the object before and after a change, without secrets', async () => {
      const { client_id, client_secret } = (
        await call('POST', '/clients', { name: 'Before', app_type: 'non_interactive' })
      ).body
      await call('PATCH', `/clients/${client_id}`, {
        name: 'After',
        client_secret: 'brought-by-the-caller-0123456789abcdef',
      })
      await call('DELETE', `/clients/nobody`)
      const [refused, changed] = (await call('GET', '/logs?per_page=2')).body as unknown as Record<
        string,
        unknown
      >[]
      assert.deepEqual(
        [changed?.['type'], changed?.['client_id'], changed?.['ip']],
        ['sapi', server.clientId, '127.0.0.1'],
      )
      const changes = changed?.['details'] as
        | { before: { name: string }; after: { name: string } }
        | undefined
      assert.deepEqual([changes?.before.name, changes?.after.name], ['Before', 'After'])
      assert.deepEqual(
        [refused?.['type'], String(refused?.['description']).includes('DELETE')],
        ['fapi', true],
      )
      const rows = JSON.stringify(await server.ctx.store.db.selectFrom('logs').selectAll().execute())
      for (const secret of [String(client_secret), 'brought-by-the-caller']) assert.ok(!rows.includes(secret))
    })

    it('names the caller and what a change is about, as they were called then', async () => {
      const identifier = 'https://named.example.com'
      const entry = async () => ((await call('GET', '/logs?per_page=1')).body as unknown as LogOnWire[])[0]
      const targets = async () => (await entry())?.details.targets.map(({ type, name }) => `${type} ${name}`)

      const scopes = [{ value: 'read:named', description: 'Read' }]
      const api = (await call('POST', '/resource-servers', { name: 'Named', identifier, scopes })).body
      assert.deepEqual(await targets(), ['api Named'])
      const user = (
        await call('POST', '/users', {
          connection: 'Username-Password-Authentication',
          email: 'eve@example.com',
        })
      ).body
      const role = (await call('POST', '/roles', { name: 'first' })).body
      const permissions = [{ resource_server_identifier: identifier, permission_name: 'read:named' }]
      await call('POST', `/roles/${role['id']}/permissions`, { permissions })
      assert.deepEqual(await targets(), ['permission read:named', 'role first', 'api Named'])
      await call('POST', `/users/${user['user_id']}/roles`, { roles: [role['id']] })
      const assigned = await entry()
      assert.deepEqual(await targets(), ['user eve@example.com', 'role first'])
      assert.equal(typeof assigned?.client_name, 'string')
      await call('PATCH', `/roles/${role['id']}`, { name: 'second' })
      assert.deepEqual(await targets(), ['role second'])
      await call('DELETE', `/users/${user['user_id']}`)
      assert.deepEqual(await targets(), ['user eve@example.com'])
      await call('DELETE', `/roles/${role['id']}`)
      assert.deepEqual(await targets(), ['role second'])
      await call('DELETE', `/resource-servers/${api['id']}`)
      assert.deepEqual(await targets(), ['api Named'])
      const unchanged = (await call('GET', `/logs/${assigned?.log_id}`)).body as unknown as LogOnWire
      assert.deepEqual(unchanged.details, assigned?.details)

      assert.equal(
        await found(`target_id:"${role['id']}"`),
        'Add permissions to a role,Assign roles to a user,Create a role,Delete a role,Update a role',
      )
      assert.equal(
        await found(`target_id:"${api['id']}" -type:fapi`),
        'Add permissions to a role,Create a resource server,Delete a resource server',
      )
      assert.equal(await found('target_id:nothing'), '')
      assert.equal((await call('GET', '/logs?q=target_id:a*')).status, 400)
    })

    it('takes no line breaks, and redacts members named as secrets however deep they are', async () => {
      const { db } = server.ctx.store
      await writeLog(db, {
        date: day,
        type: 'w',
        description: 'a\r\n{"level":"info"}\u2028b\u0000',
        userName: 'x\ny',
        details: {
          list: [{ password: 'p', nested: { access_token: 't', CLIENT_SECRET: 's', kept: 1 } }],
          token_lifetime: 2,
        },
      })
      const [entry] = (await search('type:w')) as unknown as Record<string, unknown>[]
      assert.equal(entry?.['description'], 'a {"level":"info"} b ')
      assert.equal(entry?.['user_name'], 'x y')
      assert.deepEqual(entry?.['details'], {
        list: [
          {
            password: '[redacted]',
            nested: { access_token: '[redacted]', CLIENT_SECRET: '[redacted]', kept: 1 },
          },
        ],
        token_lifetime: 2,
      })
    })

    it('keeps the names that a user and an application had at the time of an entry', async () => {
      const { body: client } = await call('POST', '/clients', {
        name: 'Old name',
        app_type: 'non_interactive',
      })
      const { body: user } = await call('POST', '/users', {
        connection: 'Username-Password-Authentication',
        email: 'named@example.com',
        password: 'a lantern on the 3rd bridge',
      })
      const [clientId, userId] = [String(client['client_id']), String(user['user_id'])]
      const entry: LogEntry = { date: Date.now(), type: 'w', description: 'named', clientId, userId }
      await writeLog(server.ctx.store.db, entry)
      await writeLogs(server.ctx.store.db, [entry, { ...entry, clientId: 'unknown', clientName: 'Given' }])
      await call('PATCH', `/clients/${clientId}`, { name: 'New name' })
      await call('DELETE', `/users/${encodeURIComponent(userId)}`)
      const entries = (await call('GET', '/logs?q=type:w&per_page=3')).body
      assert.deepEqual(
        entries.map((one) => [one['client_name'], one['user_name']]),
        [
          ['Given', 'named@example.com'],
          ['Old name', 'named@example.com'],
          ['Old name', 'named@example.com'],
        ],
      )
    })
  })

test('ids of log entries sort by time, and within a millisecond by the order of writing', () => {
  const made = [day, day, day, day + 1, day + 1, day + 86_400_000].map(nextLogId)
  assert.deepEqual(made, made.toSorted())
  assert.equal(new Set(made).size, made.length)
})

test('a search outside the subset is refused with a reason, whatever its length', () => {
  const outside = [
    'nofield:x',
    'type:',
    '"open',
    'type:[a TO b]',
    'date:[x TO *]',
    'AND',
    'AND type:s',
    'type:s OR',
    'type:s OR AND ip:x',
    'NOT',
    '(',
    ')',
    'x'.repeat(3_000),
    '"'.repeat(1_999),
    'a '.repeat(60),
  ]
  for (const text of outside)
    assert.throws(
      () => parseLogSearch(text, false),
      (error) => error instanceof ApiError && error.statusCode === 400,
      text.slice(0, 20),
    )
  assert.equal(parseLogSearch('  ', false), undefined)
  for (const text of [
    '\\"'.repeat(1_000),
    `"${'\\'.repeat(1_990)}`,
    ' '.repeat(1_999) + '"',
    '-'.repeat(2_000),
  ])
    assert.throws(() => parseLogSearch(text, false), ApiError)
})
