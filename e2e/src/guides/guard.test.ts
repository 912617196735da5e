/** The guides for APIs, followed literally: their commands and files, in an empty folder with the tarball of the guard. */
import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createTestIssuer, type TestIssuer } from '@rolecall/guard/testing'
import { packGuard } from '../../../scripts/package/pack.ts'
import { outputOf } from '../packages/node-lines.ts'
import { type Running, running } from '../packages/system.ts'
import { freePorts, root } from '../start/launcher.ts'
import { codeOf, type Guide, readGuide, saveFiles } from './guide.ts'

const limit = { timeout: 300_000 }
const audience = 'https://hello-world.example.com'
const guides = 'docs/guides/guard'
const migration = `${guides}/migration-from-express-oauth2-jwt-bearer.md`
const readme = 'packages/guard/README.md'

const env: NodeJS.ProcessEnv = {
  ...process.env,
  npm_config_prefer_offline: 'true',
  NEXT_TELEMETRY_DISABLED: '1',
}

/** Guides whose code is an API, and what it prints when it answers. */
const apis: Record<string, RegExp> = {
  [readme]: /localhost/,
  [`${guides}/fastify.md`]: /localhost/,
  [`${guides}/express.md`]: /localhost/,
  [`${guides}/hono.md`]: /localhost/,
  [`${guides}/nestjs.md`]: /localhost/,
  [`${guides}/nextjs.md`]: /Ready in/,
  [`${guides}/fetch.md`]: /localhost/,
  [`${guides}/node-http.md`]: /localhost/,
  [migration]: /localhost/,
  'docs/guides/python.md': /Running on/,
  'docs/guides/go.md': /localhost/,
}
/** What a machine needs for a guide in another language. */
const tools: Record<string, string[]> = {
  'docs/guides/python.md': ['python3', '-m', 'venv', '-h'],
  'docs/guides/go.md': ['go', 'version'],
}
/** Those whose API has a route for oneself. */
const withOwnRoute = ['fastify', 'express', 'hono', 'nestjs', 'nextjs', 'fetch', 'node-http']

/** Those with TypeScript, as kinds of blocks. */
const typed = [
  ['README.md', 'ts'],
  [readme, 'ts'],
  [readme, 'ts respond'],
  [migration, 'ts'],
  [migration, 'ts before'],
  ...['fastify', 'express', 'hono', 'nestjs', 'fetch', 'node-http', 'testing'].map((name) => [
    `${guides}/${name}.md`,
    'ts',
  ]),
] as const

function lacks(document: string): string | false {
  const [program, ...args] = tools[document] ?? []
  const lacking = program !== undefined && spawnSync(program, args).status !== 0
  return lacking ? `${program} is not installed` : false
}

