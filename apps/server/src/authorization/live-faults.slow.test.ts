import assert from 'node:assert/strict'
import { copyFile, rm } from 'node:fs/promises'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, type TestContext, test } from 'node:test'
import { createGuard, type Guard, type GuardOptions, type LiveOptions } from '@rolecall/guard'
import { assignRoles, unassignRoles } from '../roles/assignments.ts'
import { openStore } from '../store/open-store.ts'
import { stores, temporaryFolder } from '../store/testing.ts'
import { administer, databaseAt, startTestPostgres, TEMPLATE } from '../store/testing-postgres.ts'
import { transaction } from '../store/transaction.ts'
import { twoNodes } from '../testing/nodes.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { audience, logIn, makeTutorial, redeem, type Tutorial } from '../testing/tutorial.ts'
import { ask, eventually, liveCredentials, until } from './testing.ts'

/** Faults of the real parts: a database, a store, a server and a network. What each does is in docs/guides/live-authorization.md. */

type World = TestServer & Tutorial
const limit = { timeout: 180_000 }
const unreachableAfterMs = 2_000

async function tokenOf(server: World, who: 'admin' | 'member'): Promise<string> {
  const login = await logIn(server, server.spa.clientId, `${who}@example.com`)
  return (await redeem(server, server.spa.clientId, login)).body.access_token
}

const change = (server: World, work: typeof assignRoles, who: 'admin' | 'member' = 'admin') =>
  transaction(server.ctx, (tx) => work(tx, server[who].userId, [server.role.id]))

const stateOf = (guard: Guard) => guard.live[0]

/** Guards of an API that reach the server at `address`. */
function guardsOf(
  t: TestContext,
  server: TestServer,
  credentials: { clientId: string; clientSecret: string },
) {
  return (live: Partial<LiveOptions>, address = server.issuer, options: Partial<GuardOptions> = {}) => {
    const guard = createGuard({
      issuer: server.issuer,
      audience,
      live: { ...credentials, unreachableAfterMs, ...live },
      fetch: (url, init) => fetch(url.replace(server.issuer, address), init),
      warn: () => {},
      ...options,
    })
    t.after(() => guard.close())
    return guard
  }
}

/** Uses a token until it is cached. */
async function useOften(guard: Guard, token: string): Promise<void> {
  for (let use = 0; use < 3; use++) await eventually(guard, token, '200')
  assert.equal(stateOf(guard)?.connection, 'live')
}

/** How long the guards go on accepting the token from now on. */
async function refusedAfter(t: TestContext, what: string, token: string, ...guards: Guard[]): Promise<void> {
  const start = performance.now()
  await Promise.all(guards.map((guard) => eventually(guard, token, '401 authorization_changed')))
  t.diagnostic(`${what}: refused after ${Math.round(performance.now() - start)} ms`)
}

