import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { CompiledQuery } from 'kysely'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser } from '../../testing/browser.ts'
import { startServer } from '../../testing/server.ts'
import {
  audience,
  authorizationRequest,
  destination,
  makeTutorial,
  password,
  redeem,
  refresh,
  requestToken,
} from '../../testing/tutorial.ts'

/** The statements of a request, apart from its entries in the log, which are written together with those of others. */
type Statements = Record<string, number>

const expected: Record<string, Statements> = {
  authorize: { 'select artifacts': 1, 'insert artifacts': 1 },
  'log-in': {
    'select artifacts': 2,
    'insert sign_in_attempts': 1,
    'delete sign_in_attempts': 2,
    'select users': 2,
    'update users': 1,
    'insert artifacts': 3,
    'update artifacts': 1,
    'delete artifacts': 1,
  },
  'code exchange': {
    'select mark_counter': 1,
    'select artifacts': 2,
    'select users': 1,
    'select user_roles': 1,
    'insert artifacts': 1,
    'update artifacts': 1,
  },
  refresh: {
    'select mark_counter': 1,
    'select artifacts': 2,
    'select users': 1,
    'select user_roles': 1,
    'insert artifacts': 1,
    'update artifacts': 1,
  },
  'authorize with a session': {
    'select artifacts': 1,
    'select users': 1,
    'insert artifacts': 2,
    'update artifacts': 1,
  },
  'client credentials': { 'select mark_counter': 1 },
}

for (const kind of stores)
  describe(`the statements of a request on ${kind.name}`, { timeout: 60_000 }, () => {
    it('are these: one more is a decision, and changes this list', async (t) => {
      // The clock does not move: nothing is polled, swept or written because a second has passed, however slow the machine is.
      t.mock.timers.enable({ apis: ['setInterval', 'setTimeout', 'Date'], now: Date.now() })
      const server = await startServer(t, kind)
      const { api, spa } = await makeTutorial(server.ctx)
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name: 'Machine', app_type: 'non_interactive' }),
      )
      const { clientId } = application
      await transaction(server.ctx, (tx) => createClientGrant(tx, { clientId, apiId: api.id, scope: [] }))

      // On the class of all executors: a transaction has an executor other than that of the store.
      const executors = Object.getPrototypeOf(Object.getPrototypeOf(server.ctx.store.db.getExecutor()))
      const spy = t.mock.method(executors, 'executeQuery')
      const counted = async <T>(work: () => Promise<T>): Promise<[T, Statements]> => {
        await server.app.logs.flush()
        spy.mock.resetCalls()
        const result = await work()
        const statements: Statements = {}
        for (const { arguments: args } of spy.mock.calls) {
          const name = nameOf(args[0] as CompiledQuery)
          if (!/ log/.test(name)) statements[name] = (statements[name] ?? 0) + 1
        }
        return [result, statements]
      }

      const machine = () =>
        requestToken(server, {
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret,
          audience,
        })
      const round = async () => {
        const browser = new Browser(server.issuer)
        const request = authorizationRequest(server, spa.clientId)
        const [page, authorize] = await counted(() => browser.open(request.url))
        const [done, logIn] = await counted(() =>
          browser.submit(page, { email: 'admin@example.com', password }),
        )
        const code = destination(done).searchParams.get('code') ?? ''
        const [tokens, exchange] = await counted(() => redeem(server, spa.clientId, { code, request }))
        const [renewed, refreshing] = await counted(() =>
          refresh(server, spa.clientId, tokens.body.refresh_token),
        )
        const silent = authorizationRequest(server, spa.clientId, { prompt: 'none' })
        const [, silently] = await counted(() => browser.open(silent.url))
        const [issued, credentials] = await counted(machine)
        assert.deepEqual([tokens.status, renewed.status, issued.status], [200, 200, 200])
        return {
          authorize,
          'log-in': logIn,
          'code exchange': exchange,
          refresh: refreshing,
          'authorize with a session': silently,
          'client credentials': credentials,
        }
      }
      // The first token request empties the caches, which may be older than its position. The first round fills them.
      await machine()
      await round()
      assert.deepEqual(await round(), expected)
    })
  })

/** Such as `select artifacts`: the verb and the first table. */
function nameOf({ sql }: CompiledQuery): string {
  const [, verb = ''] = /^\s*(\w+)/.exec(sql) ?? []
  const [, table = ''] =
    (verb === 'update' ? /^\s*update "?(\w+)/ : /\b(?:from|into) "?(\w+)/).exec(sql) ?? []
  return `${verb} ${table}`
}
