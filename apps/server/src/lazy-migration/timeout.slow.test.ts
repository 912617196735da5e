import assert from 'node:assert/strict'
import { it } from 'node:test'
import { signIn } from '../accounts/sign-in.ts'
import { findConnection } from '../connections/store.ts'
import { startManagement } from '../management/testing.ts'
import { stores } from '../store/testing.ts'
import { OtherServer, passwordApplication, realm } from './testing.ts'

it('a log-in ends with 503 when the other server does not answer, and needs no answer any more', async (t) => {
  const [kind] = stores
  assert.ok(kind)
  const other = await OtherServer.start(t)
  other.answer = () => 'hang'
  const { ctx, call } = await startManagement(t, kind, Date.now, { localHosts: ['localhost'] })
  const [first] = (await call('GET', '/connections')).body
  const settings = { source: 'auth0', enabled: true, domain: other.host, realm, ...passwordApplication }
  await call('PATCH', `/connections/${first?.['id']}`, { options: { lazy_migration: settings } })
  const connection = await findConnection(ctx.store.db, realm)
  assert.ok(connection)
  const attempt = { connection, identifier: 'ada@example.com', password: 'x', ip: '192.0.2.1' }
  assert.deepEqual(await signIn(ctx, attempt), { refused: 'busy', retryAfterSeconds: 10 })
  const [entry] = await ctx.store.db
    .selectFrom('logs')
    .select('description')
    .where('type', '=', 'f')
    .execute()
  assert.match(entry?.description ?? '', /could not be asked: there was no response in time/)
})
