/** The two packages, installed from their tarballs into an empty folder, as a user without the repository has them. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { audience } from '@rolecall/server/test-kit'
import { packGuard, packServer } from '../../../scripts/package/pack.ts'
import { freePorts, root } from '../start/launcher.ts'
import { nodesOf, npm, outputOf } from './node-lines.ts'
import { createTutorial, logIn, running, startSystem } from './system.ts'

const limit = { timeout: 300_000 }
const guardLines = [20, 22, 24]

/** An API with one guarded route. Its arguments are issuer and audience. */
const api = `
import { createGuard } from '@rolecall/guard'
import { fastifyGuard } from '@rolecall/guard/fastify'
import Fastify from 'fastify'

const [issuer, audience] = process.argv.slice(2)
const app = Fastify()
await app.register(fastifyGuard, { guard: createGuard({ issuer, audience }) })
app.get('/admin', { config: { access: 'read:admin-messages' } }, (request) => request.subject.sub)
await app.listen({ port: 0, host: '127.0.0.1' })
console.log('Node ' + process.versions.node + ' answers at http://127.0.0.1:' + app.server.address().port)
`

/** Uses every entry point, with a test issuer. */
const entryPoints = `
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
// @ts-expect-error -- an audience is a text
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

describe('the packages in an empty folder', () => {
  let project: string
  let nodes: Map<number, string>

  before(async () => {
    project = await mkdtemp(join(tmpdir(), 'rolecall-packages-'))
    const tarballs = [await packGuard(join(project, 'built')), await packServer(join(project, 'built'))]
    await writeFile(join(project, 'package.json'), '{ "private": true, "type": "module" }')
    // No script runs, so that none is needed: neither of the packages nor of their dependencies.
    await npm(project, 'install', '--ignore-scripts', ...tarballs, 'fastify@5', '@types/node@24')
    nodes = await nodesOf(guardLines, await mkdtemp(join(project, 'nodes-')))
    await writeFile(join(project, 'api.js'), api)
    await writeFile(join(project, 'use.js'), entryPoints)
    await writeFile(join(project, 'use.ts'), typescript)
  }, limit)
  after(() => rm(project, { recursive: true, force: true }))

  test(
    'the server guards the API of each supported Node.js line: 403 without the role, 200 with it',
    limit,
    async (t) => {
      const [port = 0] = await freePorts(1)
      const system = await startSystem(project, port)
      t.after(() => system.server.end('SIGKILL'))
      const { roleId, clientId } = await createTutorial(system)
      const without = await logIn(system, clientId)
      await system.call('POST', `roles/${roleId}/users`, { users: [system.owner.id] })
      const token = await logIn(system, clientId)
      for (const major of guardLines) {
        const program = [nodeOf(major), 'api.js', system.issuer, audience]
        const started = await running(program, { cwd: project }, /^Node (\d+)\S* answers at (\S+)$/)
        t.after(() => started.end('SIGKILL'))
        const [, line, address] = started.line
        assert.equal(line, String(major))
        const ask = (headers: Record<string, string>) => fetch(`${address}/admin`, { headers })
        assert.equal((await ask({})).status, 401)
        assert.equal((await ask({ authorization: `Bearer ${without}` })).status, 403)
        const allowed = await ask({ authorization: `Bearer ${token}` })
        assert.deepEqual([allowed.status, await allowed.text()], [200, system.owner.id])
        await started.end()
      }
      const page = await (await fetch(`${system.issuer}dashboard/`)).text()
      const [, script = ''] = /<script type="module"[^>]* src="([^"]+)"/.exec(page) ?? []
      assert.equal((await fetch(new URL(script, system.issuer))).status, 200)
      assert.equal(await system.server.end(), 0)
    },
  )

  for (const major of guardLines)
    test(`every entry point of the guard works on Node.js ${major}`, limit, async () => {
      assert.match(await outputOf(project, nodeOf(major), 'use.js'), new RegExp(`used on ${major}\\.`))
    })

  for (const [resolution, module] of [
    ['node16', 'node16'],
    ['bundler', 'preserve'],
  ] as const)
    test(`the types of the guard are right under moduleResolution ${resolution}`, limit, async () => {
      const options = [
        '--noEmit',
        '--strict',
        '--target',
        'es2023',
        '--skipLibCheck',
        'false',
        '--types',
        'node',
      ]
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      const settings = ['--module', module, '--moduleResolution', resolution, ...options]
      await outputOf(project, process.execPath, compiler, ...settings, 'use.ts')
    })

  test('`npx rolecall` has the commands of `npm run server`', limit, async () => {
    const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8'))
    assert.equal(await outputOf(project, 'npx', 'rolecall', '--version'), `${version}\n`)
    const help = await readFile(join(root, 'apps/server/src/main.help.txt'), 'utf8')
    assert.equal(await outputOf(project, 'npx', 'rolecall', '--help'), help)
    await assert.rejects(outputOf(project, 'npx', 'rolecall', 'owner-lnik'), /owner-lnik is not a command/)
    assert.match(await outputOf(project, 'npx', 'rolecall', 'help'), /^ {2}plan FILE /m)
  })

  test('on a Node.js that the server does not support it says which one it needs', limit, async () => {
    const { engines } = JSON.parse(await readFile(installed('rolecall', 'package.json'), 'utf8'))
    const needed = engines.node.replace('>=', '')
    for (const major of [20, 22])
      await assert.rejects(
        outputOf(project, nodeOf(major), 'node_modules/.bin/rolecall', '--version'),
        new RegExp(`Rolecall needs Node\\.js ${needed} or newer\\. This is ${major}\\.`),
      )
  })

  test(
    'the server package has what runs, and no source, test, script or manifest of the repository',
    limit,
    async () => {
      const files = await readdir(installed('rolecall'), { recursive: true })
      const own = files.filter((file) => !file.startsWith('node_modules'))
      for (const file of ['LICENSE', 'README.md', 'apps/server/src/pages/pages.css'])
        assert.ok(own.includes(file), file)
      assert.deepEqual(
        own.filter((file) => /\.tsx?$|\.test\.|\/testing|\.stamp$|\.db$|\.pem$/.test(file)),
        [],
      )
      assert.deepEqual(
        own.filter((file) => basename(file) === 'package.json'),
        ['package.json'],
      )
      const manifest = JSON.parse(await readFile(installed('rolecall', 'package.json'), 'utf8'))
      assert.deepEqual(
        [manifest.scripts, manifest.private, manifest.devDependencies],
        [undefined, undefined, undefined],
      )
      const paths = await Promise.all(
        own
          .filter((file) => /\.(js|json|md|html)$/.test(file))
          .map(async (file) =>
            (await readFile(installed('rolecall', file), 'utf8')).includes(root) ? file : undefined,
          ),
      )
      assert.deepEqual(
        paths.filter((file) => file !== undefined),
        [],
        'files that name a folder of the machine that built them',
      )
    },
  )

  test(
    'the server runs with the versions of its dependencies that the lock file of the repository has',
    limit,
    async () => {
      const { packages: locked } = JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8'))
      const versions = (name: string) =>
        Object.entries<{ version: string }>(locked)
          .filter(([path]) => path.endsWith(`node_modules/${name}`))
          .map(([, { version }]) => version)
      const { dependencies } = JSON.parse(await readFile(installed('rolecall', 'package.json'), 'utf8'))
      assert.ok(Object.keys(dependencies).length > 12)
      for (const [name, version] of Object.entries<string>(dependencies))
        assert.ok(versions(name).includes(version), `${name} ${version}`)
    },
  )

  test(
    'the server package answers without the guard package and outside any other folder',
    limit,
    async (t) => {
      const { dependencies } = JSON.parse(await readFile(installed('rolecall', 'package.json'), 'utf8'))
      assert.deepEqual(
        Object.keys(dependencies).filter((name) => name.includes('rolecall')),
        [],
      )
      const empty = await mkdtemp(join(tmpdir(), 'rolecall-elsewhere-'))
      t.after(() => rm(empty, { recursive: true, force: true }))
      await mkdir(join(empty, 'data'))
      const bin = join(project, 'node_modules/.bin/rolecall')
      const env = {
        PATH: process.env['PATH'],
        DATA_DIR: join(empty, 'data'),
        PORT: '0',
        ISSUER: 'http://localhost:5050/',
      }
      const server = await running([process.execPath, bin], { cwd: empty, env }, /setup\?ticket=/)
      t.after(() => server.end('SIGKILL'))
      assert.equal(await server.end(), 0)
      assert.deepEqual(await readdir(empty), ['data'])
    },
  )

  function nodeOf(major: number): string {
    const node = nodes.get(major)
    assert.ok(node, `Node.js ${major} is not installed`)
    return node
  }

  function installed(...path: string[]): string {
    return join(project, 'node_modules', ...path)
  }
})
