import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type CryptoKey, exportJWK, generateKeyPair, SignJWT } from 'jose'
import { createGuard, type Guard, GuardError, type GuardOptions, permission } from '../index.ts'

/** Attacks on live mode, and what a network does to its feed. The feed of the server itself is tested in apps/server. */

const audience = 'https://api.test'
const other = 'https://other.test'
const name = 'read:messages'
const limit = { timeout: 60_000 }

type Claims = Record<string, unknown>

/** An issuer whose feed a test writes. */
async function startIssuer(t: TestContext) {
  const { privateKey, publicKey } = await generateKeyPair('RS256')
  const jwk = { ...(await exportJWK(publicKey)), kid: 'first', alg: 'RS256', use: 'sig' }
  /** What a reader gets who begins at this position; empty: with a snapshot. */
  let answer = async (_after: string): Promise<string> => ''
  const readers = new Set<ServerResponse>()
  const requests: string[] = []
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const url = new URL(request.url ?? '', 'http://127.0.0.1')
    if (url.pathname === '/oauth/token') {
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ access_token: 'token', expires_in: 3_600 }))
      return
    }
    const after = url.searchParams.get('after') ?? ''
    requests.push(after)
    const text = await answer(after)
    if (url.searchParams.has('wait')) {
      const events = text.split('\n\n').flatMap((part) => (part.startsWith('data: ') ? [part.slice(6)] : []))
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ events }))
      return
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    readers.add(response)
    response.on('close', () => readers.delete(response))
    response.write(`${text}: heartbeat\n\n`)
  }
  const server = createServer((request, response) => void respond(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  const issuer = `http://127.0.0.1:${address.port}/`
  const heartbeat = setInterval(() => {
    for (const reader of readers) reader.write(': heartbeat\n\n')
  }, 500)
  t.after(async () => {
    clearInterval(heartbeat)
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })

  const sign = (claims: Claims, typ: string, key: CryptoKey = privateKey) =>
    new SignJWT({ iss: issuer, aud: audience, ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'first', typ })
      .sign(key)
  return {
    issuer,
    keys: { keys: [jwk] },
    requests,
    sign,
    /** Sets what readers get from now on. */
    answerWith(next: typeof answer | string) {
      answer = typeof next === 'string' ? async () => next : next
    },
    write(text: string) {
      for (const reader of readers) reader.write(text)
    },
    event: async (position: string, claims: Claims = {}) =>
      `data: ${await sign({ authz_mark: position, authz_complete: true, authz_changes: [], ...claims }, 'secevent+jwt')}\n\n`,
    token(position: string | undefined, claims: Claims = {}) {
      const now = Math.floor(Date.now() / 1_000)
      const times = { iat: now, exp: now + 3 * 3_600 }
      const mark = position !== undefined && { authz_mark: position }
      return sign({ sub: 'auth0|ada', azp: 'spa', permissions: [name], ...times, ...mark, ...claims }, 'JWT')
    },
  }
}

type Issuer = Awaited<ReturnType<typeof startIssuer>>

const loss = (n: number, change: Claims = {}) => ({
  n,
  effect: 'loss',
  at: 1_000,
  sub: 'auth0|ada',
  ...change,
})
const liveOptions = {
  clientId: 'api',
  clientSecret: 'secret',
  whenUnreachable: 'refuse',
  unreachableAfterMs: 2_000,
} as const

function guardOf(
  t: TestContext,
  { issuer, keys }: Issuer,
  live = {},
  options: Partial<GuardOptions> = {},
): Guard {
  const warn = () => {}
  const guard = createGuard({
    issuer,
    keys,
    audience,
    live: { ...liveOptions, ...live },
    timeoutMs: 1_000,
    warn,
    ...options,
  })
  t.after(() => guard.close())
  return guard
}

async function ask(guard: Guard, token: string): Promise<number | 'stale'> {
  const view = { method: 'GET', path: '/', params: {}, request: undefined }
  try {
    await guard.authorize(`Bearer ${token}`, { kind: 'required', requirement: permission(name) }, () => view)
    return 200
  } catch (error) {
    assert.ok(error instanceof GuardError, String(error))
    return error.authorizationChanged ? 'stale' : error.status
  }
}

async function eventually(guard: Guard, token: string, expected: number | 'stale'): Promise<void> {
  const end = performance.now() + 20_000
  let answer = await ask(guard, token)
  while (answer !== expected && performance.now() < end) {
    await sleep(20)
    answer = await ask(guard, token)
  }
  assert.equal(answer, expected)
}

async function until(isSo: () => boolean): Promise<void> {
  const end = performance.now() + 20_000
  while (!isSo()) {
    assert.ok(performance.now() < end)
    await sleep(10)
  }
}

describe('the feed of changes', () => {
  test('is believed only as signed by the issuer, of its type and for this API', limit, async (t) => {
    const issuer = await startIssuer(t)
    const { privateKey: foreign } = await generateKeyPair('RS256')
    const claims = { authz_mark: 'e.9', authz_complete: true, authz_changes: [] }
    const right = (await issuer.event('e.9')).slice('data: '.length).trim()
    const [header = '', payload = '', signature = ''] = right.split('.')
    const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const wrong: Record<string, string> = {
      'a key of its own': await issuer.sign(claims, 'secevent+jwt', foreign),
      'no signature': `${encoded({ alg: 'none', typ: 'secevent+jwt' })}.${payload}.`,
      'an HMAC with the public key': `${encoded({ alg: 'HS256', kid: 'first', typ: 'secevent+jwt' })}.${payload}.${signature}`,
      'other content': `${header}.${encoded({ iss: issuer.issuer, aud: audience, ...claims, authz_mark: 'e.8' })}.${signature}`,
      'an unknown key': `${encoded({ alg: 'RS256', kid: 'second', typ: 'secevent+jwt' })}.${payload}.${signature}`,
      'the type of an access token': await issuer.sign(claims, 'JWT'),
      'the type of a logout token': await issuer.sign(claims, 'logout+jwt'),
      'another API': await issuer.sign({ ...claims, aud: other }, 'secevent+jwt'),
      'several APIs': await issuer.sign({ ...claims, aud: [audience, other] }, 'secevent+jwt'),
      'another issuer': await issuer.sign({ ...claims, iss: 'https://issuer.test/' }, 'secevent+jwt'),
      'no position': await issuer.sign({ ...claims, authz_mark: undefined }, 'secevent+jwt'),
      'a position that is no number': await issuer.sign({ ...claims, authz_mark: 'e.1e3' }, 'secevent+jwt'),
      'no changes': await issuer.sign({ ...claims, authz_changes: undefined }, 'secevent+jwt'),
      'changes that are none': await issuer.sign({ ...claims, authz_changes: [{ n: 1 }] }, 'secevent+jwt'),
      'no JWT': 'nonsense',
      'an empty text': '',
    }
    const token = await issuer.token('e.9')
    await Promise.all(
      Object.entries(wrong).map(async ([what, event]) => {
        const liar = await startIssuer(t)
        liar.answerWith(`data: ${event}\n\n`)
        const guard = guardOf(
          t,
          issuer,
          {},
          { fetch: (url, init) => fetch(url.replace(issuer.issuer, liar.issuer), init) },
        )
        assert.equal(await ask(guard, token), 503, what)
        assert.notEqual(guard.live[0]?.connection, 'live', what)
        assert.equal(guard.live[0]?.position, undefined, what)
      }),
    )
    issuer.answerWith(`data: ${right}\n\n`)
    assert.equal(await ask(guardOf(t, issuer), token), 200)
  })

  test('that was recorded and is sent again takes nothing back', limit, async (t) => {
    const issuer = await startIssuer(t)
    const first = await issuer.event('old.1')
    const second = await issuer.event('new.5')
    const third = await issuer.event('new.6', { authz_previous: 'new.5', authz_changes: [loss(6)] })
    issuer.answerWith(first)
    const guard = guardOf(t, issuer)
    const [ofOld, ofNew] = [await issuer.token('old.1'), await issuer.token('new.5')]
    assert.equal(await ask(guard, ofOld), 200)
    issuer.write(second)
    await eventually(guard, ofOld, 'stale')
    assert.equal(await ask(guard, ofNew), 200)
    issuer.write(third)
    await eventually(guard, ofNew, 'stale')

    // The snapshot of the same epoch, from before the change.
    issuer.answerWith(second)
    issuer.write(second)
    await until(() => guard.live[0]?.position === 'new.5')
    assert.deepEqual([await ask(guard, ofNew), await ask(guard, ofOld)], ['stale', 'stale'])
    // An epoch that ended.
    issuer.write(first)
    const { length } = issuer.requests
    await until(() => issuer.requests.length > length)
    for (let count = 0; count < 3; count++)
      assert.deepEqual([await ask(guard, ofNew), await ask(guard, ofOld)], ['stale', 'stale'])
    issuer.answerWith(first)
    issuer.write(first)
    await eventually(guard, await issuer.token('old.1', { sub: 'auth0|bob' }), 'stale')
    assert.equal(await ask(guard, ofNew), 'stale')
  })

  test('of one issuer says nothing about the tokens of another', limit, async (t) => {
    const [one, two] = [await startIssuer(t), await startIssuer(t)]
    one.answerWith(await one.event('e.1'))
    two.answerWith(await two.event('e.1'))
    const guard = createGuard({
      audience,
      issuers: [one, two].map(({ issuer, keys }) => ({ issuer, keys, live: liveOptions })),
      warn: () => {},
    })
    t.after(() => guard.close())
    const [ofOne, ofTwo] = [await one.token('e.1'), await two.token('e.1')]
    for (let use = 0; use < 3; use++)
      assert.deepEqual([await ask(guard, ofOne), await ask(guard, ofTwo)], [200, 200])
    one.write(await one.event('e.2', { authz_previous: 'e.1', authz_changes: [loss(2)] }))
    await eventually(guard, ofOne, 'stale')
    assert.equal(await ask(guard, ofTwo), 200)
    // The second one sends what the first one signed, and names the first one in what it signs itself.
    two.write(await one.event('e.2', { authz_previous: 'e.1', authz_changes: [loss(2)] }))
    two.answerWith(await two.event('e.3', { iss: one.issuer, authz_changes: [loss(3)] }))
    await eventually(guard, ofTwo, 503)
    assert.equal(await ask(guard, await one.token('e.2')), 200)
    assert.deepEqual(
      guard.live.map(({ connection }) => connection),
      ['live', 'unreachable'],
    )
  })

  test('is read to its end wherever its stream is cut, and byte by byte', limit, async (t) => {
    const parts = async ({ event }: Issuer) => [
      await event('e.1', { authz_complete: false, authz_changes: [loss(1, { sub: 'auth0|zoë 🙂' })] }),
      await event('e.2', { authz_complete: false, authz_previous: 'e.1', authz_changes: [loss(2)] }),
      await event('e.3', { authz_previous: 'e.2', authz_changes: [loss(3, { sub: 'auth0|bob' })] }),
    ]
    const [first = '', second = ''] = await parts(await startIssuer(t))
    const start = first.length
    const cuts: Record<string, number> = {
      'before the first byte': 0,
      'within the name of the field': 3,
      'after the name of the field': 'data: '.length,
      'within the header': 20,
      'at a dot': first.indexOf('.') + 1,
      'within the payload': first.indexOf('.') + 200,
      'within the signature': start - 50,
      'before the end of the line': start - 2,
      'between the ends of the lines': start - 1,
      'after the first event': start,
      'within the second event': start + 300,
      'after the second event': start + second.length,
      'within the third event': start + second.length + 400,
      'before the end of the last event': start * 3 - 1,
    }
    await Promise.all(
      Object.entries(cuts).map(async ([what, cut]) => {
        const issuer = await startIssuer(t)
        const all = await parts(issuer)
        let isFirst = true
        issuer.answerWith(async (after) => all.slice(after === '' ? 0 : Number(after.slice(2))).join(''))
        const cutOnce: GuardOptions['fetch'] = async (url, init) => {
          const response = await fetch(url, init)
          if (!isFirst || !url.includes('/changes') || response.body === null) return response
          isFirst = false
          let left = cut
          const limited = new TransformStream<Uint8Array, Uint8Array>({
            transform(chunk, controller) {
              controller.enqueue(chunk.subarray(0, left))
              left -= chunk.length
              if (left <= 0) controller.terminate()
            },
          })
          return new Response(response.body.pipeThrough(limited), response)
        }
        const guard = guardOf(t, issuer, {}, { fetch: cutOnce, timeoutMs: 20_000 })
        const [ada, bob, zoe, cleo] = await Promise.all(
          ['ada', 'bob', 'zoë 🙂', 'cleo'].map((sub) => issuer.token('e.0', { sub: `auth0|${sub}` })),
        )
        const answers = await Promise.all([ada, bob, zoe, cleo].map((token) => ask(guard, token ?? '')))
        assert.deepEqual(answers, ['stale', 'stale', 'stale', 200], what)
        assert.deepEqual([guard.live[0]?.position, guard.live[0]?.changes], ['e.3', 3], what)
      }),
    )

    const issuer = await startIssuer(t)
    const all = (await parts(issuer)).join('')
    issuer.answerWith(all)
    const byteByByte: GuardOptions['fetch'] = async (url, init) => {
      const response = await fetch(url, init)
      if (!url.includes('/changes') || response.body === null) return response
      const single = new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          for (const byte of chunk) controller.enqueue(Uint8Array.of(byte))
        },
      })
      return new Response(response.body.pipeThrough(single), response)
    }
    const guard = guardOf(t, issuer, {}, { fetch: byteByByte, timeoutMs: 20_000 })
    assert.equal(await ask(guard, await issuer.token('e.0')), 'stale')
    assert.equal(guard.live[0]?.position, 'e.3')
  })
})

