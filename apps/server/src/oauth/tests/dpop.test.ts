import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { managementAudience } from '@rolecall/contract'
import { createTestProofKey, type ProofOptions } from '@rolecall/guard/testing'
import { decodeJwt, UnsecuredJWT } from 'jose'
import { updateApi } from '../../apis/apis.ts'
import { findApiByIdentifier } from '../../apis/store.ts'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import type { Application } from '../../applications/store.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { audience, callback, requestToken } from '../../testing/tutorial.ts'
import { dpopClient, errorOf, key, other } from './testing-dpop.ts'

for (const store of stores)
  describe(`DPoP (RFC 9449) (${store.name})`, () => {
    const server = tutorialServer(store)
    const { proof, codeGrant, refresh } = dpopClient(server)
    let machine: Application
    let machineSecret: string

    before(async () => {
      const created = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name: 'Machine', app_type: 'non_interactive' }),
      )
      machine = created.application
      machineSecret = created.clientSecret ?? ''
      const management = await findApiByIdentifier(server.ctx.store.db, managementAudience(server.issuer))
      for (const api of [server.api, management])
        await transaction(server.ctx, (tx) =>
          createClientGrant(tx, {
            clientId: machine.clientId,
            apiId: api?.id ?? '',
            scope: api === management ? ['read:users'] : ['read:admin-messages'],
          }),
        )
    })
    const machineGrant = (headers: Record<string, string>, forAudience = audience) =>
      requestToken(
        server,
        {
          grant_type: 'client_credentials',
          client_id: machine.clientId,
          client_secret: machineSecret,
          audience: forAudience,
        },
        headers,
      )

    test('§5: discovery names the algorithms of proofs', async () => {
      const response = await fetch(new URL('/.well-known/openid-configuration', server.issuer))
      const { dpop_signing_alg_values_supported: algs } = (await response.json()) as Record<string, unknown>
      assert.deepEqual(algs, ['ES256', 'Ed25519', 'EdDSA'])
      for (const alg of ['ES256', 'Ed25519', 'EdDSA'] as const) {
        const answer = await machineGrant({ dpop: await proof({}, await createTestProofKey(alg)) })
        assert.equal(answer.body['token_type'], 'DPoP', alg)
      }
    })

    test('§6.1: a token is bound to the key of the proof, in every dialect and for every grant', async () => {
      for (const tokenDialect of ['access_token', 'rfc9068_profile_authz', 'access_token_authz'] as const) {
        await transaction(server.ctx, (tx) =>
          updateApi(tx, server.ctx.sealer, server.api.id, { tokenDialect }),
        )
        const first = await codeGrant({ dpop: await proof() })
        const second = await refresh(first.body.refresh_token, { dpop: await proof() })
        for (const { status, body } of [first, second, await machineGrant({ dpop: await proof() })]) {
          assert.deepEqual([status, body['token_type']], [200, 'DPoP'])
          assert.deepEqual(decodeJwt(body.access_token)['cnf'], { jkt: key.thumbprint })
        }
      }
      const bearer = await codeGrant({})
      assert.equal(bearer.body['token_type'], 'Bearer')
      assert.equal(decodeJwt(bearer.body.access_token)['cnf'], undefined)
    })

    test('§5: a refresh token of a public client works with its key alone, and survives other attempts', async () => {
      const { body } = await codeGrant({ dpop: await proof() })
      for (const headers of [{}, { dpop: await proof({}, other) }] as Record<string, string>[])
        assert.deepEqual(errorOf(await refresh(body.refresh_token, headers)), [403, 'invalid_grant'])
      const again = await refresh(body.refresh_token, { dpop: await proof() })
      assert.equal(again.status, 200)
      assert.deepEqual(errorOf(await refresh(again.body.refresh_token, { dpop: await proof({}, other) })), [
        403,
        'invalid_grant',
      ])
      const unbound = await codeGrant({})
      const upgraded = await refresh(unbound.body.refresh_token, { dpop: await proof() })
      assert.deepEqual(decodeJwt(upgraded.body.access_token)['cnf'], { jkt: key.thumbprint })
    })

    test('§4.3: a bad proof is refused and consumes nothing', async () => {
      const { body } = await codeGrant({ dpop: await proof() })
      const now = Math.floor(Date.now() / 1000)
      const claims = { htm: 'POST', htu: `${server.issuer}oauth/token`, iat: now, jti: 'x' }
      const unsigned = new UnsecuredJWT(claims).encode()
      const bad: Record<string, string> = {
        garbage: 'garbage',
        'two proofs': `${await proof()}, ${await proof()}`,
        'another method': await proof({ method: 'GET' }),
        'another address': await proof({ url: `${server.issuer}userinfo` }),
        'another host': await proof({ url: 'https://elsewhere.example/oauth/token' }),
        'another type': await proof({ header: { typ: 'JWT' } }),
        'no jti': await proof({ claims: { jti: undefined } }),
        'no iat': await proof({ claims: { iat: undefined } }),
        'another key in jwk': await proof({ header: { jwk: { kty: 'EC', crv: 'P-256', x: 'x', y: 'y' } } }),
        'alg none': unsigned,
        'RS256, which is not announced': await proof({}, await createTestProofKey('RS256')),
      }
      for (const [what, dpop] of Object.entries(bad))
        assert.deepEqual(
          errorOf(await refresh(body.refresh_token, { dpop })),
          [400, 'invalid_dpop_proof'],
          what,
        )
      assert.equal((await refresh(body.refresh_token, { dpop: await proof() })).status, 200)
    })

    test('§8: a proof that is not recent is answered with a nonce, with which it is accepted', async () => {
      const iat = Math.floor(Date.now() / 1000) - 3_600
      const old = await machineGrant({ dpop: await proof({ claims: { iat } }) })
      assert.deepEqual(errorOf(old), [400, 'use_dpop_nonce'])
      const nonce = old.headers.get('dpop-nonce') ?? ''
      assert.notEqual(nonce, '')
      assert.equal((await machineGrant({ dpop: await proof({ claims: { iat, nonce } }) })).status, 200)
      const wrong = await machineGrant({ dpop: await proof({ claims: { iat, nonce: `${nonce}x` } }) })
      assert.deepEqual(errorOf(wrong), [400, 'use_dpop_nonce'])
    })

    test('§10: dpop_jkt binds the code to a key', async () => {
      const params = { dpop_jkt: key.thumbprint }
      for (const headers of [{}, { dpop: await proof({}, other) }] as Record<string, string>[])
        assert.deepEqual(errorOf(await codeGrant(headers, params)), [403, 'invalid_grant'])
      assert.equal((await codeGrant({ dpop: await proof() }, params)).status, 200)
    })

    test('an API that requires proof of possession gives no bearer token, to all clients or public ones', async () => {
      const require = (proof_of_possession: object) =>
        transaction(server.ctx, (tx) =>
          updateApi(tx, server.ctx.sealer, server.api.id, { extra: { proof_of_possession } }),
        )
      const earlier = await codeGrant({})
      for (const rule of [
        { mechanism: 'dpop', required: true },
        { mechanism: 'dpop', required: true, required_for: 'all_clients' },
      ]) {
        await require(rule)
        for (const answer of [
          await machineGrant({}),
          await codeGrant({}),
          await refresh(earlier.body.refresh_token, {}),
        ]) {
          assert.deepEqual(errorOf(answer), [400, 'invalid_dpop_proof'])
          assert.match(answer.body.error_description, /requires a DPoP proof/)
        }
        assert.equal((await machineGrant({ dpop: await proof() })).status, 200)
        assert.equal((await codeGrant({ dpop: await proof() })).status, 200)
      }
      await require({ mechanism: 'dpop', required: true, required_for: 'public_clients' })
      assert.deepEqual(errorOf(await codeGrant({})), [400, 'invalid_dpop_proof'])
      assert.equal((await machineGrant({})).status, 200)
      await require({ mechanism: 'dpop', required: false })
      // The refused refreshes above consumed nothing.
      assert.equal((await refresh(earlier.body.refresh_token, {})).status, 200)
    })

    test('an application that requires proof of possession gets no bearer token', async () => {
      const { application } = await transaction(server.ctx, (tx) =>
        createApplication(tx, {
          name: 'Bound',
          app_type: 'spa',
          callbacks: [callback],
          require_proof_of_possession: true,
        }),
      )
      const refused = await codeGrant({}, {}, application.clientId)
      assert.deepEqual(errorOf(refused), [400, 'invalid_dpop_proof'])
      assert.equal((await codeGrant({ dpop: await proof() }, {}, application.clientId)).status, 200)
    })

    test('§7: userinfo takes a bound token with its proof alone, as JWT and as opaque token', async () => {
      const url = `${server.issuer}userinfo`
      for (const params of [{}, { audience: undefined }]) {
        const token = (await codeGrant({ dpop: await proof() }, params)).body.access_token
        const bearerOnly = (await codeGrant({}, params)).body.access_token
        const ask = async (authorization: string, dpop?: string, init: RequestInit = {}) => {
          const headers = { authorization, ...(dpop !== undefined && { dpop }) }
          const response = await fetch(url, { ...init, headers })
          await response.body?.cancel()
          return response
        }
        const good = (more: Partial<ProofOptions> = {}, by = key) =>
          by.proof({ method: 'GET', url, token, ...more })
        const used = await good()
        assert.equal((await ask(`DPoP ${token}`, used)).status, 200)
        const post = await ask(`DPoP ${token}`, await good({ method: 'POST' }), { method: 'POST' })
        assert.equal(post.status, 200)
        const refused: Record<string, Response> = {
          'as a bearer token': await ask(`Bearer ${token}`),
          'as a bearer token with the proof': await ask(`Bearer ${token}`, await good()),
          'without proof': await ask(`DPoP ${token}`),
          'with a used proof': await ask(`DPoP ${token}`, used),
          'with a proof for POST': await ask(`DPoP ${token}`, await good({ method: 'POST' })),
          'with a proof for another address': await ask(`DPoP ${token}`, await good({ url: `${url}/x` })),
          'with a proof for another token': await ask(`DPoP ${token}`, await good({ token: bearerOnly })),
          'with a proof of another key': await ask(`DPoP ${token}`, await good({}, other)),
          'with two proofs': await ask(`DPoP ${token}`, `${await good()}, ${await good()}`),
          'a bearer token with a proof': await ask(`DPoP ${bearerOnly}`, await good({ token: bearerOnly })),
        }
        for (const [what, response] of Object.entries(refused))
          assert.ok(response.status === 401 || response.status === 400, `${what}: ${response.status}`)
        assert.match(
          refused['with a proof for POST']?.headers.get('www-authenticate') ?? '',
          /^DPoP .*algs="ES256/,
        )
        // A form can carry no scheme, so a bound token does not work there.
        const body = new URLSearchParams({ access_token: token })
        const inForm = await fetch(url, { method: 'POST', body })
        assert.equal(inForm.status, 401)
      }
    })

    test('§7: the Management API takes a bound token with its proof alone', async () => {
      const management = managementAudience(server.issuer)
      const { body } = await machineGrant({ dpop: await proof() }, management)
      const url = `${management}users`
      const ask = (authorization: string, dpop = '') =>
        fetch(`${url}?per_page=1`, { headers: { authorization, ...(dpop && { dpop }) } })
      const good = await key.proof({ method: 'GET', url, token: body.access_token })
      assert.equal((await ask(`DPoP ${body.access_token}`, good)).status, 200)
      const replayed = await ask(`DPoP ${body.access_token}`, good)
      assert.equal(replayed.status, 401)
      assert.match(replayed.headers.get('www-authenticate') ?? '', /^DPoP error="invalid_dpop_proof"/)
      for (const answer of [
        await ask(`Bearer ${body.access_token}`),
        await ask(`DPoP ${body.access_token}`),
        await ask(
          `DPoP ${body.access_token}`,
          await other.proof({ method: 'GET', url, token: body.access_token }),
        ),
        await ask(
          `DPoP ${body.access_token}`,
          await key.proof({ method: 'DELETE', url, token: body.access_token }),
        ),
      ])
        assert.equal(answer.status, 401)
    })

    test('a script of the application reads the nonce', async () => {
      const origin = 'http://localhost:4040'
      const { headers } = await codeGrant({ dpop: await proof(), origin })
      assert.match(headers.get('access-control-expose-headers') ?? '', /DPoP-Nonce/)
      assert.notEqual(headers.get('dpop-nonce'), null)
    })
  })
