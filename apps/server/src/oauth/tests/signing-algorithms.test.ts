import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { keyAlgs } from '@rolecall/contract'
import { createGuard } from '@rolecall/guard'
import { decodeProtectedHeader } from 'jose'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { transaction } from '../../store/transaction.ts'
import { managementCaller, type NodesKind, nodesKinds } from '../../testing/nodes.ts'
import { startServer } from '../../testing/server.ts'
import { audience, logIn, makeTutorial, redeem, requestToken } from '../../testing/tutorial.ts'

const otherAlgs = keyAlgs.filter((alg) => alg !== 'RS256')

interface PublishedKey {
  kid: string
  alg: string
  kty: string
  x5c: string[]
}

for (const kind of nodesKinds)
  describe(`The algorithm of an API (${kind.name})`, () => {
    const open = async (t: Parameters<NodesKind['open']>[0]) => {
      const server = await startServer(t, kind)
      const { api, spa } = await makeTutorial(server.ctx)
      const addresses = await kind.addresses(t, server)
      const call = await managementCaller(server)
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name: 'Machine', app_type: 'non_interactive' }),
      )
      const { clientId } = application
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, { clientId, apiId: api.id, scope: ['read:admin-messages'] }),
      )
      const credentials = { client_id: clientId, client_secret: clientSecret }
      return {
        server,
        spa,
        addresses,
        call,
        credentials,
        use: (alg: string) => call('PATCH', `/resource-servers/${api.id}`, { signing_alg: alg }),
        tokenFrom: (issuer: string) =>
          requestToken({ issuer }, { grant_type: 'client_credentials', ...credentials, audience }),
        published: async (issuer: string) => {
          const response = await fetch(new URL('/.well-known/jwks.json', issuer))
          return ((await response.json()) as { keys: PublishedKey[] }).keys
        },
        guardFor: (algorithms: (typeof keyAlgs)[number][]) =>
          createGuard({ issuer: server.issuer, audience, algorithms, keysCooldownMs: 0 }),
        introspect: async (token: string) => {
          const response = await fetch(new URL('/oauth/introspect', server.issuer), {
            method: 'POST',
            body: new URLSearchParams({ ...credentials, token }),
          })
          return ((await response.json()) as { active: boolean }).active
        },
      }
    }
    const accepts = async (guard: ReturnType<typeof createGuard>, token: string) => {
      try {
        await guard.authorize(`Bearer ${token}`, { kind: 'authenticated' }, () => view)
        return true
      } catch {
        return false
      }
    }

    test('signs its tokens, with a key that is published for that algorithm alone (RFC 8725 §3.1)', async (t) => {
      const { server, addresses, use, tokenFrom, published, guardFor, introspect } = await open(t)
      assert.deepEqual(new Set((await published(server.issuer)).map(({ alg }) => alg)), new Set(['RS256']))
      for (const alg of otherAlgs) {
        await use(alg)
        for (const address of addresses) {
          let answer = await tokenFrom(address)
          // A server that has not read the change yet signs as before, or has no key of the algorithm yet.
          for (
            let n = 0;
            n < 100 && (answer.status !== 200 || algOf(answer.body.access_token) !== alg);
            n++
          ) {
            assert.ok([200, 503].includes(answer.status), JSON.stringify(answer.body))
            await new Promise((resolve) => setTimeout(resolve, 50))
            answer = await tokenFrom(address)
          }
          const token = answer.body.access_token
          const header = decodeProtectedHeader(token)
          assert.equal(header.alg, alg)
          const key = (await published(address)).find(({ kid }) => kid === header.kid)
          assert.equal(key?.alg, alg)
          assert.equal(await accepts(guardFor([alg]), token), true)
          for (const other of keyAlgs)
            if (other !== alg) assert.equal(await accepts(guardFor([other]), token), false, other)
          assert.equal(await introspect(token), true)
        }
      }
      const keys = await published(server.issuer)
      assert.deepEqual(keys.map(({ alg, kty }) => `${alg} ${kty}`).toSorted(), [
        'ES256 EC',
        'ES256 EC',
        'EdDSA OKP',
        'EdDSA OKP',
        'PS256 RSA',
        'PS256 RSA',
        'RS256 RSA',
        'RS256 RSA',
      ])
      assert.ok(keys.every(({ x5c }) => x5c.length === 1))
    })

    test('leaves ID tokens to RS256, and the token opens the userinfo endpoint', async (t) => {
      const { server, spa, use } = await open(t)
      for (const alg of otherAlgs) {
        await use(alg)
        const { body } = await redeem(
          server,
          spa.clientId,
          await logIn(server, spa.clientId, 'admin@example.com'),
        )
        assert.deepEqual([algOf(body.access_token), algOf(body.id_token)], [alg, 'RS256'])
        const headers = { authorization: `Bearer ${body.access_token}` }
        const answer = await fetch(new URL('/userinfo', server.issuer), { headers })
        assert.equal(answer.status, 200)
        assert.equal(((await answer.json()) as { email: string }).email, 'admin@example.com')
      }
    })

    test('has keys that rotate with the others, and tokens from before stay valid', async (t) => {
      const { server, use, tokenFrom, published, guardFor, call } = await open(t)
      await use('ES256')
      const guard = guardFor(['ES256'])
      const before = (await tokenFrom(server.issuer)).body.access_token
      const next = (await published(server.issuer)).filter(({ alg }) => alg === 'ES256')[1]
      await call('POST', '/keys/signing/rotate')
      const after = (await tokenFrom(server.issuer)).body.access_token
      assert.equal(decodeProtectedHeader(after).kid, next?.kid)
      for (const token of [before, after]) assert.equal(await accepts(guard, token), true)
      const keys = (await call('GET', '/keys/signing')) as { kid: string; alg: string; previous: boolean }[]
      const previous = keys.find((key) => key.previous && key.alg === 'ES256')
      assert.equal(decodeProtectedHeader(before).kid, previous?.kid)
      await call('PUT', `/keys/signing/${previous?.kid}/revoke`)
      await guard.refreshKeys()
      assert.deepEqual([await accepts(guard, before), await accepts(guard, after)], [false, true])
    })
  })

const view = { method: 'GET', path: '/', params: {}, request: undefined }
const algOf = (token: string) => decodeProtectedHeader(token).alg
