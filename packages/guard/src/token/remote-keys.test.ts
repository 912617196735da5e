import 'reflect-metadata'
import assert from 'node:assert/strict'
import { webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createServer as createHttpServer, type Server, type ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import { type TestContext, test } from 'node:test'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import * as x509 from '@peculiar/x509'
import { createGuard, KeysUnavailableError } from '../index.ts'
import { createTestIssuer } from '../testing/index.ts'

/** A guard whose issuer is at this address, a valid token of that issuer, and what the guard logs by default. */
async function guardFor(issuer: string, t: TestContext) {
  const source = await createTestIssuer({ issuer })
  const log = t.mock.method(console, 'warn', () => {})
  const clock = { now: Date.now() }
  const guard = createGuard({
    domain: new URL(issuer).origin,
    audience: source.audience,
    timeoutMs: 500,
    now: () => clock.now,
  })
  const token = await source.token()
  const logged = () => log.mock.calls.map((call) => call.arguments)
  return { guard, token, clock, logged, source }
}

async function listening(server: Server, t: TestContext): Promise<number> {
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  assert.ok(typeof address === 'object' && address !== null)
  return address.port
}

async function selfSigned(): Promise<{ key: string; cert: string }> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: 'CN=127.0.0.1',
    keys,
    signingAlgorithm: algorithm,
    extensions: [new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: '127.0.0.1' }])],
  })
  const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY'), cert: certificate.toString('pem') }
}

test('an issuer with an untrusted certificate is 503, and one line in the log says why and what to do', async (t) => {
  const port = await listening(createServer(await selfSigned()), t)
  const issuer = `https://127.0.0.1:${port}/`
  const { guard, token, clock, logged } = await guardFor(issuer, t)
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await assert.rejects(guard.verify(token), KeysUnavailableError)
    clock.now += 2_000
  }
  assert.deepEqual(logged(), [
    [
      `[guard] Cannot load the keys of the issuer ${issuer}. Until they are loaded, requests with a token are answered ` +
        `503. Cause: ${issuer}.well-known/jwks.json cannot be loaded: its TLS certificate is not trusted ` +
        '(DEPTH_ZERO_SELF_SIGNED_CERT). If your own certificate authority signed it, start this process with ' +
        'NODE_EXTRA_CA_CERTS=<PEM file of that authority>',
    ],
  ])
})

test('an issuer that cannot be reached is 503, and the log names the address', async (t) => {
  const server = createHttpServer()
  const port = await listening(server, t)
  server.close()
  await once(server, 'close')
  const { guard, token, logged } = await guardFor(`http://127.0.0.1:${port}/`, t)
  await assert.rejects(guard.verify(token), KeysUnavailableError)
  assert.equal(logged().length, 1)
  assert.match(
    String(logged()[0]),
    new RegExp(
      `^\\[guard\\] Cannot load .* connect ECONNREFUSED 127\\.0\\.0\\.1:${port}\\. Nothing listens there: start the issuer, or correct its address$`,
    ),
  )
})

test('the log says what to do about a wrong address', async (t) => {
  const reply = (_request: unknown, response: ServerResponse) => response.end('{}')
  const plain = await listening(createHttpServer(reply), t)
  const issuers = {
    [`https://127.0.0.1:${plain}/`]: /does not answer in https: write the issuer with http:\/\//,
    'https://issuer.invalid/': /has no address: correct it, or add it to the hosts file/,
  }
  for (const [issuer, remedy] of Object.entries(issuers)) {
    const { guard, token, logged } = await guardFor(issuer, t)
    await assert.rejects(guard.verify(token), KeysUnavailableError)
    assert.match(String(logged().at(-1)), remedy)
    t.mock.restoreAll()
  }
})

test('the log says that a certificate is for another host name', async (t) => {
  const { key, cert } = await selfSigned()
  const port = await listening(createServer({ key, cert }), t)
  const trusted = getCACertificates('default')
  setDefaultCACertificates([...trusted, cert])
  t.after(() => setDefaultCACertificates(trusted))
  const { guard, token, logged } = await guardFor(`https://localhost:${port}/`, t)
  await assert.rejects(guard.verify(token), KeysUnavailableError)
  assert.match(String(logged()[0]), /for another host name: write the issuer with a name of the certificate$/)
})

test('an outage after the keys were loaded is logged once, a later one again, and tokens stay valid', async (t) => {
  let answer = (): [number, string] => [200, JSON.stringify(source.keys())]
  const server = createHttpServer((_request, response) => {
    const [status, body] = answer()
    response.writeHead(status).end(body)
  })
  const issuer = `http://127.0.0.1:${await listening(server, t)}/`
  const { guard, token, clock, logged, source } = await guardFor(issuer, t)
  const loaded = answer
  await guard.verify(token)
  assert.deepEqual(logged(), [])
  for (const [status, body, cause] of [
    [500, '', 'it answered with status 500'],
    [200, '<!doctype html>\n\u001b[31m', 'it is not JSON'],
    [200, ' '.repeat(1_100_000), 'it is longer than 1048576 bytes'],
  ] as const) {
    const before = logged().length
    answer = () => [status, body]
    for (let attempt = 0; attempt < 3; attempt += 1) {
      clock.now += 2_000
      await guard.refreshKeys()
      await guard.verify(token)
    }
    const added = logged().slice(before)
    assert.equal(added.length, 1, cause)
    assert.equal(
      String(added[0]),
      `[guard] Cannot load the keys of the issuer ${issuer}. Tokens are verified with the keys that were loaded before. ` +
        `Cause: ${issuer}.well-known/jwks.json cannot be loaded: ${cause}`,
    )
    answer = loaded
    await guard.refreshKeys()
  }
})

test('an issuer that accepts the connection and does not answer is given up after the time limit', async (t) => {
  const { guard, token, logged } = await guardFor(
    `http://127.0.0.1:${await listening(
      createHttpServer(() => {}),
      t,
    )}/`,
    t,
  )
  await assert.rejects(guard.verify(token), KeysUnavailableError)
  assert.match(String(logged()[0]), /: no answer within 500 ms$/)
})
