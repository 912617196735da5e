import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ConfigError, readConfig } from './config.ts'

const good = {
  CLIENT_ORIGIN_URL: 'http://localhost:4040',
  PORT: '6060',
  AUTH0_DOMAIN: 'tenant.eu.auth0.com',
  AUTH0_AUDIENCE: 'https://hello-world.example.com',
}

describe('the configuration', () => {
  test('is read from the environment', () => {
    assert.deepEqual(readConfig(good), {
      clientOrigin: 'http://localhost:4040',
      port: 6060,
      debug: false,
      auth0Domain: 'tenant.eu.auth0.com',
      auth0Audience: 'https://hello-world.example.com',
    })
  })

  for (const name of ['DEBUG_ENABLE', 'DEBUG_ENABLED'])
    test(`${name} may be true, false or empty`, () => {
      assert.equal(readConfig({ ...good, [name]: 'true' }).debug, true)
      assert.equal(readConfig({ ...good, [name]: 'false' }).debug, false)
      assert.equal(readConfig({ ...good, [name]: '' }).debug, false)
      assert.throws(() => readConfig({ ...good, [name]: 'maybe' }), /DEBUG_ENABLE/)
    })

  for (const domain of [
    'localhost:5050',
    'http://localhost:5050',
    'http://localhost:5050/',
    'tenant.eu.auth0.com/',
  ])
    test(`AUTH0_DOMAIN may be ${domain}`, () => {
      assert.equal(readConfig({ ...good, AUTH0_DOMAIN: domain }).auth0Domain, domain)
    })

  const faulty: [string, string[]][] = [
    ['CLIENT_ORIGIN_URL', ['localhost:4040', 'http://localhost:4040/path', 'ftp://localhost', 'http://']],
    ['PORT', ['0', '65536', 'http', '60.5', '-1']],
    ['AUTH0_DOMAIN', ['https://tenant.eu.auth0.com/path', 'a b', 'ftp://tenant']],
  ]
  for (const [name, values] of faulty)
    for (const value of values)
      test(`${name}=${value} is named as wrong`, () => {
        assert.throws(() => readConfig({ ...good, [name]: value }), new RegExp(`${name} must be`))
      })

  test('one message names every wrong variable', () => {
    assert.throws(
      () => readConfig({ PORT: 'x', AUTH0_AUDIENCE: ' ' }),
      (error) => {
        assert.ok(error instanceof ConfigError)
        for (const name of Object.keys(good)) assert.match(error.message, new RegExp(name))
        return true
      },
    )
  })
})

describe('the program', () => {
  const run = (env: Record<string, string>) => {
    const child = spawn(process.execPath, [fileURLToPath(new URL('main.ts', import.meta.url))], { env })
    const output = { text: '' }
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output.text += chunk.toString()
      })
    return { child, output, ended: once(child, 'exit') }
  }

  test('refuses to start with one message and exit code 1', async () => {
    const { output, ended } = run({ PORT: 'x', CLIENT_ORIGIN_URL: '', AUTH0_DOMAIN: '', AUTH0_AUDIENCE: '' })
    const [code] = await ended
    assert.equal(code, 1)
    assert.match(
      output.text,
      /^The API cannot start: .*CLIENT_ORIGIN_URL.*PORT.*AUTH0_DOMAIN.*AUTH0_AUDIENCE.*\.\n$/,
    )
  })

  test('reports a port that is in use', async () => {
    const taken = createServer().listen(0, 'localhost')
    await once(taken, 'listening')
    const address = taken.address()
    assert.ok(typeof address === 'object' && address !== null)
    const { output, ended } = run({ ...good, PORT: String(address.port) })
    const [code] = await ended
    taken.close()
    assert.equal(code, 1)
    assert.equal(output.text, 'The API cannot start: its port is in use by another program.\n')
  })

  test('starts without its issuer, logs no token, and ends on SIGTERM', async () => {
    const probe = createServer().listen(0, 'localhost')
    await once(probe, 'listening')
    const address = probe.address()
    assert.ok(typeof address === 'object' && address !== null)
    probe.close()
    await once(probe, 'close')
    const { child, output, ended } = run({
      ...good,
      PORT: String(address.port),
      AUTH0_DOMAIN: 'http://localhost:1',
      DEBUG_ENABLE: 'true',
    })
    await Promise.race([once(child.stdout, 'data'), ended])
    const messages = `http://localhost:${address.port}/api/messages`
    const response = await fetch(`${messages}/public?access_token=a-secret`)
    assert.deepEqual(await response.json(), { text: 'This is a public message.' })
    const refused = await fetch(`${messages}/protected`, { headers: { authorization: 'Bearer a-secret' } })
    assert.equal(refused.status, 401)
    child.kill('SIGTERM')
    assert.deepEqual(await ended, [0, null])
    assert.match(output.text, /"path":"\/api\/messages\/public"/)
    assert.ok(!output.text.includes('a-secret'), 'no token in the log')
  })
})
