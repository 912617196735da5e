import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGuard, type GuardOptions, InvalidTokenError, KeysUnavailableError } from '../index.ts'
import { createTestIssuer } from '../testing/index.ts'

/** An issuer and a guard with one clock, and a network that the test controls. */
async function setUp(options: Partial<GuardOptions> = {}) {
  const clock = { now: Date.now() }
  const now = () => clock.now
  const source = await createTestIssuer({ now })
  const warnings: unknown[] = []
  const network = {
    requests: 0,
    answer: async (): Promise<Response> => Response.json(source.keys()),
  }
  const guard = createGuard({
    issuer: source.issuer,
    audience: source.audience,
    jwksUri: `${source.issuer}keys`,
    now,
    warn: (_message, cause) => warnings.push(cause),
    fetch: () => {
      network.requests += 1
      return network.answer()
    },
    ...options,
  })
  const pass = (seconds: number) => {
    clock.now += seconds * 1000
  }
  return { source, guard, network, warnings, pass }
}

/** Resolves after what was started in the background and is ready to run. */
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve))

test('500 requests at a cold start cause one fetch', async () => {
  const { source, guard, network } = await setUp()
  const token = await source.token()
  await Promise.all(Array.from({ length: 500 }, () => guard.verify(token)))
  assert.equal(network.requests, 1)
})

test('a flood of unknown keys causes one fetch per cool-down, and a new key is usable within 10 s of it', async () => {
  const { source, guard, network, pass } = await setUp()
  await guard.verify(await source.token())
  const flood = async (count: number) => {
    for (let index = 0; index < count; index += 1)
      await assert.rejects(
        guard.verify(await source.token({ header: { kid: `unknown-${index}` } })),
        InvalidTokenError,
      )
  }
  pass(6)
  await flood(100)
  assert.equal(network.requests, 2)
  await source.rotate()
  let waited = 0
  for (; waited <= 10; waited += 1) {
    await flood(20)
    const accepted = await guard.verify(await source.token()).then(
      () => true,
      () => false,
    )
    if (accepted) break
    pass(1)
  }
  assert.ok(waited <= 10, `${waited} s`)
  assert.ok(network.requests <= 4, `${network.requests} fetches`)
})

test('a token of another issuer causes no load of keys, and is refused while there are none', async () => {
  const { source, guard, network, pass } = await setUp()
  const foreign = await source.token({ fault: 'wrong-issuer' })
  await assert.rejects(guard.verify(foreign), InvalidTokenError)
  assert.equal(network.requests, 0)
  await guard.verify(await source.token())
  pass(6)
  const unknown = await source.token({ fault: 'wrong-issuer', header: { kid: 'unknown' } })
  await assert.rejects(guard.verify(unknown), InvalidTokenError)
  await assert.rejects(guard.verify(foreign), InvalidTokenError)
  assert.equal(network.requests, 1)
})

test('without a flood a new key is usable immediately', async () => {
  const { source, guard, pass } = await setUp()
  await guard.verify(await source.token())
  pass(6)
  await source.rotate()
  assert.equal((await guard.verify(await source.token())).sub, 'auth0|test-user')
})

test('keys are refreshed in the background before they are stale', async () => {
  const { source, guard, network, pass } = await setUp()
  const token = await source.token()
  await guard.verify(token)
  pass(31)
  network.answer = () => new Promise(() => {})
  await guard.verify(token)
  await guard.verify(await source.token({ sub: 'another' }))
  assert.equal(network.requests, 2)
})

test('a withdrawn key is refused within the maximum age, for cached tokens too', async () => {
  const { source, guard, pass } = await setUp()
  const token = await source.token()
  for (let use = 0; use < 2; use += 1) await guard.verify(token)
  assert.equal(guard.cached.entries, 1)
  await source.rotate({ withdrawOld: true })
  pass(31)
  // The request that causes the refresh is still answered from the cache.
  await guard.verify(token)
  await settled()
  await settled()
  await assert.rejects(guard.verify(token), InvalidTokenError)
})

