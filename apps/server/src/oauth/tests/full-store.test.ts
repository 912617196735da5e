/** The disk is full: SQLite answers SQLITE_FULL to whatever needs another page. Reads go on. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { insertLogs } from '../../logs/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  audience,
  authorizationRequest,
  logIn,
  redeem,
  refresh,
  requestToken,
} from '../../testing/tutorial.ts'

for (const kind of stores.filter(({ name }) => name === 'node:sqlite'))
  describe('a full disk', { timeout: 60_000 }, () => {
    const server = tutorialServer(kind)
    const at = (path: string, init: RequestInit = {}) =>
      fetch(new URL(path, server.issuer), { redirect: 'manual', ...init })

    /** Takes every free page, and the gaps in the pages of the tables that requests write to. */
    async function fill(): Promise<void> {
      const { db } = server.ctx.store
      await sql`pragma max_page_count = 1`.execute(db)
      const id = () => randomBytes(16).toString('hex')
      const inserts = [
        (data: string) => db.insertInto('settings').values({ id: id(), data, updated_at: 0 }).execute(),
        (data: string) =>
          insertLogs(db, [{ logId: `0${id()}`, date: 0, type: 's', description: data, userAgent: data }]),
        (payload: string) =>
          db
            .insertInto('artifacts')
            .values({
              kind: 'Filler',
              id_hash: id(),
              payload,
              grant_id: id(),
              uid: id(),
              user_code: null,
              user_id: id(),
              client_id: id(),
              created_at: 0,
              expires_at: null,
              consumed_at: null,
            })
            .execute(),
      ]
      for (const insert of inserts)
        for (const size of [8_000, 400, 1]) {
          const data = JSON.stringify('x'.repeat(size))
          // A row that finds no room in one page may find it in another.
          for (let failures = 0; failures < 20; )
            failures += await insert(data).then(
              () => 0,
              (error: Error) => {
                assert.match(error.message, /full/)
                return 1
              },
            )
        }
    }
    const makeRoom = () => sql`pragma max_page_count = 1000000`.execute(server.ctx.store.db)

    test('writes answer 503 in the form of each surface, reads go on, and nothing is lost once there is room', async () => {
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Service',
          app_type: 'non_interactive',
        }),
      )
      const { clientId } = application
      const management = `${server.issuer}api/v2/`
      const managementApi = await server.ctx.store.db
        .selectFrom('apis')
        .select('id')
        .where('identifier', '=', management)
        .executeTakeFirstOrThrow()
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, {
          clientId,
          apiId: managementApi.id,
          scope: ['create:roles', 'read:roles'],
        }),
      )
      await transaction(server.ctx, (tx) => createClientGrant(tx, { clientId, apiId: server.api.id }))
      const askToken = (forApi: string) =>
        requestToken(server, {
          grant_type: 'client_credentials',
          client_id: clientId,
          client_secret: clientSecret,
          audience: forApi,
        })
      const { body: machine } = await askToken(management)
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const second = await logIn(server, server.clientId, 'admin@example.com')
      const { body: tokens } = await redeem(server, server.clientId, login)
      const authorization = `Bearer ${machine.access_token}`
      const newRole = () =>
        at('/api/v2/roles', {
          method: 'POST',
          headers: { authorization, 'content-type': 'application/json' },
          body: JSON.stringify({ name: `role ${'x'.repeat(40)}`, description: 'y'.repeat(200) }),
        })
      await server.app.logs.flush()
      await fill()

      const code = await redeem(server, server.clientId, second)
      assert.deepEqual([code.status, code.body.error], [503, 'temporarily_unavailable'])
      assert.equal(code.headers.get('retry-after'), '1')
      const rotated = await refresh(server, server.clientId, tokens.refresh_token)
      assert.deepEqual([rotated.status, rotated.body.error], [503, 'temporarily_unavailable'])

      const page = await at(authorizationRequest(server, server.clientId).url, {
        headers: { accept: 'text/html' },
      })
      assert.deepEqual([page.status, page.headers.get('retry-after')], [503, '1'])
      assert.match(await page.text(), /<h1>Not available at the moment<\/h1>/)
      assert.equal(page.headers.get('set-cookie'), null)

      const role = await newRole()
      assert.deepEqual([role.status, role.headers.get('retry-after')], [503, '1'])
      assert.equal(((await role.json()) as { errorCode: string }).errorCode, 'store_unavailable')

      const notReady = await at('/readyz')
      assert.deepEqual([notReady.status, notReady.headers.get('retry-after')], [503, '1'])
      assert.equal((await at('/api/v2/roles', { headers: { authorization } })).status, 200)
      const issued = await askToken(audience)
      assert.equal(issued.status, 200)

      await makeRoom()
      assert.equal((await at('/readyz')).status, 200)
      assert.equal((await newRole()).status, 200)
      const later = await logIn(server, server.clientId, 'admin@example.com')
      assert.equal((await redeem(server, server.clientId, later)).status, 200)
      await server.app.logs.flush()
      const kept = await server.ctx.store.db
        .selectFrom('logs')
        .select('data')
        .where('type', '=', 'seccft')
        .where('client_id', '=', clientId)
        .execute()
      assert.equal(kept.length, 2, 'the entry of the token that was issued while the disk was full')
    })
  })
