import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { audience, makeTutorial, requestToken } from '../testing/tutorial.ts'
import { createLogBuffer } from './log-buffer.ts'
import { countByDay, msPerDay } from './store.ts'

for (const kind of stores)
  describe(`machine tokens in the log on ${kind.name}`, () => {
    /** @returns a function that requests a token for an application of this name */
    const machine = async (server: TestServer, name: string, apiId: string) => {
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name, app_type: 'non_interactive' }),
      )
      const { clientId } = application
      await transaction(server.ctx, (tx) => createClientGrant(tx, { clientId, apiId, scope: [] }))
      return (secret = clientSecret, agent = 'a machine') =>
        requestToken(
          server,
          { grant_type: 'client_credentials', client_id: clientId, client_secret: secret, audience },
          { 'user-agent': agent },
        )
    }
    const entries = async ({ app, ctx }: TestServer) => {
      await app.logs.flush()
      const rows = await ctx.store.db
        .selectFrom('logs')
        .selectAll()
        .where('type', 'in', ['seccft', 'feccft'])
        .orderBy('log_id')
        .execute()
      return rows.map(({ type, description, data }) => {
        const {
          clientName,
          userAgent,
          audience: forApi,
          details,
        }: Record<string, unknown> = typeof data === 'string' ? JSON.parse(data) : data
        return { type, description, clientName, userAgent, audience: forApi, details }
      })
    }

    it('are one entry for each application and minute, and failures stay single', async (t) => {
      const server = await startServer(t, kind, { config: { machineTokenLogs: 'minute' } })
      const { api } = await makeTutorial(server.ctx)
      const [first, second] = [
        await machine(server, 'first', api.id),
        await machine(server, 'second', api.id),
      ]
      for (let n = 0; n < 3; n++) assert.equal((await first()).status, 200)
      assert.equal((await first(undefined, 'another agent')).status, 200)
      assert.equal((await second()).status, 200)
      for (let n = 0; n < 2; n++) assert.equal((await first('wrong')).status, 401)
      const all = await entries(server)
      const failures = all.filter(({ type }) => type === 'feccft')
      assert.equal(failures.length, 2)
      for (const { clientName, details } of failures) {
        assert.equal(clientName, 'first')
        assert.ok(!Object.hasOwn(details ?? {}, 'count'))
      }
      assert.deepEqual(
        all.filter(({ type }) => type === 'seccft'),
        [
          {
            type: 'seccft',
            description: '4 tokens issued (client_credentials)',
            clientName: 'first',
            userAgent: undefined,
            audience,
            details: { count: 4 },
          },
          {
            type: 'seccft',
            description: 'Token issued (client_credentials)',
            clientName: 'second',
            userAgent: 'a machine',
            audience,
            details: undefined,
          },
        ],
      )
      assert.deepEqual((await entries(server)).length, 4, 'each is counted once')
    })

    it('belong to the minute and the day in which they were issued', async (t) => {
      const midnight = Date.UTC(2030, 0, 2)
      let now = midnight - 2_000
      const { ctx } = await startServer(t, kind, { clock: () => now, config: { machineTokenLogs: 'minute' } })
      const buffer = createLogBuffer(ctx, (message) => assert.fail(message))
      const entry = { type: 'seccft', description: 'Token issued', clientId: 'machine' } as const
      buffer.add(entry)
      now += 1_000
      buffer.add(entry)
      now = midnight
      await buffer.flush()
      const day = midnight / msPerDay
      assert.deepEqual(await countByDay(ctx.store.db, day - 1, day, ['seccft']), [
        { type: 'seccft', count: 1, day: day - 1 },
      ])
      const [row] = await ctx.store.db
        .selectFrom('logs')
        .select('date')
        .where('type', '=', 'seccft')
        .execute()
      assert.equal(row?.date, midnight - 1_000)
    })

    it('are one entry each without the setting', async (t) => {
      const server = await startServer(t, kind)
      const { api } = await makeTutorial(server.ctx)
      const issue = await machine(server, 'first', api.id)
      for (let n = 0; n < 3; n++) await issue()
      assert.equal((await entries(server)).length, 3)
    })

    it('are in the log when the server has stopped', async (t) => {
      const store = await kind.open(t)
      const open = { open: async () => store }
      const server = await startServer(t, open, { config: { machineTokenLogs: 'minute' } })
      const { api } = await makeTutorial(server.ctx)
      const issue = await machine(server, 'first', api.id)
      for (let n = 0; n < 2; n++) await issue()
      await server.app.close()
      const [row] = await store.db
        .selectFrom('logs')
        .select('description')
        .where('type', '=', 'seccft')
        .execute()
      assert.equal(row?.description, '2 tokens issued (client_credentials)')
    })
  })