test('after a long pause the first request waits for fresh keys', async () => {
  const { source, guard, pass } = await setUp({ cache: false })
  const token = await source.token()
  await guard.verify(token)
  await source.rotate({ withdrawOld: true })
  pass(3_000)
  await assert.rejects(guard.verify(token), InvalidTokenError)
})

const garbage: Record<string, () => Promise<Response>> = {
  'no connection': () => Promise.reject(new TypeError('fetch failed')),
  'a server error': async () => Response.json({ keys: [] }, { status: 500 }),
  'a page': async () => new Response('<!doctype html>', { headers: { 'content-type': 'text/html' } }),
  nothing: async () => new Response(''),
  'an empty set': async () => Response.json({ keys: [] }),
  'an array': async () => Response.json([]),
  null: async () => Response.json(null),
  'keys that are not a list': async () => Response.json({ keys: { 0: {} } }),
  'a list without a key': async () =>
    Response.json({ keys: [null, 1, 'key', [], {}, { kty: 'oct', k: 'AAAA' }] }),
  'invalid UTF-8': async () => new Response(new Uint8Array([0xff, 0xfe])),
  'two megabytes': async () => new Response(' '.repeat(2_000_000)),
}
for (const [what, answer] of Object.entries(garbage))
  test(`when the issuer answers with ${what}, known keys stay in use for a day`, async () => {
    const { source, guard, network, warnings, pass } = await setUp({ cache: false })
    const token = await source.token({ lifetimeSeconds: 200_000 })
    await guard.verify(token)
    network.answer = answer
    for (let hour = 0; hour < 24; hour += 1) {
      pass(3600)
      assert.equal((await guard.verify(token)).sub, 'auth0|test-user')
      await assert.rejects(guard.verify(await source.token({ fault: 'unknown-key' })), InvalidTokenError)
      await settled()
    }
    assert.equal(warnings.length, 1, 'an outage is logged once')
    network.answer = async () => Response.json(source.keys())
    await source.rotate()
    pass(10)
    await guard.verify(await source.token())
  })

for (const [what, answer] of Object.entries(garbage))
  test(`while the issuer has only answered with ${what}, the keys are unavailable`, async () => {
    const { source, guard, network, pass } = await setUp()
    network.answer = answer
    await assert.rejects(guard.verify(await source.token()), KeysUnavailableError)
    await assert.rejects(guard.verify(await source.token()), KeysUnavailableError)
    assert.equal(network.requests, 1, 'a moment passes between attempts')
    network.answer = async () => Response.json(source.keys())
    pass(1)
    await guard.verify(await source.token())
  })

test('a load of keys ends at the time limit', async () => {
  const { source, guard } = await setUp({
    timeoutMs: 20,
    fetch: (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
      }),
  })
  await assert.rejects(guard.verify(await source.token()), KeysUnavailableError)
})

test('a keys function is called again as soon as a token names an unknown key', async () => {
  const source = await createTestIssuer()
  const guard = createGuard({ issuer: source.issuer, audience: source.audience, keys: source.keys })
  const old = await source.token()
  await guard.verify(old)
  await source.rotate()
  await guard.verify(await source.token())
  await guard.verify(old)
  await source.rotate({ withdrawOld: true })
  await guard.refreshKeys()
  await assert.rejects(guard.verify(old), InvalidTokenError)
})

test('a key replaced under the same id is a new key', async () => {
  const { source, guard, network } = await setUp()
  const token = await source.token()
  await guard.verify(token)
  const other = await createTestIssuer()
  network.answer = async () => Response.json(other.keys())
  await guard.refreshKeys()
  await assert.rejects(guard.verify(token), InvalidTokenError)
  assert.equal((await guard.verify(await other.token())).sub, 'auth0|test-user')
})

test('private members published by mistake are not imported', async () => {
  const { source, guard, network } = await setUp()
  const [key] = source.keys().keys
  network.answer = async () => Response.json({ keys: [{ ...key, d: 'AAAA', p: 'AAAA' }] })
  await guard.verify(await source.token())
})
