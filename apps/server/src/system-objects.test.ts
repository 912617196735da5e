import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { openContext } from './context.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { stores, temporaryDatabase, temporaryFolder } from './store/testing.ts'
import { ensureSystemObjects } from './system-objects.ts'
import { testConfig } from './testing/config.ts'

describe('servers that start together on an empty PostgreSQL', {
  skip: !stores.some(({ name }) => name === 'PostgreSQL'),
}, () => {
  it('create what every tenant has once, and sign with one key', async (t) => {
    const config = testConfig({
      databaseUrl: await temporaryDatabase(t, { empty: true }),
      sealingKey: randomBytes(32).toString('base64'),
      dataDir: await temporaryFolder(t),
    })
    const started = await Promise.allSettled(
      Array.from({ length: 3 }, async () => {
        const ctx = await openContext(config)
        try {
          const { dashboard } = await ensureSystemObjects(ctx)
          const keys = await openKeyRing(ctx)
          return [dashboard.clientId, keys.current().kid]
        } finally {
          await ctx.mailer.close()
          await ctx.store.close()
        }
      }),
    )
    const [first, ...others] = started.map((one) => (one.status === 'fulfilled' ? one.value : one.reason))
    assert.ok(Array.isArray(first), String(first))
    for (const other of others) assert.deepEqual(other, first)
  })
})
