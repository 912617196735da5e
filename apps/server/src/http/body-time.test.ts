import assert from 'node:assert/strict'
import { type AddressInfo, connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { test } from 'node:test'
import Fastify from 'fastify'
import { limitBodyTime } from './body-time.ts'

test('a body that takes too long ends its request with 408, except where large files are taken', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  limitBodyTime(app, 50)
  app.post('/small', async () => 'taken')
  app.post('/large', { config: { hasLargeBody: true } }, async () => 'taken')
  await app.listen({ host: '127.0.0.1', port: 0 })
  const { port } = app.server.address() as AddressInfo
  const send = (path: string, content: string) => {
    const socket = connect(port, '127.0.0.1')
    socket.write(
      `POST ${path} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\n${content}`,
    )
    return socket
  }
  const large = send('/large', 'a')
  assert.match(await text(send('/small', 'a')), /^HTTP\/1\.1 408 /)
  assert.match(await text(send('/small', 'ab')), /^HTTP\/1\.1 200 [^]*taken$/)
  // It began before the one that was ended, and is taken.
  large.write('b')
  assert.match(await text(large), /^HTTP\/1\.1 200 [^]*taken$/)
})
