import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import {
  audience,
  authorizationRequest,
  Browser,
  callback,
  destination,
  requestToken,
} from '@rolecall/server/test-kit'
import { tutorial } from '@rolecall/server/tutorial'

const password = 'a lantern on the 3rd bridge'
const email = 'owner@example.com'

/** A program that runs until the test ends it. */
export interface Running {
  /** The first line that it prints and that matches. */
  line: RegExpExecArray
  /** Ends it and what it has started. @returns its exit code */
  end(signal?: NodeJS.Signals): Promise<number | null>
}

/** Resolves when the program prints a line that matches. Rejects with its output when it ends before. */
export async function running(
  [program = '', ...args]: string[],
  options: { cwd: string; env?: NodeJS.ProcessEnv },
  expected: RegExp,
): Promise<Running> {
  // A group of processes: `npx` and a shell do not pass a signal on.
  const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'], detached: true })
  const closed = once(child, 'close')
  const output: string[] = []
  const found = Promise.withResolvers<RegExpExecArray>()
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on('line', (text) => {
      output.push(text)
      const line = expected.exec(text)
      if (line) found.resolve(line)
    })
  const early = closed.then(() => assert.fail(`${program} ended:\n${output.join('\n')}`))
  early.catch(() => {})
  const line = await Promise.race([found.promise, early])
  return {
    line,
    async end(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) process.kill(-(child.pid ?? 0), signal)
      await closed
      return child.exitCode
    },
  }
}

/** The installed server with its first owner, and the Management API as that owner uses it. */
export interface System {
  issuer: string
  server: Running
  owner: { id: string }
  call: <T>(method: string, path: string, body?: object) => Promise<T>
}

/** Starts the package in its folder and becomes the owner through the pages. */
export async function startSystem(project: string, port: number): Promise<System> {
  const issuer = `http://127.0.0.1:${port}/`
  const server = await running(
    [process.execPath, join(project, 'node_modules/.bin/rolecall')],
    {
      cwd: project,
      env: {
        PATH: process.env['PATH'],
        ISSUER: issuer,
        HOST: '127.0.0.1',
        PORT: String(port),
        LOG_LEVEL: 'warn',
      },
    },
    /http\S+\/setup\?ticket=\S+/,
  )
  const browser = new Browser(issuer)
  const done = await browser.submit(await browser.open(server.line[0]), { email, password })
  assert.equal(new URL(done.url).pathname, '/dashboard/')
  assert.match(done.text, /<script type="module"[^>]* src="\/dashboard\/assets\//)

  const configuration = await fetch(`${issuer}dashboard/config.json`)
  const { client_id, audience: management } = (await configuration.json()) as Record<string, string>
  const redirectUri = `${issuer}dashboard/callback`
  const request = authorizationRequest({ issuer }, client_id ?? '', {
    audience: management,
    redirect_uri: redirectUri,
  })
  const url = new URL((await browser.open(request.url)).url)
  const { body } = await requestToken(
    { issuer },
    {
      grant_type: 'authorization_code',
      client_id: client_id ?? '',
      code: url.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: request.verifier,
    },
  )
  const { sub } = JSON.parse(Buffer.from(body.id_token.split('.')[1] ?? '', 'base64url').toString())
  return {
    issuer,
    server,
    owner: { id: sub },
    async call<T>(method: string, path: string, content?: object) {
      const response = await fetch(`${issuer}api/v2/${path}`, {
        method,
        headers: {
          authorization: `Bearer ${body.access_token}`,
          ...(content && { 'content-type': 'application/json' }),
        },
        ...(content && { body: JSON.stringify(content) }),
      })
      const text = await response.text()
      assert.ok(response.ok, `${method} ${path} answered ${response.status}: ${text}`)
      return (text === '' ? undefined : JSON.parse(text)) as T
    },
  }
}

/** Creates the tutorial's API, its role, which the owner does not hold yet, and an application. */
export async function createTutorial({ call }: System): Promise<{ roleId: string; clientId: string }> {
  await call('POST', 'resource-servers', {
    ...tutorial.api,
    scopes: [tutorial.permission],
    enforce_policies: true,
    token_dialect: 'access_token_authz',
  })
  const { id: roleId } = await call<{ id: string }>('POST', 'roles', tutorial.role)
  await call('POST', `roles/${roleId}/permissions`, {
    permissions: [{ resource_server_identifier: audience, permission_name: tutorial.permission.value }],
  })
  const { client_id: clientId } = await call<{ client_id: string }>('POST', 'clients', {
    name: 'A client',
    app_type: 'spa',
    callbacks: [callback],
  })
  return { roleId, clientId }
}

/** Logs the owner in through the pages. @returns an access token for the tutorial's API */
export async function logIn({ issuer }: System, clientId: string): Promise<string> {
  const browser = new Browser(issuer)
  const request = authorizationRequest({ issuer }, clientId, { scope: 'openid' })
  const done = await browser.submit(await browser.open(request.url), { email, password })
  const code = destination(done).searchParams.get('code') ?? ''
  const { status, body } = await requestToken(
    { issuer },
    {
      grant_type: 'authorization_code',
      client_id: clientId,
      code,
      redirect_uri: callback,
      code_verifier: request.verifier,
    },
  )
  assert.equal(status, 200)
  return body.access_token
}
