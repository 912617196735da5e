import assert from 'node:assert/strict'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { before, describe, test } from 'node:test'
import { importPKCS8, SignJWT } from 'jose'
import { createApplication } from '../../applications/applications.ts'
import { createClientGrant } from '../../applications/grants.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { tutorialServer } from '../../testing/suite.ts'
import {
  audience,
  authorizationRequest,
  destination,
  logIn,
  password,
  redeem,
  requestToken,
} from '../../testing/tutorial.ts'

for (const store of stores)
  describe(`Requests are what the protocol says they are (${store.name})`, () => {
    const server = tutorialServer(store)

    test('a code_challenge is 43 characters of base64url (RFC 7636 §4.2)', async () => {
      const right = 'a'.repeat(43)
      for (const challenge of [`${right}a`, right.slice(1), `${right.slice(1)}=`, `${right.slice(1)}~`]) {
        const { url } = authorizationRequest(server, server.clientId, { code_challenge: challenge })
        const response = await fetch(url, { redirect: 'manual' })
        const location = new URL(response.headers.get('location') ?? '', server.issuer)
        assert.equal(location.searchParams.get('error'), 'invalid_request', challenge)
      }
    })

    test('a code_verifier has 43 to 128 unreserved characters (RFC 7636 §4.1)', async () => {
      for (const verifier of ['a'.repeat(42), 'a'.repeat(129), `${'a'.repeat(42)}+`, `${'a'.repeat(42)}é`]) {
        const login = await logIn(server, server.clientId, 'admin@example.com')
        const answer = await redeem(server, server.clientId, {
          ...login,
          request: { ...login.request, verifier },
        })
        assert.ok(answer.status === 400 || answer.status === 403, verifier)
      }
    })

    test('a response_type is named once', async () => {
      for (const type of ['code code', 'id_token id_token']) {
        const { url } = authorizationRequest(server, server.clientId, {
          response_type: type,
          response_mode: 'form_post',
        })
        const text = await (await fetch(url)).text()
        assert.match(text, /name="error" value="invalid_request"/, type)
      }
    })

    test('a login_hint for another user asks for that user; a log-in then counts', async () => {
      const { browser } = await logIn(server, server.clientId, 'admin@example.com')
      const silent = async (loginHint: string) =>
        destination(
          await browser.open(
            authorizationRequest(server, server.clientId, { prompt: 'none', login_hint: loginHint }).url,
          ),
        ).searchParams
      assert.ok((await silent('admin@example.com')).has('code'))
      assert.ok((await silent('ADMIN@example.com')).has('code'))
      assert.ok((await silent('ADMIN@ｅxample.com')).has('code'))
      assert.equal((await silent('member@example.com')).get('error'), 'login_required')
      const page = await browser.open(
        authorizationRequest(server, server.clientId, { login_hint: 'member@example.com' }).url,
      )
      assert.match(page.text, /value="member@example.com"/)
      const done = await browser.submit(page, { email: 'member@example.com', password })
      assert.ok(destination(done).searchParams.has('code'))
    })

    test('a log-out hint for another log-in asks the person', async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const { body } = await redeem(server, server.clientId, login)
      const address = (hint: string) =>
        `/oidc/logout?${new URLSearchParams({ id_token_hint: body.id_token, post_logout_redirect_uri: 'http://localhost:4040', logout_hint: hint }).toString()}`
      assert.match((await login.browser.open(address('another'))).text, /Log Out\?/)
      const [, claims = ''] = body.id_token.split('.')
      const { sid } = JSON.parse(Buffer.from(claims, 'base64url').toString()) as { sid: string }
      const done = await login.browser.open(address(sid))
      assert.equal(done.headers.get('location'), 'http://localhost:4040/')
    })

    test('a parameter is one text, in one place', async () => {
      const post = async (body: string, type: string, query = '') => {
        const response = await fetch(new URL(`/oauth/token${query}`, server.issuer), {
          method: 'POST',
          headers: { 'content-type': type },
          body,
        })
        return [response.status, ((await response.json()) as { error: string }).error]
      }
      const form = 'application/x-www-form-urlencoded'
      const right = { grant_type: 'refresh_token', client_id: server.clientId, refresh_token: 'x' }
      const json = JSON.stringify(right)
      assert.deepEqual(await post(json, 'application/json'), [403, 'invalid_grant'])
      for (const body of [
        json.replace('{', '{"client_id":"x",'),
        json.replace('{', '{"client\\u005fid":"x",'),
        json.replace('{', '{"other":{"a":1,"a":2},'),
        JSON.stringify({ ...right, client_id: [server.clientId] }),
        JSON.stringify({ ...right, client_id: { id: server.clientId } }),
        JSON.stringify({ ...right, refresh_token: 1 }),
        JSON.stringify({ ...right, scope: ['openid'] }),
      ])
        assert.deepEqual(await post(body, 'application/json'), [400, 'invalid_request'], body)
      assert.deepEqual(
        await post(
          json.replace('{', '{"text":"\\"a\\":1,\\"a\\":1","other":[{"a":1},{"a":1}],'),
          'application/json',
        ),
        [403, 'invalid_grant'],
      )
      const encoded = new URLSearchParams(right).toString()
      for (const query of ['?client_id=x', '?client_secret=x', '?scope=openid'])
        assert.deepEqual(await post(encoded, form, query), [400, 'invalid_request'], query)
      assert.deepEqual(await post(encoded, form, '?utm=x'), [403, 'invalid_grant'])
      assert.deepEqual(await post(`${encoded}&scope=a&scope=b`, form), [400, 'invalid_request'])
      assert.deepEqual(await post(`${encoded}&audience=a&resource=b`, form), [400, 'invalid_request'])

      const { url } = authorizationRequest(server, server.clientId)
      const { search, searchParams } = new URL(url)
      const mixed = await fetch(new URL(`/authorize${search}`, server.issuer), {
        method: 'POST',
        body: searchParams,
      })
      assert.match(await mixed.text(), /must not be provided twice/)
    })

    describe('an assertion of an application (RFC 7523 §3)', () => {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
      let clientId: string
      before(async () => {
        const { application } = await transaction(server.ctx, (tx) =>
          createApplication(tx, {
            name: 'Keys',
            app_type: 'non_interactive',
            client_authentication_methods: {
              private_key_jwt: {
                credentials: [
                  {
                    credential_type: 'public_key',
                    pem: String(publicKey.export({ type: 'spki', format: 'pem' })),
                    kid: 'k',
                  },
                ],
              },
            },
          }),
        )
        clientId = application.clientId
        await transaction(server.ctx, (tx) =>
          createClientGrant(tx, { clientId, apiId: server.api.id, scope: [] }),
        )
      })
      const seconds = () => Math.floor(Date.now() / 1000)
      const assertion = async (claims: Record<string, unknown>) =>
        new SignJWT({
          iss: clientId,
          sub: clientId,
          aud: server.issuer,
          iat: seconds(),
          exp: seconds() + 60,
          jti: randomUUID(),
          ...claims,
        })
          .setProtectedHeader({ alg: 'RS256', kid: 'k' })
          .sign(await importPKCS8(String(privateKey.export({ type: 'pkcs8', format: 'pem' })), 'RS256'))
      const ask = async (text: string) =>
        (
          await requestToken(server, {
            grant_type: 'client_credentials',
            audience,
            client_assertion: text,
            client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
          })
        ).status

      test('is for this server alone, new, short and used once', async () => {
        for (const aud of [server.issuer, `${server.issuer}oauth/token`, [server.issuer]])
          assert.equal(await ask(await assertion({ aud })), 200, String(aud))
        for (const claims of [
          { exp: seconds() + 10 * 365 * 86_400 },
          { exp: seconds() + 3_600 },
          { exp: seconds() - 60 },
          { iat: seconds() + 600, exp: seconds() + 660 },
          { nbf: seconds() + 600 },
          { aud: 'https://elsewhere.example' },
          { aud: [server.issuer, 'https://elsewhere.example'] },
          { aud: [] },
          { aud: undefined },
          { jti: undefined },
          { sub: 'other' },
          { iss: 'other' },
        ])
          assert.equal(await ask(await assertion(claims)), 401, JSON.stringify(claims))
        const once = await assertion({})
        assert.equal(await ask(once), 200)
        assert.equal(await ask(once), 401)
      })

      test('is good for one of many requests at the same time (RFC 7523 §3)', async () => {
        for (let round = 0; round < 5; round += 1) {
          const once = await assertion({})
          const answers = await Promise.all(Array.from({ length: 10 }, () => ask(once)))
          assert.deepEqual(
            answers.toSorted((a, b) => a - b),
            [200, ...Array.from({ length: 9 }, () => 401)],
          )
        }
      })
    })
  })
