import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGuard, type GuardOptions, InvalidTokenError, KeysUnavailableError } from '../index.ts'
import { createTestIssuer } from '../testing/index.ts'

/** An issuer and a guard under one clock, with what the issuer answers under the test's control. */
async function scene(options: Partial<GuardOptions> = {}) {
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

/** Lets what was started in the background come to its end: the loop turns once all that is ready has run. */
const settled = () => new Promise<void>((resolve) => void setImmediate(resolve))

test('500 requests at a cold start cause one fetch', async () => {
  const { source, guard, network } = await scene()
  const token = await source.token()
  await Promise.all(Array.from({ length: 500 }, () => guard.verify(token)))
  assert.equal(network.requests, 1)
})

test('a flood of unknown keys causes one fetch per cool-down, and a new key is usable within 10 s of it', async () => {
  const { source, guard, network, pass } = await scene()
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

test('a token that names another issuer makes nobody ask for keys, and is refused while there are none', async () => {
  const { source, guard, network, pass } = await scene()
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

test('outside a flood a new key is usable at once', async () => {
  const { source, guard, pass } = await scene()
  await guard.verify(await source.token())
  pass(6)
  await source.rotate()
  assert.equal((await guard.verify(await source.token())).sub, 'auth0|test-user')
})

test('keys are refreshed ahead of need, behind the requests that go on meanwhile', async () => {
  const { source, guard, network, pass } = await scene()
  const token = await source.token()
  await guard.verify(token)
  pass(31)
  network.answer = () => new Promise(() => {})
  await guard.verify(token)
  await guard.verify(await source.token({ sub: 'another' }))
  assert.equal(network.requests, 2)
})

test('a withdrawn key stops counting within the age limit, for cached tokens too', async () => {
  const { source, guard, pass } = await scene()
  const token = await source.token()
  for (let use = 0; use < 2; use += 1) await guard.verify(token)
  assert.equal(guard.cached.entries, 1)
  await source.rotate({ withdrawOld: true })
  pass(31)
  // The request that notices the age is still answered by what is known.
  await guard.verify(token)
  await settled()
  await settled()
  await assert.rejects(guard.verify(token), InvalidTokenError)
})

test('after a long rest the first request waits for fresh keys', async () => {
  const { source, guard, pass } = await scene({ cache: false })
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
  'no set': async () => Response.json([]),
  null: async () => Response.json(null),
  'keys that are no list': async () => Response.json({ keys: { 0: {} } }),
  'a list of nonsense': async () =>
    Response.json({ keys: [null, 1, 'key', [], {}, { kty: 'oct', k: 'AAAA' }] }),
  'no UTF-8': async () => new Response(new Uint8Array([0xff, 0xfe])),
  'two megabytes': async () => new Response(' '.repeat(2_000_000)),
}
for (const [what, answer] of Object.entries(garbage))
  test(`when the issuer answers with ${what}, good keys go on serving for a day`, async () => {
    const { source, guard, network, warnings, pass } = await scene({ cache: false })
    const token = await source.token({ lifetimeSeconds: 200_000 })
    await guard.verify(token)
    network.answer = answer
    for (let hour = 0; hour < 24; hour += 1) {
      pass(3600)
      assert.equal((await guard.verify(token)).sub, 'auth0|test-user')
      await assert.rejects(guard.verify(await source.token({ fault: 'unknown-key' })), InvalidTokenError)
      await settled()
    }
    assert.equal(warnings.length, 1, 'an outage is told once')
    network.answer = async () => Response.json(source.keys())
    await source.rotate()
    pass(10)
    await guard.verify(await source.token())
  })

for (const [what, answer] of Object.entries(garbage))
  test(`while the issuer has only ever answered with ${what}, it is the keys that are missing`, async () => {
    const { source, guard, network, pass } = await scene()
    network.answer = answer
    await assert.rejects(guard.verify(await source.token()), KeysUnavailableError)
    await assert.rejects(guard.verify(await source.token()), KeysUnavailableError)
    assert.equal(network.requests, 1, 'a moment passes between attempts')
    network.answer = async () => Response.json(source.keys())
    pass(1)
    await guard.verify(await source.token())
  })

test('an issuer that hangs is waited for no longer than the time limit', async () => {
  const { source, guard } = await scene({
    timeoutMs: 20,
    fetch: (_url, { signal }) =>
      new Promise((_resolve, reject) => {
        signal?.addEventListener('abort', () => reject(new Error('aborted')))
      }),
  })
  await assert.rejects(guard.verify(await source.token()), KeysUnavailableError)
})

test('keys in process are asked for anew as soon as a token names an unknown one', async () => {
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
  const { source, guard, network } = await scene()
  const token = await source.token()
  await guard.verify(token)
  const other = await createTestIssuer()
  network.answer = async () => Response.json(other.keys())
  await guard.refreshKeys()
  await assert.rejects(guard.verify(token), InvalidTokenError)
  assert.equal((await guard.verify(await other.token())).sub, 'auth0|test-user')
})

test('private members published by mistake are not imported', async () => {
  const { source, guard, network } = await scene()
  const [key] = source.keys().keys
  network.answer = async () => Response.json({ keys: [{ ...key, d: 'AAAA', p: 'AAAA' }] })
  await guard.verify(await source.token())
})
