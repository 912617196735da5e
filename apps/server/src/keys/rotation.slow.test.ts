import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { createGuard } from '@rolecall/guard'
import { createApplication } from '../applications/applications.ts'
import { createClientGrant } from '../applications/grants.ts'
import { transaction } from '../store/transaction.ts'
import { managementCaller, nodesKinds } from '../testing/nodes.ts'
import { startServer } from '../testing/server.ts'
import { audience, makeTutorial, requestToken } from '../testing/tutorial.ts'

const rotations = 10
/** The guards load the keys at most once a second for tokens with an unknown one. Servers notice a rotation within a second. */
const betweenMs = 2_500
const validationsPerSecond = 500
const tickMs = 20
const view = { method: 'GET', path: '/', params: {}, request: undefined }

for (const kind of nodesKinds)
  describe(`ten rotations of the keys on ${kind.name}`, { timeout: 120_000 }, () => {
    it('refuse no valid token, whichever server issued it and whichever server an API gets its keys from', async (t) => {
      const server = await startServer(t, kind)
      const { api } = await makeTutorial(server.ctx)
      const addresses = await kind.addresses(t, server)
      const call = await managementCaller(server)
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name: 'Machine', app_type: 'non_interactive' }),
      )
      const { clientId } = application
      await transaction(server.ctx, (tx) => createClientGrant(tx, { clientId, apiId: api.id, scope: [] }))
      const guards = addresses.map((address) =>
        createGuard({
          issuer: server.issuer,
          jwksUri: new URL('/.well-known/jwks.json', address).href,
          audience,
          keysCooldownMs: 1_000,
          cache: false,
        }),
      )
      const tokens: string[] = []
      const issue = async (issuer: string) => {
        const { status, body } = await requestToken(
          { issuer },
          {
            grant_type: 'client_credentials',
            client_id: clientId,
            client_secret: clientSecret,
            audience,
          },
        )
        assert.equal(status, 200)
        tokens.push(body.access_token)
      }
      for (const address of addresses) await issue(address)

      const refused: unknown[] = []
      let validated = 0
      let rotated = 0
      const end = new AbortController()
      const issuing = (async () => {
        for (let n = 0; !end.signal.aborted; n++) {
          await issue(addresses[n % addresses.length] ?? server.issuer)
          await pause(tickMs)
        }
      })()
      const validating = (async () => {
        while (!end.signal.aborted) {
          const some = Array.from({ length: (validationsPerSecond * tickMs) / 1_000 }, async () => {
            // Half of them are among the newest: those that a key signed which was just published.
            const from = Math.random() < 0.5 ? Math.max(0, tokens.length - 5) : 0
            const token = tokens[from + Math.floor(Math.random() * (tokens.length - from))]
            const guard = guards[validated++ % guards.length]
            try {
              await guard?.authorize(`Bearer ${token}`, { kind: 'authenticated' }, () => view)
            } catch (error) {
              refused.push(error)
            }
          })
          await Promise.all(some)
          await pause(tickMs)
        }
      })()
      try {
        while (rotated < rotations) {
          await pause(betweenMs)
          await call('POST', '/keys/signing/rotate')
          rotated++
        }
        await pause(betweenMs)
      } finally {
        end.abort()
        await Promise.all([issuing, validating])
      }
      t.diagnostic(`${validated} validations of ${tokens.length} tokens`)
      assert.deepEqual(refused, [])
      assert.equal(server.keys.list().filter(({ state }) => state === 'previous').length, rotations)
    })
  })
