import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { copyFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it, type TestContext } from 'node:test'
import { sql } from 'kysely'
import { createApplication } from './applications/applications.ts'
import { saveApplication } from './applications/store.ts'
import { runCommand, usage } from './commands.ts'
import { type Config, ConfigError } from './config.ts'
import { openContext } from './context.ts'
import { enrolTotp, offerTotp } from './factors/enrolment.ts'
import { totpCode } from './factors/testing.ts'
import { openKeyRing } from './keys/key-ring.ts'
import { StoreInUseError } from './store/errors.ts'
import { currentPosition } from './store/marks.ts'
import { stores, temporaryDatabase, temporaryFolder } from './store/testing.ts'
import { transaction } from './store/transaction.ts'
import { ensureSystemObjects } from './system-objects.ts'
import { testConfig } from './testing/config.ts'
import { findUser } from './users/store.ts'
import { createUser } from './users/users.ts'

/** Of the environment of the tests: where programs are, and where Node.js keeps compiled code. */
const { PATH, NODE_COMPILE_CACHE } = process.env
const passedOn = { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) }

const link = /^ {2}http:\/\/localhost:5050\/setup\?ticket=[\w-]{43}$/m

const configFor = (dataDir: string, more: Partial<Config> = {}) => testConfig({ dataDir, ...more })
const ownerLink = (config: Config) => runCommand(['owner-link'], () => config)

/** The store as a server that has started leaves it, open. */
async function started(config: Config) {
  const ctx = await openContext(config)
  await ensureSystemObjects(ctx)
  await openKeyRing(ctx)
  return {
    ctx,
    async stop() {
      await ctx.mailer.close()
      await ctx.store.close()
    },
  }
}

describe('the command new-epoch', () => {
  it('begins a new epoch of authorization', async (t) => {
    const config = configFor(await temporaryFolder(t))
    const server = await started(config)
    const before = await currentPosition(server.ctx.store.db)
    await server.stop()
    assert.match(await runCommand(['new-epoch'], () => config), /^A new epoch of authorization has begun/)
    const again = await started(config)
    const after = await currentPosition(again.ctx.store.db)
    await again.stop()
    assert.notEqual(after.epoch, before.epoch)
    assert.equal(after.number, before.number)
  })
})

describe('the command reset-factors', () => {
  it('removes every factor of an account, and says so where there is no such account', async (t) => {
    const config = configFor(await temporaryFolder(t))
    const server = await started(config)
    const email = 'owner@example.com'
    const connection = 'Username-Password-Authentication'
    const user = await transaction(server.ctx, (tx) => createUser(tx, { connection, email }))
    const { secret, sealed } = await offerTotp(server.ctx, user, 'here')
    const code = totpCode(secret, server.ctx.clock())
    await enrolTotp(server.ctx, user, { binding: 'here', sealed, code, origin: { ip: '127.0.0.1' } })
    await server.stop()

    const reset = (given: string) => runCommand(['reset-factors', given], () => config)
    await assert.rejects(reset('nobody@example.com'), /No user has the address nobody@example\.com/)
    assert.match(await reset(email.toUpperCase()), /^2 second factors of OWNER@EXAMPLE\.COM were removed/)
    const again = await started(config)
    const { secondFactor } = (await findUser(again.ctx.store.db, user.userId)) ?? {}
    const { rows } = await sql<{ description: string }>`
      select description from logs where type = 'gd_unenroll'`.execute(again.ctx.store.db)
    await again.stop()
    assert.equal(secondFactor, false)
    assert.deepEqual(rows, [
      { description: 'Every second factor was removed on the command line of the server' },
    ])
  })
})