describe('with two servers on PostgreSQL', {
  skip: !stores.some(({ name }) => name === 'PostgreSQL'),
}, () => {
  test(
    'guards refuse what was taken after PostgreSQL stops and starts, and after it is restored',
    limit,
    async (t) => {
      const postgres = await startTestPostgres()
      const databaseUrl = databaseAt(postgres.url, 'live')
      const command = (statement: string) => administer(postgres.url, statement)
      const kind = twoNodes(async () => {
        await command(`create database live template ${TEMPLATE}`)
        return databaseUrl
      })
      const server = await startServer(t, kind)
      const world: World = { ...server, ...(await makeTutorial(server.ctx)) }
      const [, other = ''] = await kind.addresses(t, server)
      const newGuard = guardsOf(t, server, await liveCredentials(server.ctx))
      const here = newGuard({ whenUnreachable: 'refuse' })
      const accepting = newGuard({}, other)
      const refusing = newGuard({ whenUnreachable: 'refuse' }, other)
      const polling = newGuard({ whenUnreachable: 'refuse', intervalMs: 500 }, other)
      const guards = [here, accepting, refusing, polling]
      // After the servers: hooks run in the order in which they were registered.
      t.after(() => postgres.stop())
      const first = await tokenOf(world, 'admin')
      for (const guard of guards) await useOften(guard, first)

      await postgres.control('stop')
      await until(
        () => [here, accepting, refusing].every((guard) => stateOf(guard)?.connection === 'unreachable'),
        'without a store there is no heartbeat',
      )
      await eventually(polling, first, '503')
      assert.deepEqual(await Promise.all([here, accepting, refusing].map((guard) => ask(guard, first))), [
        '503',
        '200',
        '503',
      ])
      await assert.rejects(change(world, unassignRoles))
      await postgres.control('start')
      await until(
        () =>
          change(world, unassignRoles).then(
            () => true,
            () => false,
          ),
        'the store is back',
      )
      await refusedAfter(t, 'PostgreSQL started, and the role taken then', first, ...guards)

      await change(world, assignRoles)
      const second = await tokenOf(world, 'admin')
      for (const guard of guards) await useOften(guard, second)
      await change(world, unassignRoles)
      await postgres.control('stop')
      await postgres.control('start')
      await refusedAfter(t, 'PostgreSQL restarted just after the change', second, ...guards)

      // A backup in which the member has no role, and the admin has none either.
      const closeDatabase = async () => {
        await command('alter database live with allow_connections false')
        await command("select pg_terminate_backend(pid) from pg_stat_activity where datname = 'live'")
      }
      await closeDatabase()
      await command('create database backup template live')
      await command('alter database live with allow_connections true')
      await until(
        () =>
          change(world, assignRoles, 'member').then(
            () => true,
            () => false,
          ),
        'the store is back',
      )
      const afterBackup = await tokenOf(world, 'member')
      for (const guard of guards) await useOften(guard, afterBackup)
      const epochs = guards.map((guard) => stateOf(guard)?.position?.split('.')[0])
      await closeDatabase()
      await command('alter database live rename to lost')
      await command('create database live template backup')
      await refusedAfter(t, 'the backup restored while the servers run', afterBackup, ...guards)
      for (const [index, guard] of guards.entries())
        assert.notEqual(stateOf(guard)?.position?.split('.')[0], epochs[index], 'a new epoch')
      const renewed = await tokenOf(world, 'member')
      for (const guard of guards) await eventually(guard, renewed, '403')
    },
  )
})

/** A server on a file store that can be stopped, and started on the same address and folder. */
async function restartable(t: TestContext) {
  const cleanups: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const clean of cleanups.splice(0)) await clean()
  }
  t.after(stop)
  const folder = await temporaryFolder(t)
  const file = join(folder, 'rolecall.db')
  const kind = {
    open: async (end: { after(clean: () => Promise<void>): void }) => {
      const store = await openStore({ file })
      end.after(() => store.close())
      return store
    },
  }
  const start = (config: { issuer?: string; port?: number } = {}) =>
    startServer({ after: (clean) => cleanups.push(clean) }, kind, { config: { dataDir: folder, ...config } })
  const first = await start()
  const { issuer, port } = first.ctx.config
  return { file, first, stop, restart: () => start({ issuer, port }) }
}

