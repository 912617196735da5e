import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { stores } from '../store/testing.ts'
import { startServer } from '../testing/server.ts'

const ask = async ({ issuer }: { issuer: string }) => {
  const response = await fetch(new URL('/readyz', issuer))
  const body: unknown = await response.json()
  return { status: response.status, retryAfter: response.headers.get('retry-after'), body }
}

for (const kind of stores)
  describe(`readiness on ${kind.name}`, { timeout: 30_000 }, () => {
    // The disk of a database server is elsewhere.
    const disk = kind.name === 'node:sqlite' ? { disk: 'ok' } : {}

    test('names the part that fails: signing keys that cannot be opened', async (t) => {
      const server = await startServer(t, kind)
      const { db } = server.ctx.store
      const ready = { status: 'ok', store: 'ok', ...disk, keys: 'ok' }
      assert.deepEqual(await ask(server), { status: 200, retryAfter: null, body: ready })
      const keys = await db.selectFrom('signing_keys').select(['kid', 'sealed_jwk']).execute()
      await db.updateTable('signing_keys').set({ sealed_jwk: 'AQ' }).execute()
      const body = { status: 'unavailable', store: 'ok', ...disk, keys: 'failing' }
      assert.deepEqual(await ask(server), { status: 503, retryAfter: '1', body })
      const [key] = await (await fetch(new URL('/.well-known/jwks.json', server.issuer)))
        .json()
        .then((document: unknown) => (document as { keys: { kid: string }[] }).keys)
      assert.ok(keys.some(({ kid }) => kid === key?.kid))
      for (const { kid, sealed_jwk } of keys)
        await db.updateTable('signing_keys').set({ sealed_jwk }).where('kid', '=', kid).execute()
      assert.equal((await ask(server)).status, 200)
    })

    test('a store that does not answer fails, and the keys in it are unknown', async (t) => {
      const server = await startServer(t, kind)
      await server.ctx.store.close()
      const body = { status: 'unavailable', store: 'failing', keys: 'unknown' }
      const answer = await ask(server)
      assert.equal(answer.status, 503)
      assert.partialDeepStrictEqual(answer.body, body)
      assert.equal((await fetch(new URL('/healthz', server.issuer))).status, 200)
    })

    if (kind.name === 'node:sqlite')
      test('a disk with less room than DISK_FREE_MB fails before it is full', async (t) => {
        const server = await startServer(t, kind, { config: { minFreeDiskBytes: 1e18 } })
        const body = { status: 'unavailable', store: 'ok', disk: 'failing', keys: 'ok' }
        assert.deepEqual(await ask(server), { status: 503, retryAfter: '1', body })
      })
  })
