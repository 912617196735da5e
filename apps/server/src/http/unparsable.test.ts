import assert from 'node:assert/strict'
import { Agent, get } from 'node:http'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { stores } from '../store/testing.ts'
import { startServer } from '../testing/server.ts'

test('a request with headers that are too long is answered with 431, and its connection ends', async (t) => {
  const port = await listen(t)
  const answer = await exchange(
    port,
    `GET /healthz HTTP/1.1\r\nhost: x\r\nx-long: ${'a'.repeat(20_000)}\r\n\r\n`,
  )
  assert.match(answer, /^HTTP\/1\.1 431 Request Header Fields Too Large\r\n/)
  assert.match(answer, /\r\nconnection: close\r\n/)
  assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/)
  assert.deepEqual(JSON.parse(answer.split('\r\n\r\n')[1] ?? ''), {
    statusCode: 431,
    error: 'Request Header Fields Too Large',
    message: 'The headers and the address are longer than 16 KiB',
    errorCode: 'invalid_request',
  })
})

test('what is not HTTP is answered with 400, and repeats nothing of the request', async (t) => {
  const port = await listen(t)
  const answer = await exchange(port, 'SECRET\r\n\r\n')
  assert.match(answer, /^HTTP\/1\.1 400 Bad Request\r\nconnection: close\r\n/)
  assert.doesNotMatch(answer, /SECRET/)
})

test('a client that keeps connections sends its next request on another one after a 431', async (t) => {
  const port = await listen(t)
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  t.after(() => agent.destroy())
  for (let round = 0; round < 20; round++) {
    assert.equal(await statusOf(port, agent, { 'x-long': 'a'.repeat(20_000) }), 431)
    assert.equal(await statusOf(port, agent, {}), 200)
  }
})

async function listen(t: TestContext): Promise<number> {
  const [kind] = stores
  assert(kind)
  const { app } = await startServer(t, kind)
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- it listens on a port.
  return (app.server.address() as AddressInfo).port
}

function exchange(port: number, request: string): Promise<string> {
  const socket = connect(port, '127.0.0.1')
  socket.write(request)
  return text(socket)
}

function statusOf(port: number, agent: Agent, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, path: '/healthz', agent, headers }, (answer) => {
      answer.resume()
      answer.once('end', () => resolve(answer.statusCode))
    }).once('error', reject)
  })
}
