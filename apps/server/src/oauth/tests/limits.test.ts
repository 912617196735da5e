import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
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
