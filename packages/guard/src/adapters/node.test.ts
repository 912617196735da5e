import assert from 'node:assert/strict'
import { createServer, type RequestListener } from 'node:http'
import { test } from 'node:test'
import { audience, forge, issuer, jwks } from '../conformance/forge.ts'
import { get } from '../conformance/request.ts'
import { listening } from '../conformance/running-app.ts'
import { createGuard } from '../guard.ts'
import { guarded, optional } from './node.ts'

const warnings: unknown[] = []
const guard = createGuard({ issuer, audience, keys: jwks, warn: (_message, cause) => warnings.push(cause) })
const wrong = new Error('a handler that is itself wrong')

async function withServer(listener: RequestListener, run: (port: number) => Promise<void>): Promise<void> {
  const app = await listening(createServer(listener))
  try {
    await run(app.port)
  } finally {
    await app.close()
  }
}

const broken = {
  'throws at once': () => {
    throw wrong
  },
  'rejects later': async () => {
    await Promise.resolve()
    throw wrong
  },
}

for (const [what, handler] of Object.entries(broken))
  test(`node:http: a handler that ${what} is answered 500 and passed to warn, and the server stays up`, async () => {
    const routes = [guarded(guard, 'authenticated', handler), optional(guard, handler)]
    for (const route of routes)
      await withServer(route, async (port) => {
        // The token is verified at first and cached later: two ways through the guard.
        const token = forge()
        for (let round = 0; round < 4; round += 1) {
          warnings.length = 0
          const answer = await get(port, '/', ['Authorization', `Bearer ${token}`])
          assert.equal(answer.status, 500)
          assert.deepEqual(answer.body, { title: 'Internal Server Error', status: 500 })
          assert.deepEqual(warnings, [wrong])
        }
      })
  })

test('node:http: an answer whose handler fails midway is aborted', async () => {
  const handler = guarded(guard, 'authenticated', async (_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' })
    response.write('{"half":')
    await Promise.resolve()
    throw wrong
  })
  await withServer(handler, async (port) => {
    await assert.rejects(get(port, '/', ['Authorization', `Bearer ${forge()}`]))
  })
})

test('node:http: a handler that fails after its complete answer does not change the answer', async () => {
  const handler = guarded(guard, 'authenticated', async (_request, response) => {
    response.end('{"whole":true}')
    await Promise.resolve()
    throw wrong
  })
  await withServer(handler, async (port) => {
    const { status, body } = await get(port, '/', ['Authorization', `Bearer ${forge()}`])
    assert.deepEqual({ status, body }, { status: 200, body: { whole: true } })
  })
})
