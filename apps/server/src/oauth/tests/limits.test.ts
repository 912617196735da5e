import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { describe, test } from 'node:test'
import Fastify from 'fastify'
import { addRefusals } from '../../accounts/attempts.ts'
import { answerErrors } from '../../http/errors.ts'
import { limitAnswers } from '../../http/rate-limit.ts'
import { stores } from '../../store/testing.ts'
import { Browser } from '../../testing/browser.ts'
import { nodesKinds } from '../../testing/nodes.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest } from '../../testing/tutorial.ts'

for (const kind of nodesKinds)
  describe(`Limits hold over all nodes (${kind.name})`, () => {
    const now = Date.now()
    const server = tutorialServer(kind, { clock: () => now, config: { trustProxy: ['127.0.0.1'] } })

    test('of parallel guesses at one account ten are evaluated', async (t) => {
      const addresses = await kind.addresses(t, server)
      const answers = await Promise.all(
        Array.from({ length: 16 }, async (_, index) => {
          const issuer = addresses[index % addresses.length] ?? ''
          const browser = new Browser(issuer, { 'x-forwarded-for': '203.0.113.7' })
          const page = await browser.open(authorizationRequest({ issuer }, server.clientId).url)
          return browser.submit(page, { email: 'admin@example.com', password: 'a wrong password' })
        }),
      )
      const evaluated = answers.filter(({ text }) => text.includes('Wrong email'))
      assert.deepEqual([evaluated.length, answers.length], [10, 16])
    })

    test('of requests for a password link of one network twenty are admitted', async (t) => {
      const addresses = await kind.addresses(t, server)
      const answers = await Promise.all(
        Array.from({ length: 24 }, (_, index) =>
          fetch(new URL('/dbconnections/change_password', addresses[index % addresses.length]), {
            method: 'POST',
            headers: { 'content-type': 'application/json', 'x-forwarded-for': '203.0.113.8' },
            body: JSON.stringify({
              client_id: server.clientId,
              connection: 'Username-Password-Authentication',
              email: `person${index}@example.com`,
            }),
          }),
        ),
      )
      const statuses = answers.map(({ status }) => status).toSorted((one, other) => one - other)
      assert.deepEqual(statuses, [...Array(20).fill(200), ...Array(4).fill(429)])
    })
  })

for (const { name, open } of stores)
  test(`refused requests of a network are counted over all servers, up to a part of the limit (${name})`, async (t) => {
    const now = Date.now()
    const ctx = { store: await open(t), clock: () => now }
    const servers = [Fastify(), Fastify()]
    const counted = new EventEmitter()
    for (const app of servers) {
      t.after(() => app.close())
      answerErrors(app, () => ({ headers: {}, body: '' }))
      limitAnswers(app, {
        limit: 100,
        windowSeconds: 60,
        clock: ctx.clock,
        key: ({ headers }) => String(headers['x-network']),
        isCounted: (_request, statusCode) => statusCode >= 400,
        share: (network, window, refused) => addRefusals(ctx, network, window, refused),
      })
      // Runs after the hook that counts.
      app.addHook('onResponse', async () => void counted.emit('counted'))
      app.get('/refused', (_request, reply) => reply.code(401).send({ error: 'invalid_client' }))
    }
    const ask = async (index: number, network: string) => {
      const [response] = await Promise.all([
        servers[index % 2]?.inject({ url: '/refused', headers: { 'x-network': network } }),
        once(counted, 'counted'),
      ])
      return response?.statusCode ?? 0
    }
    const answers: number[] = []
    for (let index = 0; index < 120; index++) answers.push(await ask(index, 'a'))
    const admitted = answers.filter((status) => status === 401).length
    assert.ok(admitted >= 100 && admitted <= 104, `${admitted} were admitted`)
    assert.deepEqual([await ask(0, 'a'), await ask(1, 'a'), await ask(1, 'b')], [429, 429, 401])
  })
