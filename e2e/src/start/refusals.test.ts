import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { test } from 'node:test'
import { openStore } from '@rolecall/server/test-kit'
import { clientFolder } from '../../../scripts/start/clients.ts'
import { launch, root, site } from './launcher.ts'

const limit = { timeout: 60_000 }

test('--help lists every option and starts nothing', limit, async () => {
  const { code, stdout, stderr } = await launch(['--help']).ended
  assert.equal(code, 0)
  assert.equal(stderr, '')
  for (const flag of [
    'server-port',
    'client-port',
    'api-port',
    'dir',
    'empty',
    'reset',
    'yes',
    'https',
    'host',
    'verbose',
  ])
    assert.match(stdout, new RegExp(`--${flag} `))
})

test('an unknown option is refused with a reference to --help', limit, async () => {
  const { code, stdout, stderr } = await launch(['--prot', '1']).ended
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(stderr, /^Unknown option '--prot': see `npm start -- --help`\.\n$/)
})

test(
  '--list-clients prints one name per line, each with its folder, and --client takes no other',
  limit,
  async () => {
    const { code, stdout } = await launch(['--list-clients']).ended
    assert.equal(code, 0)
    const names = stdout.trimEnd().split('\n')
    assert.equal(names.length, 10)
    for (const name of names) assert.ok(existsSync(join(root, clientFolder(name), 'package.json')), name)
    const { code: refusal, stderr } = await launch(['--client', 'vue-4']).ended
    assert.equal(refusal, 1)
    assert.equal(stderr, `There is no client "vue-4". The clients are ${names.join(', ')}.\n`)
  },
)

test('a start installs one client, React, unless another one is named', () => {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const samples = workspaces.filter((path: string) => path.startsWith('samples/'))
  assert.deepEqual(samples, ['samples/api', 'samples/spa-react'])
})

test('options that npm took for its own are answered with the right spelling', limit, async () => {
  // As npm 11 passes on `npm start --empty --reset --server-port 5051`.
  const env = {
    npm_config_empty: 'true',
    npm_config_reset: 'true',
    npm_config_server_port: 'true',
    npm_config_yes: 'true',
  }
  const { code, stdout, stderr } = await launch(['5051'], env).ended
  assert.equal(code, 1)
  assert.equal(stdout, '')
  assert.match(
    stderr,
    /^npm took --reset --empty --server-port .* `npm start -- --reset --empty --server-port` with their values/,
  )
})

test('an invalid port is refused', limit, async () => {
  for (const port of ['0', '65536', 'http', ''])
    assert.match(
      (await launch(['--api-port', port]).ended).stderr,
      /^--api-port is ".*" ?: it must be|^--api-port is/,
    )
  assert.match((await launch(['--api-port', '5050']).ended).stderr, /three different ports/)
})

test(
  'the message names every port in use and the option that changes it, and nothing is started',
  limit,
  async (t) => {
    const { args, ports, dir } = await site(t)
    const others = [
      createServer().listen(ports.client, '127.0.0.1'),
      createServer().listen(ports.api, '127.0.0.1'),
    ]
    await Promise.all(others.map((other) => once(other, 'listening')))
    t.after(() => others.forEach((other) => other.close()))
    const { code, stdout, stderr } = await launch(args).ended
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.equal(stderr.trim().split('\n').length, 1)
    assert.match(stderr, new RegExp(`Port ${ports.client} is in use .*--client-port`))
    assert.match(stderr, new RegExp(`Port ${ports.api} is in use .*--api-port`))
    assert.deepEqual(readdirSync(dir), [])
  },
)

test('the message names a folder that cannot hold files and the option that changes it', limit, async (t) => {
  const { args, dir } = await site(t)
  const file = join(dir, 'file')
  writeFileSync(file, '')
  for (const unusable of [file, join(file, 'below'), ...(existsSync('/proc') ? ['/proc/rolecall'] : [])]) {
    const { code, stdout, stderr } = await launch([...args, '--dir', unusable]).ended
    assert.equal(code, 1)
    assert.equal(stdout, '')
    assert.match(stderr, /^The folder .* cannot be written \([A-Z]+\): choose another with --dir\.\n$/)
    assert.ok(stderr.includes(unusable), stderr)
  }
})

test('a store written by a newer version is refused and not changed', limit, async (t) => {
  const { args, dir } = await site(t)
  const file = join(dir, 'rolecall.db')
  const store = await openStore({ file })
  await store.close()
  const database = new DatabaseSync(file)
  database.exec("insert into kysely_migration (name, timestamp) values ('9999-future', '')")
  database.close()
  const { code, stdout, stderr } = await launch(args).ended
  assert.equal(code, 1)
  assert.doesNotMatch(stdout, /is running/)
  assert.match(stderr, /was written by a newer version of Rolecall \(it has 9999-future\)/)
  assert.equal(stderr.trim().split('\n').length, 1)
})