describe('the command owner-link', () => {
  it('prints a link when the server is stopped, and says that it must be while it runs', async (t) => {
    const config = configFor(await temporaryFolder(t))
    const server = await started(config)
    await assert.rejects(ownerLink(config), (error) => {
      assert.ok(error instanceof StoreInUseError)
      assert.match(error.message, /^The server is using the store .* Stop the server, run this command/)
      return true
    })
    await server.stop()
    const said = await ownerLink(config)
    assert.match(said, /Start the server, then open this link within an hour/)
    assert.match(said, link)
  })

  it('prints a link while a server runs on PostgreSQL', {
    skip: !stores.some(({ name }) => name === 'PostgreSQL'),
  }, async (t) => {
    const config = configFor(await temporaryFolder(t), { databaseUrl: await temporaryDatabase(t) })
    const server = await started(config)
    try {
      const said = await ownerLink(config)
      assert.match(said, /^\nOpen this link within an hour/)
      assert.match(said, link)
      const tickets = await server.ctx.store.db.selectFrom('tickets').select('purpose').execute()
      assert.deepEqual(tickets, [{ purpose: 'owner' }])
    } finally {
      await server.stop()
    }
  })

  it('needs the sealing key of the store', async (t) => {
    const config = configFor(await temporaryFolder(t))
    await (await started(config)).stop()
    const sealingKey = randomBytes(32).toString('base64')
    await assert.rejects(
      ownerLink({ ...config, sealingKey }),
      /The key in SEALING_KEY is not the one that the store was sealed with/,
    )
    const copy = await temporaryFolder(t)
    await copyFile(join(config.dataDir, 'rolecall.db'), join(copy, 'rolecall.db'))
    await assert.rejects(ownerLink(configFor(copy)), /There is no sealing\.key in/)
    assert.ok(!(await readdir(copy)).includes('sealing.key'))
  })

  it('makes neither a store nor a key where there is none', async (t) => {
    const folder = await temporaryFolder(t)
    await assert.rejects(ownerLink(configFor(folder)), ConfigError)
    assert.deepEqual(await readdir(folder), [])
  })
})

describe('main.ts', () => {
  const run = async (t: TestContext, args: string[], env: Record<string, string> = {}) => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'main.ts'), ...args], {
      env: { ...passedOn, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 150_000,
    })
    t.after(() => child.kill('SIGKILL'))
    const [out, err, [code]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ])
    return { out, err, code }
  }

  it('prints its usage and its version, and refuses a command that it does not know', async (t) => {
    assert.deepEqual(await run(t, ['--help']), { out: `${usage}\n`, err: '', code: 0 })
    assert.match((await run(t, ['--version'])).out, /^\d+\.\d+\.\d+\n$/)
    const unknown = await run(t, ['owner-lnik'])
    assert.equal(unknown.code, 1)
    assert.ok(unknown.err.startsWith('owner-lnik is not a command.'), unknown.err)
  })

  it('refuses owner-link while it serves, and names at its start what lists client_credentials without authentication', async (t) => {
    const dataDir = await temporaryFolder(t)
    const first = await started(configFor(dataDir))
    const { ctx } = first
    const { application } = await transaction(ctx, (tx) =>
      createApplication(tx, { name: 'Old', app_type: 'non_interactive' }),
    )
    const data = { ...application.data, token_endpoint_auth_method: 'none' as const }
    await saveApplication(ctx.store.db, { ...application, data })
    await first.stop()

    const env = { DATA_DIR: dataDir, PORT: '0', ISSUER: 'http://localhost:5050/' }
    const server = spawn(process.execPath, [join(import.meta.dirname, 'main.ts')], {
      env: { ...passedOn, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      timeout: 150_000,
    })
    t.after(() => server.kill('SIGKILL'))
    let log = ''
    for await (const chunk of server.stdout.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
      log += String(chunk)
      if (log.includes('Rolecall answers')) break
    }
    server.stdout.resume()
    const warnings = log.split('\n').filter((line) => line.includes('client_credentials'))
    assert.equal(warnings.length, 1, log)
    assert.ok(warnings[0]?.includes(`${application.clientId} (Old). Remove client_credentials`), log)

    const refused = await run(t, ['owner-link'], env)
    assert.deepEqual([refused.out, refused.code], ['', 1])
    assert.match(refused.err, /^The server is using the store/)
    const exited = once(server, 'exit')
    server.kill('SIGTERM')
    await exited
    assert.match((await run(t, ['owner-link'], env)).out, link)
  })
})
