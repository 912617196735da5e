import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import type { ConnectionCreate } from '@rolecall/contract'
import { decodeJwt, exportJWK, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { createConnection } from '../../connections/connections.ts'
import type { Connection } from '../../connections/store.ts'
import { ensureLocalCertificates } from '../../crypto/local-certificates.ts'
import { temporaryFolder } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, type Page } from '../../testing/browser.ts'
import { startServer, type TestServer } from '../../testing/server.ts'
import {
  type Authorization,
  authorizationRequest,
  destination,
  makeTutorial,
  redeem,
} from '../../testing/tutorial.ts'

export const clientSecret = 'a-secret-of-the-provider'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

/** A certificate for localhost that this process trusts. @param hosts that it is for as well */
export async function trustedCertificate(
  t: Cleanup,
  hosts: string[] = [],
): Promise<{ cert: string; key: string }> {
  const files = await ensureLocalCertificates(await temporaryFolder(t), { hosts })
  setDefaultCACertificates([...getCACertificates('default'), await readFile(files.caFile, 'utf8')])
  return { cert: await readFile(files.certFile, 'utf8'), key: await readFile(files.keyFile, 'utf8') }
}

/** A server by https on the loopback address, with a certificate that this process trusts. @param hosts that it has as well */
export async function startHttps(
  t: Cleanup,
  listener: RequestListener,
  hosts: string[] = [],
): Promise<{ server: Server; port: number }> {
  const server = createServer(await trustedCertificate(t, hosts), listener)
  await once(server.listen(0, '127.0.0.1'), 'listening')
  t.after(async () => {
    server.closeAllConnections()
    await once(server.close(), 'close')
  })
  return { server, port: (server.address() as AddressInfo).port }
}

export interface Answer {
  status: number
  body: unknown
}

interface TokenRequest {
  headers: IncomingMessage['headers']
  body: URLSearchParams
}

const keyPair = () => generateKeyPair('RS256', { extractable: true })

/**
 * A provider that can be told to answer wrongly. It logs `person` in without asking; what a test changes holds for the
 * answers after that.
 */
export class ScriptedProvider {
  /** `https://localhost:<port>/` */
  readonly issuer: string
  person: JWTPayload = { sub: 'ada', email: 'ada@example.com', email_verified: true, name: 'Ada Lovelace' }
  userinfo: Record<string, unknown> = {}
  /** Changes of the answers. */
  metadata: Record<string, unknown> = {}
  alterClaims: (claims: JWTPayload) => JWTPayload = (claims) => claims
  alterIdToken: (idToken: string) => string | Promise<string> = (idToken) => idToken
  alterResponse: (params: URLSearchParams) => void = () => {}
  /** By path; `hang` never answers. */
  instead: Record<string, Answer | 'hang'> = {}
  /** How often each path was requested. */
  readonly counts: Record<string, number> = {}
  readonly tokenRequests: TokenRequest[] = []
  authorization = new URLSearchParams()
  clock: () => number = Date.now

  #keys: Awaited<ReturnType<typeof keyPair>>
  readonly #codes = new Map<string, URLSearchParams>()

  private constructor(port: number, keys: Awaited<ReturnType<typeof keyPair>>) {
    this.issuer = `https://localhost:${port}/`
    this.#keys = keys
  }

  static async start(t: Cleanup): Promise<ScriptedProvider> {
    let provider: ScriptedProvider | undefined
    const { port } = await startHttps(t, (request, response) => void provider?.answer(request, response))
    provider = new ScriptedProvider(port, await keyPair())
    return provider
  }

