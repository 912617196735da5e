import type { IncomingMessage, ServerResponse } from 'node:http'
import https from 'node:https'
import { syncBuiltinESMExports } from 'node:module'
import type { LookupFunction } from 'node:net'
import { text } from 'node:stream/consumers'
import { type Answer, startHttps } from './testing.ts'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

const hosts = ['github.com', 'api.github.com']

const loopback: LookupFunction = (_hostname, options, callback) =>
  options.all ? callback(null, [{ address: '127.0.0.1', family: 4 }]) : callback(null, '127.0.0.1', 4)

/**
 * GitHub's endpoints on the loopback address, with a certificate for GitHub's names. The network is what differs: requests
 * to these names are connected to this server, and nothing in the server under test knows of it.
 */
export class FakeGithub {
  user: unknown = {
    id: 583_231,
    login: 'ada',
    name: 'Ada Lovelace',
    avatar_url: 'https://avatars.example.com/1',
  }
  emails: unknown = [
    { email: 'old@example.com', primary: false, verified: true },
    { email: 'ada@example.com', primary: true, verified: true },
  ]
  organizations: unknown = [{ login: 'analytical-engines' }]
  /** By path. */
  instead: Record<string, Answer> = {}
  readonly requests: { path: string; headers: IncomingMessage['headers']; body: URLSearchParams }[] = []

  static async start(t: Cleanup): Promise<FakeGithub> {
    const github = new FakeGithub()
    const { port } = await startHttps(t, (request, response) => void github.#answer(request, response), hosts)
    const { request } = https
    Object.assign(https, {
      request: (url: string, options: https.RequestOptions) =>
        hosts.includes(new URL(url).hostname)
          ? request(url, { ...options, port, lookup: loopback })
          : request(url, options),
    })
    syncBuiltinESMExports()
    t.after(async () => {
      Object.assign(https, { request })
      syncBuiltinESMExports()
    })
    return github
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = `${request.headers.host ?? ''}${request.url ?? ''}`.replace(/:\d+/, '')
    const body = new URLSearchParams(await text(request))
    this.requests.push({ path, headers: request.headers, body })
    const answers: Record<string, unknown> = {
      'github.com/login/oauth/access_token': {
        access_token: 'gho_secret',
        token_type: 'bearer',
        scope: 'read:user,user:email',
      },
      'api.github.com/user': this.user,
      'api.github.com/user/emails': this.emails,
      'api.github.com/user/orgs?per_page=100': this.organizations,
    }
    const { status, body: answer } = this.instead[path] ?? { status: 200, body: answers[path] ?? { path } }
    response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' })
    response.end(JSON.stringify(answer))
  }
}
