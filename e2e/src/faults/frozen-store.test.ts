/** PostgreSQL freezes: connections stay open and no query is answered. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { startTestPostgres, temporaryDatabase } from '@rolecall/server/test-kit/store'
import { tutorial } from '@rolecall/server/tutorial'
import { site } from '../start/launcher.ts'
import { type Home, makeHome, startServerProcess } from './server-process.ts'

/** The postmaster and its children. */
function processesOf(url: string): number[] {
  const folder = new URL(url).searchParams.get('host') ?? ''
  const postmaster = Number(readFileSync(join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0])
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n')
  const children = rows
    .map((row) => row.trim().split(/\s+/).map(Number))
    .filter(([, parent]) => parent === postmaster)
  return [postmaster, ...children.map(([pid = 0]) => pid)]
}

test('while PostgreSQL is frozen requests get 503, keys stay readable, and the server recovers without a restart', {
  timeout: 150_000,
}, async (t) => {
  const earlier = process.env['ROLECALL_TEST_POSTGRES_URL']
  const postgres = await startTestPostgres()
  const signalAll = (signal: 'SIGSTOP' | 'SIGCONT') => {
    for (const pid of processesOf(postgres.url)) process.kill(pid, signal)
  }
  t.after(() => {
    signalAll('SIGCONT')
    return postgres.stop()
  })
  process.env['ROLECALL_TEST_POSTGRES_URL'] = postgres.url
  const databaseUrl = await temporaryDatabase({ after: () => {} })
  if (earlier === undefined) delete process.env['ROLECALL_TEST_POSTGRES_URL']
  else process.env['ROLECALL_TEST_POSTGRES_URL'] = earlier

  const home = await makeHome(await site(t), { DATABASE_URL: databaseUrl, SHUTDOWN_SECONDS: '4' })
  const server = await startServerProcess(home.env)
  t.after(() => server.end('SIGKILL'))
  assert.equal((await ask(home, '/readyz')).status, 200)
  assert.equal((await token(home)).status, 200)

  signalAll('SIGSTOP')
  assert.equal((await ask(home, '/readyz')).status, 503)
  // Applications and APIs are cached until the server notices, about a second later.
  while ((await token(home)).status !== 503) await pause(100)
  let slowestMs = 0
  for (let round = 0; round < 2; round++) {
    const began = performance.now()
    const answers = await Promise.all([
      ask(home, '/readyz'),
      token(home),
      ask(home, '/oauth/revoke', {
        method: 'POST',
        body: new URLSearchParams({ client_id: home.spa.clientId, token: 'x'.repeat(43) }),
      }),
      ask(home, `/authorize?client_id=${home.spa.clientId}&response_type=code`, {
        headers: { accept: 'text/html' },
      }),
      ask(home, '/interaction/abcdefghijklmnop', {
        headers: { accept: 'text/html', cookie: 'rolecall_interaction=x' },
      }),
      ask(home, '/u/reset-password?ticket=x', { headers: { accept: 'text/html' } }),
      ask(home, '/v2/logout'),
      ask(home, '/dbconnections/signup', {
        method: 'POST',
        body: new URLSearchParams({
          client_id: home.spa.clientId,
          connection: 'Username-Password-Authentication',
          email: 'a@example.com',
          password: 'lantern bridge harbour',
        }),
      }),
      ...Array.from({ length: 30 }, () => token(home)),
    ])
    slowestMs = Math.max(slowestMs, performance.now() - began)
    for (const { status, headers, url } of answers) {
      assert.equal(status, 503, url)
      assert.ok(Number(headers.get('retry-after')) > 0, url)
    }
    const [, tokenAnswer, , page] = answers
    assert.equal(((await tokenAnswer.json()) as { error: string }).error, 'temporarily_unavailable')
    assert.match(await page.text(), /<h1>Not available at the moment<\/h1>/)
    for (const path of ['/.well-known/jwks.json', '/.well-known/openid-configuration', '/healthz'])
      assert.equal((await ask(home, path)).status, 200, path)
  }

  t.diagnostic(`40 requests at once took ${Math.round(slowestMs)} ms`)

  signalAll('SIGCONT')
  while ((await ask(home, '/readyz')).status !== 200) await pause(100)
  assert.equal((await token(home)).status, 200)

  signalAll('SIGSTOP')
  await server.end('SIGTERM')
  assert.notEqual(server.process.exitCode, null, 'it ended within its limit')
})

/** The timeout makes a hanging request fail. */
function ask(home: Home, path: string, init: RequestInit = {}): Promise<Response> {
  return fetch(new URL(path, home.issuer), {
    redirect: 'manual',
    signal: AbortSignal.timeout(10_000),
    ...init,
  })
}

function token(home: Home): Promise<Response> {
  return ask(home, '/oauth/token', {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: home.service.clientId,
      client_secret: home.service.clientSecret,
      audience: tutorial.api.identifier,
    }),
  })
}
