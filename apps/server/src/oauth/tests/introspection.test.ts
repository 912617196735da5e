import assert from 'node:assert/strict'
import { before, describe, test } from 'node:test'
import { createTestProofKey } from '@rolecall/guard/testing'
import { createApi } from '../../apis/apis.ts'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant, revokeGrant } from '../../applications/grants.ts'
import { assignRoles, unassignRoles } from '../../roles/assignments.ts'
import { addPermissionsToRole, removePermissionsFromRole } from '../../roles/role-permissions.ts'
import { endUserSessions } from '../../sessions/store.ts'
import { currentPosition, mark, startEpoch } from '../../store/marks.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { audience, callback, logIn, redeem, refresh, requestToken } from '../../testing/tutorial.ts'
import { updateUser } from '../../users/users.ts'

interface Credentials {
  client_id: string
  client_secret: string
}

for (const store of stores)
  describe(`Introspection (RFC 7662) (${store.name})`, () => {
    const server = tutorialServer(store)
    /** Linked to the API. */
    let resourceServer: Credentials
    let machine: Credentials
    let stranger: Credentials
    /** An application for people that authenticates. */
    let web: Credentials

    before(async () => {
      const create = async (name: string, more: object) => {
        const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
          createApplication(tx, { name, ...more }),
        )
        return { client_id: application.clientId, client_secret: clientSecret }
      }
      resourceServer = await create('The API itself', {
        app_type: 'resource_server',
        resource_server_identifier: audience,
      })
      machine = await create('Machine', { app_type: 'non_interactive' })
      stranger = await create('Stranger', { app_type: 'non_interactive' })
      web = await create('Web application', { app_type: 'regular_web', callbacks: [callback] })
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, {
          clientId: machine.client_id,
          apiId: server.api.id,
          scope: ['read:admin-messages'],
        }),
      )
    })

    const ask = async (fields: Record<string, string>, headers: Record<string, string> = {}) => {
      const body = new URLSearchParams(fields)
      const response = await fetch(new URL('/oauth/introspect', server.issuer), {
        method: 'POST',
        body,
        headers,
      })
      assert.equal(response.headers.get('cache-control'), 'no-store')
      return { status: response.status, body: (await response.json()) as Record<string, unknown> }
    }
    const introspect = async (caller: Credentials, token: string, hint?: string) => {
      const answer = await ask({ ...caller, token, ...(hint && { token_type_hint: hint }) })
      assert.equal(answer.status, 200, JSON.stringify(answer.body))
      return answer.body
    }
    const inactive = { active: false }
    const userTokens = async (params = {}, user = 'admin@example.com') =>
      (await redeem(server, server.clientId, await logIn(server, server.clientId, user, params))).body
    const machineToken = async (headers = {}) =>
      (await requestToken(server, { ...machine, grant_type: 'client_credentials', audience }, headers)).body
        .access_token

    test('discovery names the endpoint, and that a public application cannot use it', async () => {
      const response = await fetch(new URL('/.well-known/openid-configuration', server.issuer))
      const document = (await response.json()) as Record<string, unknown>
      assert.equal(document['introspection_endpoint'], `${server.issuer}oauth/introspect`)
      const { access_token: token, refresh_token: refreshToken } = await userTokens()
      for (const value of [token, refreshToken, 'garbage']) {
        const answer = await ask({ client_id: server.clientId, token: value })
        assert.deepEqual([answer.status, answer.body['error']], [401, 'invalid_client'])
      }
    })

    test('§2.1: the caller authenticates, by POST, and sends a token', async () => {
      const token = await machineToken()
      for (const wrong of [
        { ...machine, client_secret: 'wrong' },
        { client_id: machine.client_id },
        { client_id: 'unknown', client_secret: 'x' },
      ]) {
        const answer = await ask({ ...(wrong as Credentials), token })
        assert.deepEqual([answer.status, answer.body['error']], [401, 'invalid_client'])
      }
      assert.equal((await ask({ token })).status, 400)
      assert.equal((await ask({ ...machine })).status, 400)
      const basic = `Basic ${Buffer.from(`${machine.client_id}:${machine.client_secret}`).toString('base64')}`
      assert.equal((await ask({ token }, { authorization: basic })).body['active'], true)
      const query = new URLSearchParams({ ...machine, token }).toString()
      assert.equal((await fetch(new URL(`/oauth/introspect?${query}`, server.issuer))).status, 404)
    })

    test('§2.2: the API sees a user’s token with its claims, whatever the hint', async () => {
      const { access_token: token } = await userTokens()
      for (const hint of [undefined, 'access_token', 'refresh_token', 'nonsense']) {
        const {
          exp,
          iat,
          auth_time: loggedInAt,
          authz_mark: position,
          ...body
        } = await introspect(resourceServer, token, hint)
        assert.ok(Number(exp) > Number(iat) && Number(loggedInAt) <= Number(iat))
        assert.match(String(position), /^[\w-]+\.\d+$/)
        assert.deepEqual(body, {
          active: true,
          iss: server.issuer,
          sub: server.admin.userId,
          aud: [audience, `${server.issuer}userinfo`],
          azp: server.clientId,
          client_id: server.clientId,
          scope: 'openid profile email offline_access',
          permissions: ['read:admin-messages'],
          token_type: 'Bearer',
        })
      }
    })

    test('an application sees its own tokens, and nobody sees the tokens of another application or API', async () => {
      const own = await machineToken()
      assert.equal((await introspect(machine, own))['active'], true)
      assert.equal((await introspect(resourceServer, own))['sub'], `${machine.client_id}@clients`)
      const login = await logIn(server, web.client_id, 'admin@example.com')
      const tokens = await requestToken(server, {
        ...web,
        grant_type: 'authorization_code',
        code: login.code,
        redirect_uri: callback,
        code_verifier: login.request.verifier,
      })
      const { access_token: token, refresh_token: refreshToken } = tokens.body
      for (const value of [token, refreshToken]) {
        assert.equal((await introspect(web, value))['active'], true)
        assert.deepEqual(await introspect(stranger, value), inactive)
        assert.deepEqual(await introspect(machine, value), inactive)
      }
      assert.deepEqual(await introspect(resourceServer, refreshToken), inactive)
      const other = await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, { identifier: 'https://other.example.com', permissions: [] }),
      )
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, { clientId: machine.client_id, apiId: other.id, scope: [] }),
      )
      const foreign = await requestToken(server, {
        ...machine,
        grant_type: 'client_credentials',
        audience: other.identifier,
      })
      assert.deepEqual(await introspect(resourceServer, foreign.body.access_token), inactive)
      assert.equal((await introspect(machine, foreign.body.access_token))['active'], true)
    })

    test('an API that signs with its secret is introspected with that secret alone', async () => {
      const api = await transaction(server.ctx, (tx) =>
        createApi(tx, server.ctx.sealer, {
          identifier: 'https://symmetric.example.com',
          signingAlg: 'HS256',
          permissions: [],
          extra: { client_id: resourceServer.client_id },
        }),
      )
      await transaction(server.ctx, (tx) =>
        createClientGrant(tx, { clientId: machine.client_id, apiId: api.id, scope: [] }),
      )
      const { body } = await requestToken(server, {
        ...machine,
        grant_type: 'client_credentials',
        audience: api.identifier,
      })
      assert.equal((await introspect(resourceServer, body.access_token))['active'], true)
      const forged = `${body.access_token.slice(0, -6)}AAAAAA`
      assert.deepEqual(await introspect(resourceServer, forged), inactive)
    })

    test('§2.2: what is unknown, forged or no access token is inactive, and no more is said', async () => {
      const { access_token: token, id_token: idToken } = await userTokens()
      const [header, payload] = token.split('.')
      for (const value of [
        'garbage',
        'a.b.c',
        `${header}.${payload}.`,
        `${token.slice(0, -6)}AAAAAA`,
        `eyJhbGciOiJub25lIn0.${payload}.`,
        idToken,
        'x'.repeat(4_000),
      ])
        assert.deepEqual(await introspect(resourceServer, value), inactive, value.slice(0, 40))
    })

    test('§2.2: a token that carries what was taken is inactive, and one that was issued since is active', async () => {
      const seen = async (token: string) => (await introspect(resourceServer, token))['active']
      const change = (work: typeof assignRoles) =>
        transaction(server.ctx, (tx) => work(tx, server.admin.userId, [server.role.id]))
      const first = await userTokens()
      const others = await userTokens({}, 'member@example.com')
      const own = await machineToken()
      await change(unassignRoles)
      assert.equal(await seen(first.access_token), false)
      for (const token of [others.access_token, own]) assert.equal(await seen(token), true)
      const second = await refresh(server, server.clientId, first.refresh_token)
      assert.equal(await seen(second.body.access_token), true)
      await change(assignRoles)
      // What is given takes nothing. The first token stays refused: a guard cannot know that it is true again.
      assert.deepEqual([await seen(second.body.access_token), await seen(first.access_token)], [true, false])

      const third = (await userTokens()).access_token
      const refs = [{ api: audience, permission: 'read:admin-messages' }]
      await transaction(server.ctx, (tx) => removePermissionsFromRole(tx, server.role.id, refs))
      assert.deepEqual(
        [await seen(third), await seen(second.body.access_token), await seen(own)],
        [false, true, false],
      )
      await transaction(server.ctx, (tx) => addPermissionsToRole(tx, server.role.id, refs))

      const [fourth, byMachine] = [(await userTokens()).access_token, await machineToken()]
      await transaction(server.ctx, async (tx) => {
        const loss = { effect: 'loss', reason: 'permissions' } as const
        for (const audienceOfOther of ['https://other.example.com', `${audience}/`])
          mark(tx, { ...loss, audience: audienceOfOther })
        mark(tx, { ...loss, audience, permissions: ['write:admin-messages'] })
        mark(tx, { ...loss, audience, subject: 'auth0|other' })
        mark(tx, { ...loss, application: 'other' })
        mark(tx, { ...loss, subject: server.admin.userId, application: 'other' })
        mark(tx, { ...loss, audience, application: 'other', permissions: ['read:admin-messages'] })
      })
      assert.deepEqual([await seen(fourth), await seen(byMachine)], [true, true])
      await transaction(server.ctx, async (tx) =>
        mark(tx, { effect: 'loss', reason: 'account', application: server.clientId }),
      )
      assert.deepEqual([await seen(fourth), await seen(byMachine)], [false, true])
      const fifth = (await userTokens()).access_token
      assert.equal(await seen(fifth), true)
      await startEpoch(server.ctx, (await currentPosition(server.ctx.store.db)).epoch)
      assert.deepEqual([await seen(fifth), await seen(byMachine)], [false, false])
      assert.equal(await seen((await userTokens()).access_token), true)
    })

    test('a bound token says so (RFC 9449 §6.2)', async () => {
      const key = await createTestProofKey()
      const dpop = await key.proof({ method: 'POST', url: `${server.issuer}oauth/token` })
      const { cnf, token_type: type } = await introspect(resourceServer, await machineToken({ dpop }))
      assert.deepEqual([cnf, type], [{ jkt: key.thumbprint }, 'DPoP'])
    })

    test('a token is inactive from the moment on when what it was issued from has ended', async () => {
      const { db } = server.ctx.store
      const seen = async (token: string) => (await introspect(resourceServer, token))['active']
      const first = (await userTokens({}, 'member@example.com')).access_token
      assert.equal(await seen(first), true)
      await endUserSessions(db, server.member.userId)
      assert.equal(await seen(first), false)
      // A grant that is younger than the token does not bring it back.
      await new Promise((resolve) => setTimeout(resolve, 1_000 - (Date.now() % 1_000)))
      const second = await userTokens({}, 'member@example.com')
      assert.equal(await seen(first), false)
      assert.equal(await seen(second.access_token), true)
      const third = await refresh(server, server.clientId, second.refresh_token)
      assert.equal(await seen(third.body.access_token), true)
      await transaction(server.ctx, (tx) => updateUser(tx, server.member.userId, { blocked: true }))
      assert.equal(await seen(third.body.access_token), false)
      await transaction(server.ctx, (tx) => updateUser(tx, server.member.userId, { blocked: false }))

      const grant = await transaction(server.ctx, (tx) =>
        createClientGrant(tx, {
          clientId: stranger.client_id,
          apiId: server.api.id,
          scope: [],
        }),
      )
      const { body } = await requestToken(server, { ...stranger, grant_type: 'client_credentials', audience })
      assert.equal(await seen(body.access_token), true)
      await transaction(server.ctx, (tx) => revokeGrant(tx, grant.id))
      assert.equal(await seen(body.access_token), false)
    })
  })
