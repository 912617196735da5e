import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import { CommandError } from '../errors.ts'
import type { Terminal } from '../terminal.ts'
import type { LogInRequest } from './device.ts'
import { requestToken } from './endpoints.ts'
import type { Tokens } from './profiles.ts'

const minutesToLogIn = 5

/**
 * Authorization code with PKCE (RFC 7636) and a redirect to a port of this machine (RFC 8252 §7.3), which is open until
 * the browser comes back.
 */
export async function logInWithBrowser(terminal: Terminal, request: LogInRequest): Promise<Tokens> {
  const { endpoints, clientId, scope, audience } = request
  const state = randomBytes(24).toString('base64url')
  const verifier = randomBytes(32).toString('base64url')
  const server = createServer()
  const port = await listen(server)
  try {
    const redirectUri = `http://127.0.0.1:${port}/callback`
    const url = new URL(endpoints.authorization_endpoint)
    const parameters = {
      response_type: 'code',
      client_id: clientId,
      redirect_uri: redirectUri,
      scope,
      audience,
      state,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256',
    }
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    const code = receiveCode(server, state, endpoints.issuer)
    const opened = await terminal.open(url.href)
    terminal.note(opened ? 'Log in in the browser. Or open this address:' : 'Open this address in a browser:')
    terminal.note(url.href)
    return await requestToken(endpoints, {
      grant_type: 'authorization_code',
      client_id: clientId,
      code: await code,
      code_verifier: verifier,
      redirect_uri: redirectUri,
    })
  } finally {
    server.close()
    server.closeAllConnections()
  }
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address) resolve(address.port)
    })
  })
}

/** The code of the first request that has the state. Requests without it are not from the log-in that was started. */
function receiveCode(server: Server, state: string, issuer: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new CommandError(`Nobody logged in within ${minutesToLogIn} minutes.`)),
      minutesToLogIn * 60_000,
    )
    server.on('request', (request, response) => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://127.0.0.1')
      const isAnswer =
        pathname === '/callback' &&
        isSame(searchParams.get('state') ?? '', state) &&
        // RFC 9207: the answer of another server is not for this log-in.
        (searchParams.get('iss') ?? issuer) === issuer
      response.writeHead(isAnswer ? 200 : 404, {
        'content-type': 'text/plain; charset=utf-8',
        'cache-control': 'no-store',
        connection: 'close',
      })
      if (!isAnswer) {
        response.end('Not found\n')
        return
      }
      clearTimeout(timer)
      const code = searchParams.get('code')
      const reason = searchParams.get('error_description') ?? searchParams.get('error') ?? 'no code was given'
      response.end(
        code === null
          ? 'The log-in failed. The terminal says why.\n'
          : 'You are logged in. Close this page.\n',
      )
      response.once('close', () =>
        code === null ? reject(new CommandError(`The server refused the log-in: ${reason}`)) : resolve(code),
      )
    })
  })
}

function isSame(given: string, wanted: string): boolean {
  return timingSafeEqual(digest(given), digest(wanted))
}

const digest = (text: string) => createHash('sha256').update(text).digest()
