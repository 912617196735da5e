/** What an operator reads when the server cannot start: one sentence that says what to do. */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { readConfig } from '../../../apps/server/src/config.ts'
import { openContext } from '../../../apps/server/src/context.ts'
import { site } from '../start/launcher.ts'
import { makeHome, startServerProcess } from './server-process.ts'

const limit = { timeout: 120_000 }
const anotherKey = () => randomBytes(32).toString('base64')

/** @returns what it printed */
async function refused(env: Record<string, string>): Promise<string> {
  const [, printed = ''] = await startServerProcess({ ...env, LOG_LEVEL: 'error' }).then(
    (server) => server.end('SIGKILL').then(() => assert.fail('it started')),
    (error: Error) => error.message.split(/:\n(.*)/s),
  )
  assert.doesNotMatch(printed, /^\s+at /m, 'a stack trace')
  return printed
}

test(
  'a sealing key that is missing, damaged or another one is refused, and the file left as it is',
  limit,
  async (t) => {
    const place = await site(t)
    const home = await makeHome(place)
    const file = join(place.dir, 'sealing.key')
    const files = () => readdirSync(place.dir).filter((name) => name.includes('sealing'))
    for (const content of ['', 'not a key', randomBytes(16).toString('base64')]) {
      writeFileSync(file, content)
      assert.match(
        await refused(home.env),
        /^.*sealing\.key holds no sealing key .*restore it from your backup\.$/,
      )
    }
    writeFileSync(file, anotherKey())
    assert.match(
      await refused(home.env),
      /^The key in .*sealing\.key is not the one that the store was sealed with: /,
    )
    rmSync(file)
    assert.match(
      await refused(home.env),
      /^.*sealing\.key is missing, and the store was sealed with it: restore /,
    )
    assert.deepEqual(files(), [])
    assert.match(
      await refused({ ...home.env, SEALING_KEY: anotherKey() }),
      /^The key in SEALING_KEY is not the one that the store was sealed with: /,
    )
    assert.match(await refused({ ...home.env, SEALING_KEY: '' }), /SEALING_KEY is empty: /)
  },
)

test('a store from before there was a check value is proved by its signing keys', async (t) => {
  const place = await site(t)
  const home = await makeHome(place)
  const config = readConfig(home.env)
  const first = await openContext(config)
  const { openKeyRing } = await import('../../../apps/server/src/keys/key-ring.ts')
  await openKeyRing(first)
  await first.store.db.deleteFrom('settings').where('id', '=', 'sealing-check').execute()
  await first.store.close()
  await assert.rejects(openContext({ ...config, sealingKey: anotherKey() }), /is not the one/)
  const again = await openContext(config)
  const check = await again.store.db
    .selectFrom('settings')
    .select('id')
    .where('id', '=', 'sealing-check')
    .execute()
  assert.equal(check.length, 1)
  await again.store.close()
})

test('a damaged store and a folder that cannot be written are named', limit, async (t) => {
  const place = await site(t)
  const home = await makeHome(place)
  const file = join(place.dir, 'rolecall.db')
  writeFileSync(file, Buffer.concat([Buffer.from('SQLite format 3\0'), randomBytes(8_192)]))
  assert.match(await refused(home.env), /^The store .*rolecall\.db .*\.$/)
  writeFileSync(join(place.dir, 'file'), '')
  const below = join(place.dir, 'file', 'below')
  assert.match(
    await refused({ ...home.env, DATA_DIR: below }),
    /below.* cannot be opened .*make its folder writable/,
  )
})

test('every faulty variable is named with what it must be', () => {
  const problems = (env: Record<string, string>) => {
    try {
      readConfig(env)
      return ''
    } catch (error) {
      return String(error)
    }
  }
  for (const PORT of ['x', '-1', '65536', '1.5', '0x50 '])
    assert.match(problems({ PORT }), /PORT must be a whole number from 0 to 65535|^$/, PORT)
  assert.match(problems({ SHUTDOWN_SECONDS: '0' }), /SHUTDOWN_SECONDS must be a whole number from 1 to 600/)
  for (const ISSUER of [
    'id.example.com',
    'ftp://id.example.com',
    'https://id.example.com/path',
    'https://a:b@id.example.com',
  ])
    assert.match(problems({ ISSUER }), /ISSUER must /, ISSUER)
})

test('a HOST that is no address of this machine is named', limit, async (t) => {
  const home = await makeHome(await site(t))
  assert.match(
    await refused({ ...home.env, HOST: '203.0.113.1' }),
    /203\.0\.113\.1:\d+ is no address of this machine: set HOST/,
  )
  assert.match(
    await refused({ ...home.env, HOST: 'no-such-host.invalid' }),
    /HOST is no address of this machine/,
  )
})
