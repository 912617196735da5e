import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { stores } from '../../store/testing.ts'
import { allEndpoints, fuzz } from './fuzz.ts'
import { openWorld } from './world.ts'

/** `npm run fuzz` sends many more, with other seeds. */
const requests = 8
const seed = 20_261_129

for (const kind of stores)
  describe(`generated requests on ${kind.name}`, () => {
    it('are answered as documented, by every route and endpoint', { timeout: 600_000 }, async () => {
      const world = await openWorld(kind)
      try {
        const failures = []
        let sent = 0
        let succeeded = 0
        for (const endpoint of await allEndpoints(world)) {
          const result = await fuzz(world, endpoint, { requests, seed })
          if (result.failure !== undefined) failures.push(`${result.name}: ${result.failure}`)
          sent += result.requests
          for (const [status, times] of result.statuses) if (status < 400) succeeded += times
        }
        assert.deepEqual(failures, [])
        assert.ok(succeeded > sent * 0.4, `${succeeded} of ${sent} requests succeeded`)
      } finally {
        await world.close()
      }
    })
  })
