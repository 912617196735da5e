/** Shutdown while requests are in progress. */

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import { openStore } from '@rolecall/server/test-kit'
import { tutorial } from '@rolecall/server/tutorial'
import { site } from '../start/launcher.ts'
import { type Home, makeHome, type ServerProcess, startServerProcess } from './server-process.ts'

const limit = { timeout: 120_000 }

async function start(t: { after(clean: () => unknown): void }, env: Record<string, string> = {}) {
  const home = await makeHome(await site(t), env)
  const server = await startServerProcess(home.env)
  t.after(() => server.end('SIGKILL'))
  return { home, server }
}

async function open(home: Home, host = '127.0.0.1'): Promise<Socket> {
  const socket = connect(Number(new URL(home.issuer).port), host)
  await once(socket, 'connect')
  return socket
}

/** Resolves when the server has printed these words. */
async function printed(server: ServerProcess, words: string): Promise<void> {
  while (!server.lines.some((line) => line.includes(words))) await once(server.process.stdout!, 'data')
}

async function ended(server: ServerProcess): Promise<number | null> {
  const { process: child } = server
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  return child.exitCode
}

function tokenRequest({ service }: Home): string {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: service.clientId,
    client_secret: service.clientSecret,
    audience: tutorial.api.identifier,
  }).toString()
  return `POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n${body}`
}

/** An incomplete request: the server has to wait for the rest. */
const halfSent =
  'POST /oauth/token HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: 100\r\n\r\n{'

test('requests received before the signal are answered', limit, async (t) => {
  const { home, server } = await start(t)
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(home)))
  for (const socket of sockets) {
    // A keep-alive connection that has been used before.
    socket.write('GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n')
    await once(socket, 'data')
  }
  const answers = sockets.map((socket) => text(socket))
  for (const socket of sockets) socket.write(tokenRequest(home))
  server.process.kill('SIGTERM')
  for (const answer of await Promise.all(answers)) {
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(answer, /"access_token":/)
  }
  assert.equal(await ended(server), 0)
})

test('while it stops the server is not ready and accepts no new connection', limit, async (t) => {
  const { home, server } = await start(t)
  const socket = await open(home)
  const answer = text(socket)
  socket.write('GET /readyz HTTP/1.1\r\n')
  await fetch(new URL('/healthz', home.issuer))
  server.process.kill('SIGTERM')
  await printed(server, 'stopping within')
  const connectUntilClosed = async () => {
    for (;;) (await open(home)).destroy()
  }
  // Closing the listener resets a connection that the system has completed and the server has not accepted.
  await assert.rejects(connectUntilClosed(), { code: /^ECONN(REFUSED|RESET)$/ })
  await assert.rejects(open(home), { code: 'ECONNREFUSED' })
  socket.write('host: x\r\n\r\n')
  assert.match(await answer, /^HTTP\/1\.1 503 [^]*connection: close[^]*"status":"stopping"/i)
  assert.equal(await ended(server), 0)
})

test('an incomplete request does not prevent the stop', limit, async (t) => {
  const { home, server } = await start(t, { SHUTDOWN_SECONDS: '2' })
  const socket = await open(home)
  socket.on('error', () => {}).write(halfSent)
  await fetch(new URL('/healthz', home.issuer))
  await server.end('SIGTERM')
  assert.equal(server.process.exitCode, 0)
})

test('a collector of traces that does not answer does not prevent the stop', limit, async (t) => {
  const collector = createServer().listen(0, '127.0.0.1')
  await once(collector, 'listening')
  t.after(() => collector.close())
  const { port } = collector.address() as AddressInfo
  const env = { SHUTDOWN_SECONDS: '3', TRACES_URL: `http://127.0.0.1:${port}/v1/traces` }
  const { home, server } = await start(t, env)
  collector.on('connection', (socket) => socket.on('error', () => {}).resume())
  await fetch(new URL('/healthz', home.issuer))
  await server.end('SIGTERM')
  assert.equal(server.process.exitCode, 0, server.lines.join('\n'))
})

test('a second signal ends the process at once', limit, async (t) => {
  const { home, server } = await start(t, { SHUTDOWN_SECONDS: '600' })
  const socket = await open(home)
  socket.on('error', () => {}).write(halfSent)
  await fetch(new URL('/healthz', home.issuer))
  server.process.kill('SIGTERM')
  await printed(server, 'stopping within')
  server.process.kill('SIGTERM')
  assert.equal(await ended(server), 1)
})

test('log entries of the last requests are stored before the process ends', limit, async (t) => {
  const { home, server } = await start(t)
  const response = await fetch(new URL('/oauth/token', home.issuer), {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: home.service.clientId,
      client_secret: 'x',
    }),
  })
  assert.equal(response.status, 401)
  await server.end('SIGTERM')
  const store = await openStore({ file: `${home.env['DATA_DIR']}/rolecall.db` })
  t.after(() => store.close())
  const kept = await store.db.selectFrom('logs').select('type').where('type', '=', 'feccft').execute()
  assert.equal(kept.length, 1)
})

test(
  'both addresses of localhost answer; one that is taken stops the start with a sentence',
  limit,
  async (t) => {
    const place = await site(t)
    const home = await makeHome(place, { HOST: 'localhost', LOG_LEVEL: 'error' })
    const server = await startServerProcess(home.env)
    t.after(() => server.end('SIGKILL'))
    const hosts = (await ipv6()) ? ['127.0.0.1', '[::1]'] : ['127.0.0.1']
    for (const host of hosts)
      assert.equal((await fetch(`http://${host}:${place.ports.server}/readyz`)).status, 200)
    await server.end('SIGTERM')
    assert.equal(server.process.exitCode, 0)
    for (const host of hosts) {
      const other = createServer().listen(place.ports.server, host.replaceAll(/[[\]]/g, ''))
      await once(other, 'listening')
      await assert.rejects(
        startServerProcess(home.env),
        /ended instead of answering:\n[^\n]* is in use by another program: [^\n]*$/,
      )
      await once(other.close(), 'close')
    }
    // The store was closed every time.
    const last = await startServerProcess(home.env)
    await last.end('SIGTERM')
  },
)

async function ipv6(): Promise<boolean> {
  const probe = createServer().listen(0, '::1')
  const works = await once(probe, 'listening').then(
    () => true,
    () => false,
  )
  if (works) await once(probe.close(), 'close')
  return works
}
