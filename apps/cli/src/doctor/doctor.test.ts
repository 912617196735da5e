import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { requestToken } from '@rolecall/server/test-kit'
import { orders, testTenant } from '../testing-tenant.ts'

/** An API that answers as it is told. */
async function startApi(t: TestContext, headers: Record<string, string>) {
  const server = createServer((request, response) => {
    response.writeHead(request.method === 'OPTIONS' ? 204 : 401, headers).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`
}

describe('rolecall doctor', () => {
  it('finds nothing wrong with a server, its API, a token and an environment file that fit', async (t) => {
    const { run, folder, issuer, worker, env } = await testTenant(t)
    const origin = 'http://localhost:4040'
    const url = await startApi(t, {
      'www-authenticate': 'Bearer realm="orders"',
      'access-control-allow-origin': origin,
      'access-control-allow-headers': 'Authorization, Content-Type',
    })
    const { body } = await requestToken(
      { issuer },
      {
        grant_type: 'client_credentials',
        client_id: env['ROLECALL_CLIENT_ID'] ?? '',
        client_secret: env['ROLECALL_CLIENT_SECRET'] ?? '',
        audience: `${issuer}api/v2/`,
      },
    )
    await writeFile(join(folder, 'token.txt'), `${body.access_token}\n`)
    await writeFile(
      join(folder, '.env'),
      `VITE_AUTH0_DOMAIN=${new URL(issuer).host}\nAUTH0_AUDIENCE=${orders}\nAUTH0_CLIENT_ID=${worker.clientId}\n`,
    )
    const options = ['--url', url, '--origin', origin, '--token', 'token.txt', '--env', '.env']
    const { code, out } = await run('doctor', ...options, '--audience', `${issuer}api/v2/`)
    assert.equal(code, 0, out)
    assert.doesNotMatch(out, /✗|!/)
    for (const line of ['The clocks of this machine', 'Its signature is valid (RS256)', 'asks for a token'])
      assert.ok(out.includes(line), line)
  })

  it('says what does not fit, and fails', async (t) => {
    const { run, folder, issuer } = await testTenant(t)
    const url = await startApi(t, {})
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claims = { iss: 'https://other.example.com/', aud: 'https://x.example.com', exp: 1 }
    await writeFile(join(folder, 'token.txt'), `${part({ alg: 'RS256', kid: 'k' })}.${part(claims)}.AAAA`)
    await writeFile(
      join(folder, '.env'),
      'AUTH0_DOMAIN=tenant.eu.auth0.com\nAUTH0_AUDIENCE=https://x.example.com\nAUTH0_CLIENT_ID={yourClientId}\n',
    )
    const options = [
      '--url',
      url,
      '--origin',
      'http://localhost:4040',
      '--token',
      'token.txt',
      '--env',
      '.env',
    ]
    const { code, out } = await run('doctor', ...options, '--audience', orders, '--json')
    assert.equal(code, 1)
    const findings: { status: string; message: string }[] = JSON.parse(out)
    const failed = findings.flatMap(({ status, message }) => (status === 'fail' ? message : []))
    for (const pattern of [
      /publishes no key k/,
      /Its issuer is https:\/\/other\.example\.com\//,
      /request it with audience=https:\/\/orders\.example\.com/,
      /It expired/,
      /may not read/,
      /AUTH0_DOMAIN is tenant\.eu\.auth0\.com, and the server is/,
      /AUTH0_AUDIENCE is https:\/\/x\.example\.com\. There is no such API/,
      /AUTH0_CLIENT_ID is \{yourClientId\}\. There is no such application/,
    ])
      assert.ok(
        failed.some((message) => pattern.test(message)),
        `${pattern}\n${failed.join('\n')}`,
      )
    const refused = await run('doctor', '--issuer', issuer.replace(/:\d+/, ':1'))
    assert.equal(refused.code, 1)
    assert.match(refused.out, /✗ {2}connection +Nothing answers/)
  })
})