describe('with one server on a file', { skip: !stores.some(({ name }) => name === 'node:sqlite') }, () => {
  test('guards refuse every token of before once a backup is restored', limit, async (t) => {
    const { file, first, stop, restart } = await restartable(t)
    const tutorial = await makeTutorial(first.ctx)
    const credentials = await liveCredentials(first.ctx)
    await stop()
    await copyFile(file, `${file}.backup`)

    let server: World = { ...(await restart()), ...tutorial }
    const newGuard = guardsOf(t, server, credentials)
    const guard = newGuard({ whenUnreachable: 'refuse' })
    // The backup does not have this role, and has the next numbers of marks to give again.
    await change(server, assignRoles, 'member')
    const token = await tokenOf(server, 'member')
    const old = await tokenOf(server, 'admin')
    await useOften(guard, token)
    await useOften(guard, old)
    await stop()
    for (const ending of ['-wal', '-shm']) await rm(`${file}${ending}`, { force: true })
    await copyFile(`${file}.backup`, file)
    server = { ...(await restart()), ...tutorial }
    await refusedAfter(t, 'a backup of the file restored', token, guard)
    for (let changes = 0; changes < 3; changes++) {
      await change(server, unassignRoles)
      await change(server, assignRoles)
    }
    const late = newGuard({ whenUnreachable: 'refuse' })
    for (const one of [guard, late])
      for (const refused of [token, old]) assert.equal(await ask(one, refused), '401 authorization_changed')
    const renewed = await tokenOf(server, 'admin')
    for (const one of [guard, late]) await eventually(one, renewed, '200')
  })

  test(
    'guards refuse what was taken while the server was away, and while no packet passed',
    limit,
    async (t) => {
      const { first, stop, restart } = await restartable(t)
      let server: World = { ...first, ...(await makeTutorial(first.ctx)) }
      const newGuard = guardsOf(t, server, await liveCredentials(first.ctx))
      const network = await startNetwork(t, first.ctx.config.port)
      const pair = () => [
        newGuard({}, network.address, { timeoutMs: 1_000 }),
        newGuard({ whenUnreachable: 'refuse' }, network.address, { timeoutMs: 1_000 }),
      ]
      const known = pair()
      const token = await tokenOf(server, 'admin')
      for (const guard of known) await useOften(guard, token)

      network.hold()
      await change(server, unassignRoles)
      const start = performance.now()
      await eventually(known[1]!, token, '503')
      t.diagnostic(`no packet passes, 'refuse': 503 after ${Math.round(performance.now() - start)} ms`)
      await until(() => stateOf(known[0]!)?.connection === 'unreachable', 'silence is noticed')
      assert.equal(await ask(known[0]!, token), '200')
      // An API that starts now has never heard of the change.
      const [accepting, refusing] = pair()
      assert.equal(await ask(refusing!, token), '503')
      // Without the keys of the issuer it cannot verify any token either.
      assert.equal(await ask(accepting!, token), '503')
      network.release()
      await refusedAfter(t, 'packets pass again', token, ...known, accepting!, refusing!)

      await change(server, assignRoles)
      const next = await tokenOf(server, 'admin')
      for (const guard of known) await useOften(guard, next)
      await change(server, unassignRoles)
      await stop()
      await until(
        () => known.every((guard) => stateOf(guard)?.connection === 'unreachable'),
        'silence is noticed',
      )
      server = { ...server, ...(await restart()) }
      await refusedAfter(t, 'the server is back', next, ...known)
      assert.equal((await tokenOf(server, 'admin')).length > 0, true)
    },
  )
})

/** A TCP proxy that can stop to pass anything on. Connections stay open, as behind a firewall that drops packets. */
async function startNetwork(t: TestContext, port: number) {
  const sockets = new Set<Socket>()
  let isHeld = false
  const proxy = createServer((client) => {
    const server = connect(port, '127.0.0.1')
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      sockets.add(from)
      if (isHeld) from.pause()
      from.on('data', (data) => to.write(data))
      from.on('error', () => {})
      from.on('end', () => to.end())
      from.on('close', () => {
        sockets.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve))
  t.after(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => proxy.close(resolve))
  })
  const address = proxy.address()
  assert.ok(typeof address === 'object' && address !== null)
  return {
    address: `http://127.0.0.1:${address.port}/`,
    hold() {
      isHeld = true
      for (const socket of sockets) socket.pause()
    },
    release() {
      isHeld = false
      for (const socket of sockets) socket.resume()
    },
  }
}
