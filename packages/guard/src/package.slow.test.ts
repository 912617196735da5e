import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { rolldown } from 'rolldown'

const run = promisify(execFile)
const folder = fileURLToPath(new URL('..', import.meta.url))
const dist = join(folder, 'dist')
const root = join(folder, '../..')
const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--loglevel=error']

/** A first program with the package: guards a route, issues tokens, sends requests. */
const javascript = `
import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { createGuard, definePermissions } from '@rolecall/guard'
import { guarded } from '@rolecall/guard/node'
import { fastifyGuard } from '@rolecall/guard/fastify'
import { requires } from '@rolecall/guard/express'
import { createTestIssuer, faults } from '@rolecall/guard/testing'
import { assertCovered, fastifyRoutes } from '@rolecall/guard/routes'
import Fastify from 'fastify'

const issuer = await createTestIssuer()
await issuer.listen()
const api = definePermissions(['read:admin-messages'])
const guard = createGuard({ issuer: issuer.issuer, audience: issuer.audience })
const server = createServer(guarded(guard, api.permission('read:admin-messages'), (request, response, subject) => response.end(subject.sub)))
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
const ask = (token) => fetch('http://127.0.0.1:' + server.address().port, { headers: token ? { authorization: 'Bearer ' + token } : {} })
assert.equal((await ask()).status, 401)
assert.equal((await ask(await issuer.token())).status, 403)
const good = await ask(await issuer.token({ permissions: ['read:admin-messages'] }))
assert.equal(await good.text(), 'auth0|test-user')
for (const fault of faults) assert.equal((await ask(await issuer.token({ fault }))).status, 401, fault)

const app = Fastify()
await app.register(fastifyGuard, { guard })
app.get('/admin', { config: { access: 'read:admin-messages' } }, (request) => request.subject.sub)
await app.ready()
assertCovered(fastifyRoutes(app))
const headers = { authorization: 'Bearer ' + (await issuer.token({ permissions: ['read:admin-messages'] })) }
assert.equal((await app.inject({ url: '/admin', headers })).body, 'auth0|test-user')
assert.equal(typeof requires(guard), 'function')
server.closeAllConnections()
server.close()
await issuer.close()
console.log('used on ' + process.versions.node)
`

const typescript = `
import { createGuard, definePermissions, type Subject } from '@rolecall/guard'
import { requires } from '@rolecall/guard/express'
import { fastifyGuard } from '@rolecall/guard/fastify'
import { guarded as guardedFetch } from '@rolecall/guard/fetch'
import { guarded } from '@rolecall/guard/node'
import { createTestIssuer, type Fault } from '@rolecall/guard/testing'
import Fastify from 'fastify'

const api = definePermissions(['read:admin-messages'])
const guard = createGuard({ domain: 'tenant.eu.auth0.com', audience: 'https://api.test' })
// @ts-expect-error -- a misspelt permission does not compile
const never = () => api.permission('read:admin-mesages')
// @ts-expect-error -- neither does a guard without audience's type
const neither = () => createGuard({ domain: 'tenant.eu.auth0.com', audience: 1 })
const fault: Fault = 'expired'
export const node = guarded(guard, 'authenticated', (_request, response, subject) => void response.end(subject.sub))
export const fetch = guardedFetch(guard, api.permission('read:admin-messages'), (_request, subject: Subject) => new Response(subject.sub))
export const express = requires(guard)
const app = Fastify()
await app.register(fastifyGuard, { guard })
app.get('/admin', { config: { access: 'read:admin-messages' } }, (request) => request.subject?.permissions)
// @ts-expect-error -- no such access
app.get('/wrong', { config: { access: 1 } }, () => 1)
const issuer = await createTestIssuer()
console.log([never, neither, fault, await issuer.token()].length)
`

describe('the published package', () => {
  let project: string

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'guard-package-'))
    await npm(root, 'run', 'build', '-w', 'packages/guard')
    const { stdout } = await npm(root, 'pack', dist, '--pack-destination', project, '--json')
    const [{ filename }] = JSON.parse(stdout)
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
    await npm(project, 'install', ...quiet, join(project, filename), 'fastify@5', '@types/node@24')
    await writeFile(join(project, 'use.js'), javascript)
    await writeFile(join(project, 'use.ts'), typescript)
  })
  after(() => rm(project, { recursive: true, force: true }))

  test('depends on jose and on nothing else', async () => {
    const manifest = JSON.parse(await readFile(join(dist, 'package.json'), 'utf8'))
    assert.deepEqual(Object.keys(manifest.dependencies), ['jose'])
    assert.ok(
      Object.keys(manifest.peerDependencies).every((peer) => manifest.peerDependenciesMeta[peer].optional),
    )
  })

  test('contains compiled code and types, no tests and no sources', async () => {
    const files = await readdir(join(project, 'node_modules/@rolecall/guard'), { recursive: true })
    assert.ok(files.includes('index.js') && files.includes('index.d.ts') && files.includes('LICENSE'))
    assert.deepEqual(
      files.filter((file) => /test\.|conformance|(?<!\.d)\.ts$/.test(file)),
      [],
    )
  })

  test('its core is at most 15 kB compressed, without jose', async () => {
    const bundle = await rolldown({ input: join(dist, 'index.js'), external: ['jose'] })
    const { output } = await bundle.generate({ format: 'esm', minify: true })
    const [{ code, imports }, ...others] = output
    assert.deepEqual([imports, others], [['jose'], []])
    const bytes = gzipSync(code).byteLength
    assert.ok(bytes > 2_000 && bytes <= 15_000, `${bytes} bytes`)
  })

  for (const major of [20, 22, 24])
    test(`works from JavaScript on Node ${major}`, async () => {
      const { stdout } = await run(await nodeOf(major), ['use.js'], { cwd: project })
      assert.match(stdout, new RegExp(`used on ${major}\\.`))
    })

  test('works from TypeScript, its types checked to the last file', async () => {
    const options = [
      '--noEmit',
      '--strict',
      '--module',
      'nodenext',
      '--target',
      'es2023',
      '--skipLibCheck',
      'false',
      '--types',
      'node',
    ]
    await run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), ...options, 'use.ts'], {
      cwd: project,
    }).catch((failure: { stdout?: string }) => assert.fail(failure.stdout ?? 'the compiler did not run'))
  })

  /** The binary of a line of Node: this one, or from npm, where each is a package. */
  async function nodeOf(major: number): Promise<string> {
    if (process.versions.node.startsWith(`${major}.`)) return process.execPath
    const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node'
    const platform = process.platform === 'win32' ? 'win' : process.platform
    const name = `${prefix}-${platform}-${process.arch}`
    const home = join(project, `node-${major}`)
    await npm(project, 'install', ...quiet, '--prefix', home, `${name}@${major}`)
    return join(home, 'node_modules', name, 'bin', 'node')
  }
})

function npm(cwd: string, ...args: string[]): Promise<{ stdout: string }> {
  return run('npm', args, { cwd, timeout: 240_000 })
}
