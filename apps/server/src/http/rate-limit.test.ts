import assert from 'node:assert/strict'
import { test } from 'node:test'
import Fastify from 'fastify'
import { answerErrors } from './errors.ts'
import { limitAnswers } from './rate-limit.ts'

test('refusals count against a network until the window ends, successes do not', async (t) => {
  let now = 0
  const app = Fastify()
  t.after(() => app.close())
  answerErrors(app, () => ({ headers: {}, body: '' }))
  limitAnswers(app, {
    limit: 3,
    windowSeconds: 60,
    clock: () => now,
    key: ({ headers }) => String(headers['x-network']),
    isCounted: (_request, statusCode) => statusCode >= 400,
    share: (_caller, _window, used) => Promise.resolve(used),
  })
  app.get('/ok', () => ({ status: 'ok' }))
  app.get('/refused', (_request, reply) => reply.code(401).send({ error: 'invalid_client' }))
  const ask = (url: string, network = 'a') => app.inject({ url, headers: { 'x-network': network } })
  for (let i = 0; i < 10; i++) assert.equal((await ask('/ok')).statusCode, 200)
  for (let i = 0; i < 3; i++) assert.equal((await ask('/refused')).statusCode, 401)
  now = 20_000
  for (const url of ['/ok', '/refused']) {
    const { statusCode, headers, body } = await ask(url)
    assert.deepEqual([statusCode, headers['retry-after']], [429, '40'])
    assert.equal((JSON.parse(body) as { error: string }).error, 'too_many_requests')
  }
  assert.equal((await ask('/ok', 'b')).statusCode, 200)
  now = 60_000
  assert.equal((await ask('/ok')).statusCode, 200)
})
