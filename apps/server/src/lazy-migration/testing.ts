import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { UnsecuredJWT } from 'jose'
import { ensureLocalCertificates } from '../crypto/local-certificates.ts'
import { temporaryFolder } from '../store/testing.ts'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

interface Received {
  method: string
  path: string
  headers: IncomingHttpHeaders
  body: Record<string, unknown>
}

export interface Answer {
  status: number
  body?: unknown
  headers?: Record<string, string>
}

/** Another server, by https on the loopback address, with a certificate that this process trusts. */
export class OtherServer {
  readonly received: Received[] = []
  /** `hang`: no answer. */
  answer: (request: Received) => Answer | 'hang' | Promise<Answer | 'hang'> = () => ({ status: 404 })
  /** `localhost:<port>` */
  readonly host: string

  private constructor(server: Server) {
    this.host = `localhost:${(server.address() as AddressInfo).port}`
    server.on('request', (request, response) => void this.#take(request, response))
  }

  static async start(t: Cleanup): Promise<OtherServer> {
    const files = await ensureLocalCertificates(await temporaryFolder(t))
    setDefaultCACertificates([...getCACertificates('default'), await readFile(files.caFile, 'utf8')])
    const server = createServer({ cert: await readFile(files.certFile), key: await readFile(files.keyFile) })
    await once(server.listen(0, '127.0.0.1'), 'listening')
    t.after(async () => {
      server.closeAllConnections()
      await once(server.close(), 'close')
    })
    return new OtherServer(server)
  }

  async #take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const sent = await text(request)
    const { method = '', url: path = '', headers } = request
    const received = { method, path, headers, body: sent ? JSON.parse(sent) : {} }
    this.received.push(received)
    const answer = await this.answer(received)
    if (answer === 'hang') return
    response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers })
    response.end(JSON.stringify(answer.body ?? {}))
  }
}

export interface Account {
  user_id: string
  password: string
  profile?: Record<string, unknown>
  roles?: string[]
  permissions?: { permission_name: string; resource_server_identifier: string; sources: object[] }[]
  /** The answer to the right password instead of tokens. */
  refusal?: Answer
}

export const passwordApplication = { client_id: 'password-client', client_secret: 'password-client-secret' }
export const managementApplication = {
  management_client_id: 'management-client',
  management_client_secret: 'management-client-secret',
}
export const realm = 'Username-Password-Authentication'

/** Auth0's documented responses: https://auth0.com/docs/api/authentication#standard-error-responses */
export const refusals = {
  invalid_grant: {
    status: 403,
    body: { error: 'invalid_grant', error_description: 'Wrong email or password.' },
  },
  too_many_attempts: {
    status: 429,
    body: {
      error: 'too_many_attempts',
      error_description: 'Your account has been blocked after multiple consecutive login attempts.',
    },
  },
  mfa_required: {
    status: 403,
    body: {
      error: 'mfa_required',
      error_description: 'Multifactor authentication required',
      mfa_token: 'an-mfa-token',
    },
  },
  unauthorized_client: {
    status: 403,
    body: {
      error: 'unauthorized_client',
      error_description:
        "Grant type 'http://auth0.com/oauth/grant-type/password-realm' not allowed for the client.",
    },
  },
  blocked: { status: 403, body: { error: 'unauthorized', error_description: 'user is blocked' } },
  too_many_requests: {
    status: 429,
    headers: { 'retry-after': '30' },
    body: { error: 'too_many_requests', error_description: 'Global limit has been reached' },
  },
  access_denied: { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } },
} satisfies Record<string, Answer>

const managementToken = 'a-token-of-the-management-api'

/** Answers as a tenant of Auth0 with these accounts, by their addresses. */
export function asAuth0(host: string, accounts: Map<string, Account>) {
  const withId = (id: string) => [...accounts].find(([, { user_id }]) => user_id === id)
  const userOf = (email: string, { user_id, profile }: Account) => ({
    user_id,
    email,
    identities: [{ connection: realm, provider: 'auth0', user_id: user_id.slice(6), isSocial: false }],
    created_at: '2020-01-01T00:00:00.000Z',
    ...profile,
  })
  const token = ({ body }: Received): Answer => {
    if (body['grant_type'] === 'client_credentials')
      return body['client_secret'] === managementApplication.management_client_secret
        ? { status: 200, body: { access_token: managementToken, expires_in: 86_400, token_type: 'Bearer' } }
        : refusals.access_denied
    if (body['client_secret'] !== passwordApplication.client_secret) return refusals.access_denied
    const email = String(body['username'])
    const account = accounts.get(email)
    const isRight =
      body['grant_type'] === 'http://auth0.com/oauth/grant-type/password-realm' &&
      body['realm'] === realm &&
      account?.password === body['password']
    if (!account || !isRight) return refusals.invalid_grant
    if (account.refusal) return account.refusal
    const { user_metadata: _, app_metadata: __, ...claims } = account.profile ?? {}
    const idToken = new UnsecuredJWT({ email, ...claims })
      .setSubject(account.user_id)
      .setIssuer(`https://${host}/`)
      .setAudience(String(body['client_id']))
      .encode()
    return { status: 200, body: { access_token: 'opaque', id_token: idToken, token_type: 'Bearer' } }
  }
  const ofUser = (id: string, part: string | undefined): Answer => {
    const found = withId(id)
    if (!found) return { status: 404 }
    const [email, account] = found
    if (part === 'roles')
      return { status: 200, body: account.roles?.map((name) => ({ id: `rol_${name}`, name })) ?? [] }
    if (part === 'permissions') return { status: 200, body: account.permissions ?? [] }
    return { status: 200, body: userOf(email, account) }
  }
  return (request: Received): Answer => {
    const { pathname, searchParams } = new URL(request.path, `https://${host}`)
    if (pathname === '/oauth/token') return token(request)
    if (request.headers.authorization !== `Bearer ${managementToken}`) return { status: 401 }
    if (pathname === '/api/v2/users-by-email') {
      const email = searchParams.get('email') ?? ''
      const account = accounts.get(email)
      return { status: 200, body: account ? [userOf(email, account)] : [] }
    }
    const [, id = '', part] = /^\/api\/v2\/users\/([^/]+)(?:\/(\w+))?$/.exec(pathname) ?? []
    return ofUser(decodeURIComponent(id), part)
  }
}
