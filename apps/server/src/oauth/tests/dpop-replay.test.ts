import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { transaction } from '../../store/transaction.ts'
import { nodesKinds } from '../../testing/nodes.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { audience, requestToken } from '../../testing/tutorial.ts'
import { dpopClient, errorOf, key } from './testing-dpop.ts'

for (const kind of nodesKinds)
  describe(`§11.1: a proof is used once (${kind.name})`, () => {
    const server = tutorialServer(kind)
    const { proof, codeGrant } = dpopClient(server)

    test('at the token endpoint and at userinfo, on every node, of parallel uses one', async (t) => {
      const addresses = await kind.addresses(t, server)
      const everywhere = <Answer>(ask: (address: string, index: number) => Promise<Answer>) =>
        Promise.all(
          Array.from({ length: 12 }, (_, index) => ask(addresses[index % addresses.length] ?? '', index)),
        )

      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'M',
          app_type: 'non_interactive',
        }),
      )
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, { clientId: application.clientId, apiId: server.api.id, scope: [] }),
      )
      const one = await proof()
      const answers = await everywhere((issuer) =>
        requestToken(
          { issuer },
          {
            grant_type: 'client_credentials',
            client_id: application.clientId,
            client_secret: clientSecret,
            audience,
          },
          { dpop: one },
        ),
      )
      const lost = answers.filter(({ status }) => status !== 200)
      assert.equal(lost.length, 11)
      for (const answer of lost) assert.deepEqual(errorOf(answer), [400, 'invalid_dpop_proof'])

      const token = (await codeGrant({ dpop: await proof() })).body.access_token
      const url = `${server.issuer}userinfo`
      const again = await key.proof({ method: 'GET', url, token })
      const statuses = await everywhere(async (address) => {
        const response = await fetch(new URL('/userinfo', address), {
          headers: { authorization: `DPoP ${token}`, dpop: again },
        })
        await response.body?.cancel()
        return response.status
      })
      assert.deepEqual(
        statuses.toSorted((left, right) => left - right),
        [200, ...Array.from({ length: 11 }, () => 401)],
      )
    })
  })