describe('the guides for APIs', () => {
  let issuer: TestIssuer
  /** Where a reader has the clone and the new folders next to each other. */
  let place: string

  before(async () => {
    issuer = await createTestIssuer({ audience })
    await issuer.listen()
    place = await mkdtemp(join(tmpdir(), 'rolecall-guides-'))
    await packGuard(join(place, 'rolecall/dist'))
  }, limit)
  after(async () => {
    await rm(place, { recursive: true, force: true })
    await issuer.close()
  })

  for (const [document, answers] of Object.entries(apis))
    test(`${document} makes an API that guards its routes`, {
      ...limit,
      skip: lacks(document),
    }, async (t) => {
      const [port = 0] = await freePorts(1)
      const guide = adapted(await readGuide(document), port)
      const api = await started(await followed(guide), guide, answers)
      t.after(() => api.end())
      await assertGuarded(port)
      const member = await issuer.token({ sub: 'user-1', permissions: [] })
      if (withOwnRoute.some((name) => document === `${guides}/${name}.md`)) {
        const own = await issuer.token({ sub: 'user-1', permissions: ['read:users'] })
        assert.equal(await statusOf(port, '/api/users/user-1', own), 200)
        const other = await issuer.token({ sub: 'user-2' })
        assert.equal(await statusOf(port, '/api/users/user-1', other), 403)
      }
      assert.equal(await statusOf(port, '/api/messages/admin', member), 403)
    })

  test('the API of README.md guards its routes', limit, async (t) => {
    const [port = 0] = await freePorts(1)
    const { setUp, program } = await readGuide(readme)
    const example = await codeOf('README.md', 'ts')
    const guide = adapted({ setUp, program, files: new Map([['api.mjs', example]]) }, port)
    const api = await started(await followed(guide), guide, /answers/)
    t.after(() => api.end())
    await assertGuarded(port)
  })

  test('testing.md makes tests that pass', limit, async () => {
    const guide = adapted(await readGuide(`${guides}/testing.md`), 0)
    const folder = await followed(guide)
    const { NODE_TEST_CONTEXT: _outer, ...outside } = env
    const { stdout } = await promisify(execFile)('sh', ['-c', guide.program], { cwd: folder, env: outside })
    assert.match(stdout, /^ℹ fail 0$/m)
    assert.match(stdout, /^ℹ pass (?:[1-9]\d+)$/m)
  })

  describe('their types', () => {
    /** Within the package of the guard, so that its name leads to its source, and the frameworks are there. */
    let folder: string

    before(async () => {
      folder = await mkdtemp(join(root, 'packages/guard/.guides-'))
      for (const [index, [document, kind]] of typed.entries())
        await writeFile(join(folder, `guide-${index}.ts`), replaced(await codeOf(document, kind), 0))
      const compilerOptions = {
        experimentalDecorators: true,
        emitDecoratorMetadata: true,
        erasableSyntaxOnly: false,
        skipLibCheck: true,
        noUnusedLocals: false,
      }
      const settings = { extends: '../../../tsconfig.base.json', compilerOptions, include: ['*.ts'] }
      await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings))
    })
    after(() => rm(folder, { recursive: true, force: true }))

    test('are right', limit, async () => {
      const compiler = join(root, 'node_modules/typescript/bin/tsc')
      await outputOf(folder, process.execPath, compiler, '-p', 'tsconfig.json')
    })

    test('and the program before the migration works too', limit, async (t) => {
      const [port = 0] = await freePorts(1)
      await writeFile(join(folder, 'before.ts'), replaced(await codeOf(migration, 'ts before'), port))
      const api = await running([process.execPath, 'before.ts'], { cwd: folder }, /localhost/)
      t.after(() => api.end())
      await assertGuarded(port)
    })
  })

  /** The tenant and the port replaced by those of this test: nothing else differs from what a reader has. */
  function replaced(text: string, port: number): string {
    return text
      .replaceAll('https://tenant.eu.auth0.com', new URL(issuer.issuer).origin)
      .replaceAll('http://localhost:5050/', issuer.issuer)
      .replaceAll('tenant.eu.auth0.com', new URL(issuer.issuer).origin)
      .replaceAll(/\b(?:3000|6060)\b/g, String(port))
  }

  function adapted({ setUp, program, files }: Guide, port: number): Guide {
    return {
      setUp,
      program: replaced(program, port),
      files: new Map([...files].map(([name, content]) => [name, replaced(content, port)])),
    }
  }

  /** Follows the guide up to its last command. @returns the folder */
  async function followed({ setUp, files }: Guide): Promise<string> {
    const folder = await mkdtemp(join(place, 'api-'))
    // What installs comes before the files, and what compiles comes after them.
    const isInstallation = (command: string) => /\b(npm|pip|venv|go mod|go get)\b/.test(command)
    for (const command of setUp.filter(isInstallation)) await shell(folder, command)
    await saveFiles(folder, files)
    for (const command of setUp.filter((one) => !isInstallation(one))) await shell(folder, command)
    return folder
  }

  async function shell(folder: string, command: string): Promise<void> {
    await promisify(execFile)('sh', ['-c', command], { cwd: folder, env, timeout: 240_000 }).catch(
      (failure: Error & { stdout?: string; stderr?: string }) =>
        assert.fail(`${command}\n${failure.stdout}${failure.stderr}`),
    )
  }

  function started(folder: string, { program }: Guide, answers: RegExp): Promise<Running> {
    return running(['sh', '-c', program], { cwd: folder, env }, answers)
  }

  async function statusOf(port: number, path: string, token?: string): Promise<number> {
    const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` }
    const response = await fetch(`http://localhost:${port}${path}`, { headers })
    await response.body?.cancel()
    return response.status
  }

  async function assertGuarded(port: number): Promise<void> {
    const member = await issuer.token({ sub: 'user-1', permissions: [] })
    const admin = await issuer.token({ sub: 'user-1', permissions: ['read:admin-messages'] })
    assert.equal(await statusOf(port, '/api/messages/public'), 200)
    assert.equal(await statusOf(port, '/api/messages/protected'), 401)
    assert.equal(await statusOf(port, '/api/messages/protected', member), 200)
    assert.equal(await statusOf(port, '/api/messages/admin'), 401)
    assert.equal(await statusOf(port, '/api/messages/admin', await issuer.token({ fault: 'expired' })), 401)
    assert.equal(await statusOf(port, '/api/messages/admin', admin), 200)
  }
})
