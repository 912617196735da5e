import assert from 'node:assert/strict'
import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { get } from './conformance/request.ts'
import { createTestIssuer, type TestIssuer } from './testing/index.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))
const guidesFolder = 'docs/guides/guard'
const audience = 'https://hello-world.example.com'
const compiler = join(root, 'node_modules/typescript/bin/tsc')

/** Guides whose snippets together are a server. */
const servers = [
  'fastify',
  'express',
  'hono',
  'nestjs',
  'fetch',
  'node-http',
  'migration-from-express-oauth2-jwt-bearer',
]

let issuer: TestIssuer
/** Within this package, so that the snippets import it by its name as other projects do. */
let folder: string

before(async () => {
  issuer = await createTestIssuer({ audience })
  await issuer.listen()
  folder = await mkdtemp(fileURLToPath(new URL('../.guides-', import.meta.url)))
})
after(async () => {
  await rm(folder, { recursive: true, force: true })
  await issuer.close()
})

/** The TypeScript of a guide as one program, the tenant and the port replaced by those of this test. */
async function program(guide: string, kind: string, port: number): Promise<string> {
  const text = await readFile(join(root, guide.endsWith('README') ? '' : guidesFolder, `${guide}.md`), 'utf8')
  const fences = [...text.matchAll(/^```(ts[^\n]*)\n([^]*?)^```$/gm)].filter(([, info]) => info === kind)
  assert.ok(fences.length > 0, `${guide} has no ${kind} snippet`)
  return fences
    .map(([, , code = '']) => code)
    .join('\n')
    .replaceAll('https://tenant.eu.auth0.com', new URL(issuer.issuer).origin)
    .replaceAll('http://localhost:5050/', issuer.issuer)
    .replaceAll('tenant.eu.auth0.com', new URL(issuer.issuer).origin)
    .replaceAll(/\b(?:3000|6060)\b/g, String(port))
}

/** Checks the types, and compiles decorators to JavaScript, which Node does not do. */
async function compiled(name: string, code: string): Promise<string> {
  const file = join(folder, `${name}.ts`)
  await writeFile(file, code)
  const decorators = { experimentalDecorators: true, emitDecoratorMetadata: true }
  const options = { ...decorators, erasableSyntaxOnly: false, skipLibCheck: true, noUnusedLocals: false }
  await compile({ ...options, noEmit: true }, file)
  if (!code.includes('@Controller')) return file
  await compile(
    { ...options, noEmit: false, noCheck: true, noResolve: true, outDir: folder, rootDir: folder },
    file,
  )
  return file.replace(/\.ts$/, '.js')
}

async function compile(compilerOptions: Record<string, unknown>, file: string): Promise<void> {
  const config = file.replace(/\.ts$/, '.json')
  await writeFile(
    config,
    JSON.stringify({ extends: '../../../tsconfig.base.json', compilerOptions, files: [file] }),
  )
  await promisify(execFile)(process.execPath, [compiler, '-p', config]).catch((failure: { stdout: string }) =>
    assert.fail(failure.stdout),
  )
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const address = probe.address()
  assert.ok(typeof address === 'object' && address !== null)
  probe.close()
  await once(probe, 'close')
  return address.port
}

/** Runs a server until the check is done. It prints a line when it listens. */
async function serving(file: string, check: () => Promise<void>): Promise<void> {
  const child = spawn(process.execPath, [file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  try {
    const ended = exited.then(() => assert.fail('the server ended'))
    await Promise.race([once(createInterface(child.stdout), 'line'), ended])
    await check()
  } finally {
    child.kill()
    await exited
  }
}

async function assertGuarded(port: number): Promise<void> {
  const status = async (path: string, token?: string) =>
    (await get(port, path, token === undefined ? [] : ['Authorization', `Bearer ${token}`])).status
  const member = await issuer.token({ sub: 'user-1', permissions: [] })
  const admin = await issuer.token({ sub: 'user-1', permissions: ['read:admin-messages'] })
  assert.equal(await status('/api/messages/public'), 200)
  assert.equal(await status('/api/messages/protected'), 401)
  assert.equal(await status('/api/messages/protected', member), 200)
  assert.equal(await status('/api/messages/admin'), 401)
  assert.equal(await status('/api/messages/admin', await issuer.token({ fault: 'expired' })), 401)
  assert.equal(await status('/api/messages/admin', admin), 200)
}

describe('the programs of the guides run and guard their routes', () => {
  for (const guide of servers)
    test(`${guide}.md`, async () => {
      const port = await freePort()
      const file = await compiled(guide, await program(guide, 'ts', port))
      await serving(file, async () => {
        await assertGuarded(port)
        const member = await issuer.token({ sub: 'user-1', permissions: [] })
        const denied = await get(port, '/api/messages/admin', ['Authorization', `Bearer ${member}`])
        assert.equal(denied.status, 403)
        if (guide.startsWith('migration')) return
        const own = [
          'Authorization',
          `Bearer ${await issuer.token({ sub: 'user-1', permissions: ['read:users'] })}`,
        ]
        assert.equal((await get(port, '/api/users/user-1', own)).status, 200)
        const other = ['Authorization', `Bearer ${await issuer.token({ sub: 'user-2' })}`]
        assert.equal((await get(port, '/api/users/user-1', other)).status, 403)
      })
    })

  for (const [what, readme] of [
    ['the repository', 'README'],
    ['the package', 'packages/guard/README'],
  ] as const)
    test(`the README of ${what}`, async () => {
      const port = await freePort()
      const name = `readme-of-${what.replace(' ', '-')}`
      await serving(await compiled(name, await program(readme, 'ts', port)), () => assertGuarded(port))
    })

  test('the example of `respond` in the README of the package compiles', async () => {
    await compiled('respond', await program('packages/guard/README', 'ts respond', 0))
  })

  test('the program before the migration works too', async () => {
    const port = await freePort()
    const file = await compiled(
      'before',
      await program('migration-from-express-oauth2-jwt-bearer', 'ts before', port),
    )
    await serving(file, () => assertGuarded(port))
  })

  test('testing.md', async () => {
    const file = await compiled('testing', await program('testing', 'ts', 0))
    const { NODE_TEST_CONTEXT: _outer, ...env } = process.env
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
      env,
    })
    assert.match(stdout, /^# fail 0$/m)
    assert.match(stdout, /^# pass (?:[1-9]\d+)$/m)
  })
})
