/** When the server cannot start, its message is one sentence that says what to do. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { openContext, openKeyRing, readConfig } from '@rolecall/server/test-kit'
import { site } from '../start/launcher.ts'
import { type Home, makeHome, startServerProcess } from './server-process.ts'

const limit = { timeout: 120_000 }
const anotherKey = () => randomBytes(32).toString('base64')

/** @returns what it printed */
async function printedBy(env: Record<string, string>): Promise<string> {
  const error = await startServerProcess({ ...env, LOG_LEVEL: 'error' }).then(
    (server) => server.end('SIGKILL').then(() => assert.fail('it started')),
    (reason: Error) => reason,
  )
  return error.message.replace('the server ended instead of answering:\n', '')
}

function assertRefused({ env }: Home, message: RegExp, more: Record<string, string> = {}): Promise<void> {
  return assert.rejects(async () => openContext(readConfig({ ...env, ...more })), { message })
}

test('a missing, damaged or different sealing key stops the start and is not replaced', limit, async (t) => {
  const place = await site(t)
  const home = await makeHome(place)
  const file = join(place.dir, 'sealing.key')
  for (const content of ['', 'not a key', randomBytes(16).toString('base64')]) {
    writeFileSync(file, content)
    await assertRefused(home, /^.*sealing\.key holds no sealing key .*restore it from your backup\.$/)
  }
  const other = anotherKey()
  writeFileSync(file, other)
  await assertRefused(home, /^The key in .*sealing\.key is not the one that the store was sealed with: /)
  assert.equal(readFileSync(file, 'utf8'), other)
  await assertRefused(home, /^The key in SEALING_KEY is not the one /, { SEALING_KEY: anotherKey() })
  await assertRefused(home, /SEALING_KEY is empty: /, { SEALING_KEY: '' })
  rmSync(file)
  assert.match(
    await printedBy(home.env),
    /^[^\n]*sealing\.key is missing, and the store was sealed with it: restore [^\n]*$/,
  )
  const left = readdirSync(place.dir).filter((name) => name.includes('sealing'))
  assert.deepEqual(left, [])
})

test(
  'in a store without a check value the sealing key is checked with the signing keys',
  limit,
  async (t) => {
    const home = await makeHome(await site(t))
    const config = readConfig(home.env)
    const checks = (ctx: Awaited<ReturnType<typeof openContext>>) =>
      ctx.store.db.selectFrom('settings').select('id').where('id', '=', 'sealing-check').execute()
    const first = await openContext(config)
    await openKeyRing(first)
    await first.store.db.deleteFrom('settings').where('id', '=', 'sealing-check').execute()
    await first.store.close()
    await assertRefused(home, /is not the one/, { SEALING_KEY: anotherKey() })
    const again = await openContext(config)
    assert.equal((await checks(again)).length, 1)
    await again.store.close()
  },
)

test('the message names a damaged store or an unusable folder', limit, async (t) => {
  const place = await site(t)
  const home = await makeHome(place)
  const file = join(place.dir, 'rolecall.db')
  const whole = readFileSync(file)
  // Keeps the first page, which describes the file, and cuts off the tables.
  writeFileSync(file, Buffer.concat([whole.subarray(0, 4_096), randomBytes(whole.length - 4_096)]))
  assert.match(await printedBy(home.env), /^The store [^\n]*is damaged[^\n]*restore it from a backup\.$/)
  writeFileSync(file, randomBytes(8_192))
  await assertRefused(home, /rolecall\.db is not a Rolecall store; move it away/)
  writeFileSync(join(place.dir, 'file'), '')
  const below = join(place.dir, 'file', 'below')
  for (const unusable of [below, join(place.dir, 'file'), ...(existsSync('/proc') ? ['/proc/rolecall'] : [])])
    await assertRefused(home, / cannot be opened .*make its folder writable/, { DATA_DIR: unusable })
})

test('the message names every wrong variable and what it must be', () => {
  const faulty: [string, string, RegExp][] = [
    ...['x', '-1', '65536', '1.5'].map((port): [string, string, RegExp] => [
      'PORT',
      port,
      /PORT must be a whole number from 0 to 65535/,
    ]),
    ['DATABASE_CONNECTIONS', '0', /DATABASE_CONNECTIONS must be a whole number from 1 to 500/],
    ['DATABASE_QUERY_SECONDS', 'x', /DATABASE_QUERY_SECONDS must be a whole number from 1 to 600/],
    ['DATABASE_POOLING', 'statement', /DATABASE_POOLING must be session or transaction/],
    ['SHUTDOWN_SECONDS', '0', /SHUTDOWN_SECONDS must be a whole number from 1 to 600/],
    ['SEALING_KEY', 'short', /SEALING_KEY must be 32 bytes in base64/],
    ['SEALING_KEY_PREVIOUS', 'short', /SEALING_KEY_PREVIOUS must be 32 bytes in base64/],
    ['LOG_RETENTION_DAYS', '-1', /LOG_RETENTION_DAYS must be a number of days from 1 to 36500, or never/],
    ['LOG_RETENTION_DAYS', 'forever', /LOG_RETENTION_DAYS must be a number of days from 1 /],
    ['KEY_ROTATION_DAYS', '1', /KEY_ROTATION_DAYS must be a number of days from 2 to 36500, or never/],
    ['LOG_MACHINE_TOKENS', 'hour', /LOG_MACHINE_TOKENS must be each or minute/],
    ...[
      'id.example.com',
      'x',
      'ftp://id.example.com',
      'https://id.example.com/path',
      'https://a:b@id.example.com',
    ].map((issuer): [string, string, RegExp] => ['ISSUER', issuer, /ISSUER must /]),
  ]
  faulty.push(['METRICS_PORT', 'x', /METRICS_PORT must be a whole number from 0 to 65535/])
  faulty.push(['METRICS_PORT', '5050', /METRICS_PORT must not be PORT: /])
  faulty.push(['DISK_FREE_MB', '-1', /DISK_FREE_MB must be a whole number from 0 /])
  faulty.push(['TRACES_URL', 'collector:4318', /TRACES_URL must be an http\(s\) URL such as /])
  faulty.push(['TRACES_RATIO', '2', /TRACES_RATIO must be a number from 0 to 1/])
  faulty.push(['LOG_LEVEL', 'loud', /LOG_LEVEL must be fatal, error, /])
  for (const [name, value, message] of faulty)
    assert.throws(() => readConfig({ [name]: value }), { message }, `${name}=${value}`)
  for (const never of ['0', 'never'])
    assert.equal(readConfig({ LOG_RETENTION_DAYS: never }).retentionDays.logs, 0)
  assert.throws(() => readConfig({ ISSUER: 'foo', PORT: 'abc' }), {
    message: /^ISSUER must be an http\(s\) URL such as [^ ]+; PORT must be a whole number from 0 to 65535\.$/,
  })
})

test('the message names a HOST that is not an address of this machine', limit, async (t) => {
  const { env } = await makeHome(await site(t))
  assert.match(
    await printedBy({ ...env, HOST: '203.0.113.1' }),
    /^203\.0\.113\.1:\d+ is no address of this machine: set HOST [^\n]*$/,
  )
})
