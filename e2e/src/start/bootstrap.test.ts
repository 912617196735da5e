import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { type TestContext, test } from 'node:test'
import { exited, root } from './launcher.ts'

const limit = { timeout: 60_000 }
const program = `
  console.log('arguments', ...process.argv.slice(2))
  if (process.argv[2] === 'wait') {
    setInterval(() => {}, 1000)
    process.on('SIGTERM', () => process.exit(7))
    console.log(process.pid)
  } else process.exitCode = 3
`

/** A repository whose one dependency is a local folder, so that an installation needs no network. */
function repository(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'rolecall-bootstrap-'))
  t.after(() => rmSync(folder, { recursive: true, force: true }))
  mkdirSync(join(folder, 'scripts'))
  for (const file of ['bootstrap.js', 'install.js', 'node-flags.js', 'end-with-parent.js'])
    cpSync(join(root, 'scripts', file), join(folder, 'scripts', file))
  mkdirSync(join(folder, 'part'))
  writeFileSync(join(folder, 'part/package.json'), JSON.stringify({ name: 'part', version: '1.0.0' }))
  writeFileSync(join(folder, 'program.ts'), program)
  write(
    folder,
    { part: 'file:part' },
    {
      part: { version: '1.0.0' },
      'node_modules/part': { resolved: 'part', link: true },
    },
  )
  return folder
}

function write(folder: string, dependencies: object, packages: object): void {
  const about = { name: 'whole', version: '1.0.0', type: 'module', dependencies }
  writeFileSync(join(folder, 'package.json'), JSON.stringify(about))
  const lock = { ...about, lockfileVersion: 3, requires: true, packages: { '': about, ...packages } }
  writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock))
}

function bootstrap(folder: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const child = spawn(process.execPath, ['scripts/bootstrap.js', 'program.ts', ...args], {
    cwd: folder,
    env: { ...process.env, ...env },
  })
  const closed = new Promise<number | string | null>((resolve) => {
    child.once('close', (code, signal) => resolve(signal ?? code))
  })
  return { child, closed, stdout: text(child.stdout), stderr: text(child.stderr) }
}

test(
  'the bootstrap installs, prints that it does, and passes arguments and exit code through',
  limit,
  async (t) => {
    const folder = repository(t)
    const first = bootstrap(folder, ['a', 'b c'])
    assert.equal(await first.closed, 3)
    assert.equal(await first.stdout, 'arguments a b c\n')
    assert.match(
      await first.stderr,
      /^Installing the packages .*\n(Installing: .*\n)*Installed in \d+ s\.\n$/,
    )

    const second = bootstrap(folder, [])
    assert.equal(await second.closed, 3)
    assert.equal(await second.stderr, '')
  },
)

test('--help is answered before anything is installed', limit, async (t) => {
  const folder = repository(t)
  writeFileSync(join(folder, 'program.help.txt'), 'the help\n')
  for (const flag of ['--help', '-h']) {
    const { closed, stdout, stderr } = bootstrap(folder, ['a', flag])
    assert.equal(await closed, 0)
    assert.deepEqual([await stdout, await stderr], ['the help\n', ''])
  }
  assert.equal(existsSync(join(folder, 'node_modules')), false)
})

test('the bootstrap repairs an interrupted installation and a missing package', limit, async (t) => {
  const folder = repository(t)
  await bootstrap(folder, []).closed
  for (const lost of ['node_modules/.package-lock.json', 'node_modules/part']) {
    rmSync(join(folder, lost), { recursive: true })
    const { closed, stderr } = bootstrap(folder, [])
    assert.equal(await closed, 3)
    assert.match(await stderr, /Installed in/)
    assert.ok(existsSync(join(folder, lost)))
  }
})

test('the bootstrap installs again when the lock file names another version', limit, async (t) => {
  const folder = repository(t)
  await bootstrap(folder, []).closed
  writeFileSync(join(folder, 'part/package.json'), JSON.stringify({ name: 'part', version: '1.0.1' }))
  write(
    folder,
    { part: 'file:part' },
    {
      part: { version: '1.0.1' },
      'node_modules/part': { resolved: 'part', link: true },
    },
  )
  const { closed, stderr } = bootstrap(folder, [])
  assert.equal(await closed, 3)
  assert.match(await stderr, /Installed in/)
})

test('the bootstrap reports a missing network in one sentence and exits with 1', limit, async (t) => {
  const folder = repository(t)
  const absent = { version: '1.0.0', integrity: 'sha512-AA==' }
  write(folder, { absent: '1.0.0' }, { 'node_modules/absent': absent })
  const { closed, stdout, stderr } = bootstrap(folder, [], {
    npm_config_registry: 'http://127.0.0.1:1/',
    npm_config_cache: join(folder, 'cache'),
  })
  assert.equal(await closed, 1)
  assert.equal(await stdout, '')
  const lines = (await stderr).trim().split('\n')
  assert.match(
    lines.at(-1) ?? '',
    /^The packages could not be downloaded, .*\(ECONNREFUSED\): connect to the network/,
  )
  assert.ok(!lines.some((line) => line.startsWith('npm')))
})

test(
  'the bootstrap passes signals on, and the program ends when the bootstrap is killed',
  limit,
  async (t) => {
    const folder = repository(t)
    await bootstrap(folder, []).closed
    for (const [signal, expected] of [
      ['SIGTERM', 7],
      ['SIGKILL', 'SIGKILL'],
    ] as const) {
      const { child, closed } = bootstrap(folder, ['wait'])
      let printed = ''
      const pid = await new Promise<number>((resolve) => {
        child.stdout.on('data', (chunk: Buffer) => {
          printed += chunk.toString()
          const found = /^\d+$/m.exec(printed)
          if (found) resolve(Number(found[0]))
        })
      })
      child.kill(signal)
      assert.equal(await closed, expected)
      await exited(pid)
    }
  },
)