describe('a guard in live mode', () => {
  test('whose clock is an hour ahead compares by positions', limit, async (t) => {
    const issuer = await startIssuer(t)
    issuer.answerWith(await issuer.event('e.1'))
    const guard = guardOf(t, issuer, {}, { now: () => Date.now() + 3_600_000 })
    const token = await issuer.token('e.1')
    for (let use = 0; use < 3; use++) assert.equal(await ask(guard, token), 200)
    const at = Math.floor(Date.now() / 1_000)
    issuer.write(await issuer.event('e.2', { authz_previous: 'e.1', authz_changes: [loss(2, { at })] }))
    await eventually(guard, token, 'stale')
    const renewed = await issuer.token('e.2')
    for (let use = 0; use < 3; use++) assert.equal(await ask(guard, renewed), 200)
    // Without a position the times of the issuer are compared with each other.
    assert.equal(await ask(guard, await issuer.token(undefined, { iat: at - 1 })), 'stale')
    assert.equal(await ask(guard, await issuer.token(undefined, { iat: at + 1 })), 200)
  })

  test('whose clock is set back an hour hears of changes as before', limit, async (t) => {
    const issuer = await startIssuer(t)
    issuer.answerWith(await issuer.event('e.1'))
    for (const live of [{}, { intervalMs: 100 }]) {
      issuer.answerWith(await issuer.event('e.1'))
      let offset = 0
      const guard = guardOf(t, issuer, live, { now: () => Date.now() + offset, clockToleranceSeconds: 60 })
      // Its time of issue is in the past for both clocks.
      const token = await issuer.token('e.1', { iat: Math.floor(Date.now() / 1_000) - 2 * 3_600 })
      for (let use = 0; use < 3; use++) assert.equal(await ask(guard, token), 200)
      offset = -3_600_000
      const change = await issuer.event('e.2', { authz_previous: 'e.1', authz_changes: [loss(2)] })
      issuer.answerWith(change)
      issuer.write(change)
      await eventually(guard, token, 'stale')
      // Then the issuer is silent: this is noticed too.
      issuer.answerWith('data: nonsense\n\n')
      issuer.write('data: nonsense\n\n')
      await eventually(guard, await issuer.token('e.2', { iat: Math.floor(Date.now() / 1_000) - 7_200 }), 503)
      guard.close()
    }
  })

  test(
    'keeps few of the many changes of one subject, and refuses the tokens that are older than them',
    limit,
    async (t) => {
      const issuer = await startIssuer(t)
      const many = (effect: 'loss' | 'gain') =>
        Array.from({ length: 5_000 }, (_, index) => ({
          ...loss(index + 1),
          effect,
          permissions: [`p${index}`],
        }))
      issuer.answerWith(
        await issuer.event('e.10000', {
          authz_changes: [...many('loss'), ...many('gain'), loss(10_000, { sub: 'auth0|bob' })],
        }),
      )
      const guard = guardOf(t, issuer, {}, { timeoutMs: 20_000 })
      assert.equal(await ask(guard, await issuer.token('e.4000')), 'stale')
      assert.equal(await ask(guard, await issuer.token('e.5000')), 200)
      assert.equal(await ask(guard, await issuer.token('e.4999', { sub: 'auth0|cleo' })), 200)
      assert.ok((guard.live[0]?.changes ?? 0) < 100, String(guard.live[0]?.changes))
    },
  )

  test(
    'with whenUnreachable accept says that it checks nothing, and refuses again what it knows',
    limit,
    async (t) => {
      const issuer = await startIssuer(t)
      issuer.answerWith(await issuer.event('e.1', { authz_changes: [loss(1, { sub: 'auth0|bob' })] }))
      const warnings: string[] = []
      const options = { warn: (message: string) => void warnings.push(message) }
      const accepting = guardOf(t, issuer, { whenUnreachable: 'accept' }, options)
      const refusing = guardOf(t, issuer)
      const [ada, bob] = [await issuer.token('e.0'), await issuer.token('e.0', { sub: 'auth0|bob' })]
      for (const guard of [accepting, refusing])
        assert.deepEqual([await ask(guard, ada), await ask(guard, bob)], [200, 'stale'])
      issuer.answerWith('data: nonsense\n\n')
      issuer.write('data: nonsense\n\n')
      await eventually(refusing, ada, 503)
      await until(() => accepting.live[0]?.connection === 'unreachable')
      // What a guard knows stays true while it hears nothing.
      assert.deepEqual([await ask(accepting, ada), await ask(accepting, bob)], [200, 'stale'])
      assert.equal(await ask(refusing, bob), 'stale')
      assert.equal(warnings.length, 1, warnings.join('\n'))
      assert.ok((accepting.live[0]?.acceptedUnchecked ?? 0) > 0)
    },
  )
})
