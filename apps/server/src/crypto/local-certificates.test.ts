import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createServer } from 'node:https'
import { type AddressInfo } from 'node:net'
import { test } from 'node:test'
import { connect, type PeerCertificate } from 'node:tls'
import { temporaryFolder } from '../store/testing.ts'
import { ensureLocalCertificates } from './local-certificates.ts'

test('a client that trusts the authority reaches the server by each of its names, and by no other', async (t) => {
  const files = await ensureLocalCertificates(await temporaryFolder(t), { hosts: ['rolecall.internal'] })
  const [ca, cert, key] = await Promise.all(
    [files.caFile, files.certFile, files.keyFile].map((file) => readFile(file, 'utf8')),
  )
  const server = createServer({ cert, key }, (_request, response) => response.end('ok')).listen(
    0,
    '127.0.0.1',
  )
  t.after(() => server.close())
  const { port } = await new Promise<AddressInfo>((resolve) =>
    server.once('listening', () => resolve(server.address() as AddressInfo)),
  )
  const shake = (servername: string, trusted: string | undefined) =>
    new Promise<PeerCertificate>((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port, servername, ca: trusted }, () => {
        resolve(socket.getPeerCertificate())
        socket.destroy()
      })
      socket.once('error', reject)
    })
  for (const name of ['localhost', 'rolecall.internal'])
    assert.match((await shake(name, ca)).subjectaltname ?? '', /IP Address:127\.0\.0\.1/)
  await assert.rejects(shake('elsewhere.example', ca), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
  await assert.rejects(shake('localhost', undefined), { code: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' })
})

test('two authorities of one day can be trusted at the same time', async (t) => {
  const first = await ensureLocalCertificates(await temporaryFolder(t))
  const second = await ensureLocalCertificates(await temporaryFolder(t))
  const [firstCa, secondCa, cert, key] = await Promise.all(
    [first.caFile, second.caFile, second.certFile, second.keyFile].map((file) => readFile(file, 'utf8')),
  )
  const server = createServer({ cert, key })
  t.after(() => server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise<void>((resolve, reject) => {
    const ca = [firstCa ?? '', secondCa ?? '']
    const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca }, () => {
      socket.destroy()
      resolve()
    })
    socket.once('error', reject)
  })
})

test('the next start finds the same certificates; the key is for this user alone, and the authority has none', async (t) => {
  const folder = await temporaryFolder(t)
  const files = await ensureLocalCertificates(folder)
  const before = await readFile(files.certFile, 'utf8')
  assert.deepEqual(await ensureLocalCertificates(folder), files)
  assert.equal(await readFile(files.certFile, 'utf8'), before)
  assert.equal((await stat(files.keyFile)).mode & 0o777, 0o600)
  const ca = new X509Certificate(await readFile(files.caFile))
  assert.equal(ca.ca, true)
  assert.ok(!(await readFile(files.caFile, 'utf8')).includes('PRIVATE KEY'))
})

test('certificates are renewed a month before they expire, and for another host name', async (t) => {
  const folder = await temporaryFolder(t)
  const day = 86_400_000
  const files = await ensureLocalCertificates(folder)
  const read = () => readFile(files.certFile, 'utf8')
  const first = await read()
  await ensureLocalCertificates(folder, { now: Date.now() + 760 * day })
  assert.equal(await read(), first)
  await ensureLocalCertificates(folder, { now: Date.now() + 775 * day })
  const second = await read()
  assert.notEqual(second, first)
  await ensureLocalCertificates(folder, { hosts: ['rolecall'], now: Date.now() + 775 * day })
  assert.notEqual(await read(), second)
})
