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

test('a request that is answered before its body is read leaves its connection alone', async (t) => {
  const app = Fastify()
  t.after(() => app.close())
  limitBodyTime(app, 50)
  app.addHook('onRequest', async (request, reply) =>
    request.url === '/refused' ? reply.code(401).send() : undefined,
  )
  app.post('/taken', async () => 'taken')
  for (const url of ['/refused', '/taken'])
    await app.inject({ method: 'POST', url, payload: 'a', headers: { 'content-type': 'text/plain' } })
  await app.inject({ method: 'GET', url: '/none' })
  // Longer than the limit: a timer that is still set would end a connection that is not there.
  await new Promise((resolve) => void setTimeout(resolve, 100))
})
