import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { startServer } from '@rolecall/server/test-kit'
import { stores } from '@rolecall/server/test-kit/store'
import { type TestTerminal, testTerminal } from '../testing.ts'
import { addTool, untilTheEnd } from './testing.ts'

const yaml = `
resourceServers:
  - identifier: https://orders.example.com
    name: Orders
    scopes: [{ value: read:orders }]
roles:
  - name: Clerk
    permissions: [{ permission_name: read:orders, resource_server_identifier: https://orders.example.com }]
clients:
  - name: Worker
    app_type: non_interactive
clientGrants:
  - { client_id: Worker, audience: https://orders.example.com, scope: [read:orders], subject_type: client }
databases:
  - { name: customers, strategy: auth0, enabled_clients: [Worker], options: { disable_signup: true } }
`

describe('a plan for a server without lists of changes, such as Auth0', { concurrency: false }, () => {
  const end = untilTheEnd()
  let terminal: TestTerminal
  /** Requests that changed something, and the number of the one that is cut off after the server has made it. */
  let sent: string[] = []
  let cutOff = 0

  before(async () => {
    const [kind] = stores
    assert.ok(kind)
    // The server is behind a proxy that hides what Auth0 does not have.
    const proxy = createServer()
    await new Promise<void>((resolve) => void proxy.listen(0, '127.0.0.1', resolve))
    end.after(async () => void proxy.close())
    const { port } = proxy.address() as AddressInfo
    const issuer = `http://127.0.0.1:${port}/`
    const server = await startServer(end, kind, { config: { issuer } })
    const target = server.app.server.address() as AddressInfo
    proxy.on('request', (incoming, answer) => {
      const { method = '', url = '', headers } = incoming
      if (url.startsWith('/api/v2/authorization/')) {
        answer.writeHead(404, { 'content-type': 'application/json' }).end('{"message":"Not Found"}')
        return
      }
      const isChange = method !== 'GET' && url.startsWith('/api/v2/')
      if (isChange) sent.push(`${method} ${url}`)
      const isCutOff = isChange && sent.length === cutOff
      const forwarded = request(
        { port: target.port, host: '127.0.0.1', method, path: url, headers },
        (response) => {
          response.once('end', () => isCutOff && answer.destroy())
          if (isCutOff) response.resume()
          else response.pipe(answer.writeHead(response.statusCode ?? 500, response.headers))
        },
      )
      incoming.pipe(forwarded)
    })
    terminal = await testTerminal(end, { ROLECALL_ISSUER: issuer, ...(await addTool(server.ctx)) })
    await writeFile(join(terminal.folder, 'tenant.yaml'), yaml)
  })

  it('says that it is applied step by step, and that the effect is not known', async () => {
    const { code, out, notes } = await terminal.run('plan', 'tenant.yaml', '--out', 'plan.json')
    assert.equal(code, 2, notes)
    assert.match(out, /Who would lose a permission is not known: this server has no previews\./)
    assert.match(out, /It is applied step by step, because this server has no lists of changes\./)
  })

  it('goes on where it ended, and makes nothing twice, when the answer to any of its requests is lost', async () => {
    let attempts = 0
    for (let code = 1; code !== 0; attempts++) {
      assert.ok(attempts < 20, 'it comes to an end')
      sent = []
      // Each run makes one step more than the one before.
      cutOff = attempts === 0 ? 1 : 2
      const run = await terminal.run('apply', 'plan.json')
      ;({ code } = run)
      if (code !== 0) assert.match(run.notes, /Step \d of 6 failed\. Run the command again to go on with it/)
    }
    assert.ok(attempts > 3, `${attempts} runs`)
    const again = await terminal.run('plan', 'tenant.yaml')
    assert.deepEqual([again.code, again.notes], [0, ''], again.out)
    const { out } = await terminal.run('api', 'GET', '/clients')
    assert.equal(JSON.parse(out).filter(({ name }: { name: string }) => name === 'Worker').length, 1)
  })

  it('is refused with exit code 4 when the tenant is not as it was', async () => {
    await writeFile(join(terminal.folder, 'more.yaml'), 'roles: [{ name: Viewer }]\n')
    assert.equal((await terminal.run('plan', 'more.yaml', '--out', 'more.json')).code, 2)
    await writeFile(join(terminal.folder, 'role.json'), '{"name":"By hand"}')
    await terminal.run('api', 'POST', '/roles', '--body', 'role.json')
    sent = []
    assert.equal((await terminal.run('apply', 'more.json')).code, 4)
    assert.deepEqual(sent, [])
  })
})