  /** What a browser does there. @returns the address that it is sent back to */
  authorize(url: URL): URL {
    const request = url.searchParams
    this.authorization = request
    const code = `code-${this.#codes.size}`
    this.#codes.set(code, request)
    const params = new URLSearchParams({ code, state: request.get('state') ?? '', iss: this.issuer })
    this.alterResponse(params)
    const back = new URL(request.get('redirect_uri') ?? '')
    back.search = params.toString()
    return back
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname } = new URL(request.url ?? '', this.issuer)
    this.counts[pathname] = (this.counts[pathname] ?? 0) + 1
    const sent = await text(request)
    const answer = this.instead[pathname] ?? (await this.#answerTo(pathname, request, sent))
    if (answer === 'hang') return
    response.writeHead(answer.status, { 'content-type': 'application/json' })
    response.end(typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body))
  }

  async #answerTo(pathname: string, request: IncomingMessage, sent: string): Promise<Answer> {
    const { issuer } = this
    if (pathname === '/.well-known/openid-configuration')
      return {
        status: 200,
        body: {
          issuer,
          authorization_endpoint: `${issuer}authorize`,
          token_endpoint: `${issuer}token`,
          jwks_uri: `${issuer}jwks`,
          userinfo_endpoint: `${issuer}userinfo`,
          authorization_response_iss_parameter_supported: true,
          ...this.metadata,
        },
      }
    if (pathname === '/jwks')
      return { status: 200, body: { keys: [{ ...(await exportJWK(this.#keys.publicKey)), kid: 'k' }] } }
    if (pathname === '/userinfo') return { status: 200, body: { sub: this.person.sub, ...this.userinfo } }
    if (pathname !== '/token') return { status: 404, body: {} }
    const body = new URLSearchParams(sent)
    this.tokenRequests.push({ headers: request.headers, body })
    const authorization = this.#codes.get(body.get('code') ?? '')
    // A code works once.
    this.#codes.delete(body.get('code') ?? '')
    if (!authorization) return { status: 400, body: { error: 'invalid_grant' } }
    return {
      status: 200,
      body: { access_token: 'opaque', token_type: 'Bearer', id_token: await this.#idToken(authorization) },
    }
  }

  async #idToken(authorization: URLSearchParams): Promise<string> {
    const now = Math.floor(this.clock() / 1000)
    const claims = this.alterClaims({
      iss: this.issuer,
      aud: authorization.get('client_id') ?? '',
      iat: now,
      exp: now + 300,
      nonce: authorization.get('nonce'),
      ...this.person,
    })
    return this.alterIdToken(await this.sign(claims))
  }

  /** @param key another one than the provider publishes */
  sign(claims: JWTPayload, key = this.#keys.privateKey): Promise<string> {
    return new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'k' }).sign(key)
  }
}

/** Makes a connection to a provider, which the application may use. */
export function connectProvider(
  { ctx }: Pick<TestServer, 'ctx'>,
  clientId: string,
  connection: ConnectionCreate,
): Promise<Connection> {
  return transaction(ctx, (tx) =>
    createConnection(tx, ctx, { enabled_clients: [clientId], ...connection }, async () => {}),
  )
}

/** Where a page sends the browser to, at a provider. */
export function departure(page: Page): URL {
  const location = page.headers.get('location')
  if (!location)
    throw new Error(`${page.url} did not lead to a provider (${page.status}):\n${page.text.slice(0, 2_000)}`)
  return new URL(location)
}

/** Uses the button of a connection on the log-in page. */
export function chooseProvider(browser: Browser, page: Page, connection: string): Promise<Page> {
  const index = [...page.text.matchAll(/<form\b[^>]*>/g)].findIndex(([form]) => form.includes('/provider"'))
  return browser.submit(page, { connection }, index)
}

type OidcOptions = Extract<ConnectionCreate, { strategy: 'oidc' }>['options']

/** A server with the tutorial's objects, whose application uses a provider by the connection `company`. */
export async function startWithProvider(
  t: Cleanup,
  kind: Parameters<typeof startServer>[1],
  options: Partial<OidcOptions> = {},
) {
  let ahead = 0
  const clock = () => Date.now() + ahead
  const provider = await ScriptedProvider.start(t)
  provider.clock = clock
  const server = await startServer(t, kind, {
    clock,
    config: { localHosts: ['localhost'], trustProxy: ['127.0.0.1'] },
  })
  const tutorial = await makeTutorial(server.ctx)
  const { clientId } = tutorial.spa
  const connection = await connectProvider(server, clientId, {
    name: 'company',
    strategy: 'oidc',
    display_name: 'The Company',
    options: { client_id: 'rolecall', client_secret: clientSecret, issuer: provider.issuer, ...options },
  })
  const { db } = server.ctx.store

  /** Opens the log-in page. */
  async function begin(params: Record<string, string> = {}, browser = new Browser(server.issuer)) {
    const request = authorizationRequest(server, clientId, params)
    return { browser, request, page: await browser.open(request.url) }
  }
  /** Logs in at the provider, up to the address that it sends the browser back to. */
  async function depart(params: Record<string, string> = {}, browser?: Browser, via = provider) {
    const begun = await begin(params, browser)
    const name = via === provider ? 'company' : 'other'
    const url = departure(await chooseProvider(begun.browser, begun.page, name))
    return { ...begun, url, back: via.authorize(url) }
  }
  return {
    ...server,
    ...tutorial,
    provider,
    connection,
    db,
    clientId,
    begin,
    depart,
    async logIn(params: Record<string, string> = {}, browser?: Browser) {
      const departed = await depart(params, browser)
      return { ...departed, page: await departed.browser.open(departed.back.href) }
    },
    async tokens({ page, request }: { page: Page; request: Authorization }) {
      const code = destination(page).searchParams.get('code') ?? ''
      const { body } = await redeem(server, clientId, { code, request })
      return { ...body, idToken: decodeJwt(body.id_token), accessToken: decodeJwt(body.access_token) }
    },
    /** The descriptions of entries in the log, oldest first. */
    async logged(type: string): Promise<string[]> {
      await server.app.logs.flush()
      const rows = db.selectFrom('logs').select('description').where('type', '=', type).orderBy('log_id')
      return (await rows.execute()).map(({ description }) => description)
    },
    wait(ms: number) {
      ahead += ms
    },
  }
}

/** The message above the form of a page. */
export const noticeOf = (page: Page): string =>
  /<p class="notice[^>]*>([^<]*)/.exec(page.text)?.[1]?.replaceAll('&#39;', "'") ?? ''
