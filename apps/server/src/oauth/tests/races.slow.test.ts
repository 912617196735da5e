import assert from 'node:assert/strict'
import { beforeEach, describe, test } from 'node:test'
import { stores } from '../../store/testing.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { logIn, redeem, refresh } from '../../testing/tutorial.ts'

/** `npm run races -- --rounds 1000` runs more of them. */
const rounds = Number(process.env.ROLECALL_RACE_ROUNDS ?? 20)
const parallel = 50
const limit = { timeout: 60_000 + rounds * 10_000 }

for (const store of stores) {
  describe(`One-time values have one winner on ${store.name}`, () => {
    let now = Date.now()
    const server = tutorialServer(store, { clock: () => now })
    // The losers are refused requests of one network, which are limited per minute.
    beforeEach(() => {
      now += 60_000
    })

    test(
      `of ${parallel} parallel redemptions of one code exactly one succeeds, ${rounds} rounds`,
      limit,
      async () => {
        for (let round = 0; round < rounds; round++) {
          now += 1_000
          const login = await logIn(server, server.clientId, 'admin@example.com')
          const answers = await Promise.all(
            Array.from({ length: parallel }, () => redeem(server, server.clientId, login)),
          )
          expectOneWinner(answers, round)
        }
      },
    )

    test(
      `of ${parallel} parallel uses of one refresh token exactly one succeeds, ${rounds} rounds`,
      limit,
      async () => {
        for (let round = 0; round < rounds; round++) {
          now += 1_000
          const login = await logIn(server, server.clientId, 'admin@example.com')
          const { body } = await redeem(server, server.clientId, login)
          const answers = await Promise.all(
            Array.from({ length: parallel }, () => refresh(server, server.clientId, body.refresh_token)),
          )
          expectOneWinner(answers, round)
        }
      },
    )
  })
}

function expectOneWinner(answers: { status: number; body: { error: string } }[], round: number): void {
  const winners = answers.filter(({ status }) => status === 200)
  assert.equal(winners.length, 1, `round ${round}: ${winners.length} of ${answers.length} succeeded`)
  for (const { status, body } of answers)
    if (status !== 200) assert.deepEqual([status, body.error], [403, 'invalid_grant'])
}
