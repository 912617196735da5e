import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { decodeJwt, exportJWK, generateKeyPair } from 'jose'
import { type ClientMetadata, Provider } from 'oidc-provider'
import { createApplication } from '../../applications/applications.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser } from '../../testing/browser.ts'
import { freePort, startServer } from '../../testing/server.ts'
import { authorizationRequest, destination, makeTutorial, password, redeem } from '../../testing/tutorial.ts'
import { connectProvider, departure, startHttps, trustedCertificate } from '../providers/testing.ts'

/** It must be encoded in a form, and once more in the `Authorization` header (RFC 6749 §2.3.1). */
const secret = 'a secret: + % & "'

const [kind] = stores
if (kind)
  describe('a log-in at another server', { timeout: 120_000 }, () => {
    async function start(t: TestContext) {
      const server = await startServer(t, kind ?? assert.fail(), { config: { localHosts: ['localhost'] } })
      const { spa, role } = await makeTutorial(server.ctx)
      const { clientId } = spa
      return {
        ...server,
        role,
        connect: (name: string, options: object) =>
          connectProvider(server, clientId, {
            name,
            strategy: 'oidc',
            options: { client_id: 'rolecall', ...options },
          }),
        /** @param there logs in at the other server, and follows it up to the address that leads back here */
        async logIn(connection: string, there: (url: string) => Promise<URL>) {
          const browser = new Browser(server.issuer)
          const request = authorizationRequest(server, clientId, { connection })
          const back = await there(departure(await browser.open(request.url)).href)
          const page = await browser.open(back.href)
          const code = destination(page).searchParams.get('code') ?? ''
          const { body } = await redeem(server, clientId, { code, request })
          return { idToken: decodeJwt(body.id_token), accessToken: decodeJwt(body.access_token) }
        },
      }
    }

    it('of our own creates a user, with the roles that a claim there gives', async (t) => {
      const port = await freePort()
      const issuer = `https://localhost:${port}/`
      const tls = await trustedCertificate(t)
      const theirs = await startServer(t, kind, { config: { issuer, host: 'localhost', port, tls } })
      await makeTutorial(theirs.ctx)
      const ours = await start(t)
      const { application, clientSecret = '' } = await transaction(theirs.ctx, (tx) =>
        createApplication(tx, {
          name: 'Our Rolecall',
          app_type: 'regular_web',
          callbacks: [`${ours.issuer}login/callback/partner`],
        }),
      )
      const client = { client_id: application.clientId, client_secret: clientSecret, issuer }
      const role_mapping = { claim: 'email', roles: [{ value: 'member@example.com', role: ours.role.name }] }
      await ours.connect('partner', { ...client, role_mapping })
      const browser = new Browser(issuer)
      const there = async (url: string) => {
        const page = await browser.open(url)
        return destination(
          page.headers.has('location')
            ? page
            : await browser.submit(page, { email: 'member@example.com', password }),
        )
      }
      const { idToken, accessToken } = await ours.logIn('partner', there)
      assert.match(String(idToken.sub), /^oidc\|partner\|auth0\|[0-9a-f]{24}$/)
      assert.equal(idToken['email'], 'member@example.com')
      assert.deepEqual(accessToken['permissions'], ['read:admin-messages'])
      // The session there is used by the next log-in here.
      assert.equal((await ours.logIn('partner', there)).idToken.sub, idToken.sub)
    })

    const methods = ['client_secret_post', 'client_secret_basic', 'private_key_jwt', 'none'] as const
    for (const method of methods)
      it(`of oidc-provider takes ${method}, and sends the profile from its userinfo`, async (t) => {
        const ours = await start(t)
        const theirs = await startOidcProvider(t, {
          client_id: 'rolecall',
          redirect_uris: [`${ours.issuer}login/callback/bare`],
          token_endpoint_auth_method: method,
          ...(method.startsWith('client_secret') && { client_secret: secret }),
          ...(method === 'private_key_jwt' && {
            jwks: (await (await fetch(`${ours.issuer}.well-known/jwks.json`)).json()) as { keys: [] },
          }),
        })
        await ours.connect('bare', {
          issuer: theirs.issuer,
          token_endpoint_auth_method: method,
          ...(method.startsWith('client_secret') && { client_secret: secret }),
        })
        const browser = new Browser(theirs.issuer)
        const { idToken } = await ours.logIn('bare', async (url) => {
          const login = await browser.open(url)
          const consent = await browser.submit(login, { login: 'grace', password: 'any' })
          return destination(await browser.submit(consent))
        })
        assert.equal(idToken.sub, 'oidc|bare|grace')
        assert.equal(idToken['email'], 'grace@example.com')
        assert.equal(idToken['name'], 'Grace Hopper')
      })

    /** The library alone, with the pages that it has for development, over https. */
    async function startOidcProvider(t: TestContext, client: ClientMetadata): Promise<{ issuer: string }> {
      let answer: ReturnType<Provider['callback']> | undefined
      const { port } = await startHttps(t, (request, response) => void answer?.(request, response))
      const issuer = `https://localhost:${port}`
      const { privateKey } = await generateKeyPair('RS256', { extractable: true })
      const warn = t.mock.method(console, 'warn', () => {})
      const info = t.mock.method(console, 'info', () => {})
      const provider = new Provider(issuer, {
        clients: [client],
        jwks: { keys: [{ ...(await exportJWK(privateKey)), alg: 'RS256', use: 'sig' }] },
        cookies: { keys: ['of the test'] },
        pkce: { required: () => true },
        claims: { email: ['email', 'email_verified'], profile: ['name'] },
        findAccount: (_request, accountId) => ({
          accountId,
          claims: () => ({
            sub: accountId,
            email: `${accountId}@example.com`,
            email_verified: true,
            name: 'Grace Hopper',
          }),
        }),
      })
      warn.mock.restore()
      info.mock.restore()
      answer = provider.callback()
      return { issuer }
    }
  })
