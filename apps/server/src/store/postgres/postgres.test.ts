import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { test } from 'node:test'
import { sql } from 'kysely'
import { defaultDatabaseLimits } from '../../config.ts'
import { isUnavailable, StoreError } from '../errors.ts'
import { openStore } from '../open-store.ts'
import { temporaryDatabase } from '../testing.ts'

test('servers that start together on an empty database migrate it once', async (t) => {
  const databaseUrl = await temporaryDatabase(t, { empty: true })
  const opened = await Promise.all(Array.from({ length: 4 }, () => openStore({ databaseUrl })))
  const [first] = opened
  assert.deepEqual(await first?.db.selectFrom('roles').select('id').execute(), [])
  await Promise.all(opened.map((store) => store.close()))
})

test('a connection that breaks fails its query alone', async (t) => {
  const store = await openStore({ databaseUrl: await temporaryDatabase(t) })
  t.after(() => store.close())
  await assert.rejects(sql`select pg_terminate_backend(pg_backend_pid())`.execute(store.db), {
    code: '57P01',
  })
  assert.deepEqual(await store.db.selectFrom('roles').select('id').execute(), [])
})

test('after a connection is lost, none that was opened before it is used', async (t) => {
  const store = await openStore({ databaseUrl: await temporaryDatabase(t) })
  t.after(() => store.close())
  const pids = async () => {
    const query = sql<{ pid: number }>`select pg_backend_pid() as pid, pg_sleep(0.1)`
    const results = await Promise.all(Array.from({ length: 5 }, () => query.execute(store.db)))
    return results.flatMap(({ rows }) => rows.map(({ pid }) => pid))
  }
  const before = await pids()
  assert.equal(new Set(before).size, 5)
  await assert.rejects(sql`select pg_terminate_backend(pg_backend_pid())`.execute(store.db))
  const after = await pids()
  assert.deepEqual(
    after.filter((pid) => before.includes(pid)),
    [],
  )
})

test('a connection to a database that refuses writes is given up', async (t) => {
  const store = await openStore({ databaseUrl: await temporaryDatabase(t) })
  t.after(() => store.close())
  const pid = async () => {
    const { rows } = await sql<{ pid: number }>`select pg_backend_pid() as pid`.execute(store.db)
    return rows[0]?.pid
  }
  const before = await pid()
  await sql`set default_transaction_read_only = on`.execute(store.db)
  await assert.rejects(store.db.deleteFrom('settings').execute(), { code: '25006' })
  assert.notEqual(await pid(), before)
  await store.db.deleteFrom('settings').execute()
})

test('a statement that the database does not end fails, and its connection is not used again', async (t) => {
  const limits = { ...defaultDatabaseLimits, connections: 1, querySeconds: 1 }
  const store = await openStore({ databaseUrl: await temporaryDatabase(t), limits })
  t.after(() => store.close())
  await sql`set statement_timeout = 0`.execute(store.db)
  await assert.rejects(sql`select pg_sleep(60)`.execute(store.db), (error) => {
    assert.ok(isUnavailable(error))
    assert.match(String(error), /did not finish a statement in time/)
    return true
  })
  assert.deepEqual(await store.db.selectFrom('roles').select('id').execute(), [])
})

test('a request that waits for a connection too long is refused as unavailable', async (t) => {
  const limits = { ...defaultDatabaseLimits, connections: 1, queueSeconds: 1 }
  const store = await openStore({ databaseUrl: await temporaryDatabase(t), limits })
  t.after(() => store.close())
  const done = Promise.withResolvers<void>()
  const holding = Promise.withResolvers<void>()
  const holder = store.transaction(async (tx) => {
    await sql`select 1`.execute(tx)
    holding.resolve()
    await done.promise
  })
  await holding.promise
  await assert.rejects(sql`select 1`.execute(store.db), (error) => isUnavailable(error))
  done.resolve()
  await holder
})

test('a network that breaks under a query fails that query, and not the process', async (t) => {
  const direct = new URL(await temporaryDatabase(t))
  const folder = direct.searchParams.get('host') ?? ''
  const links = new Set<Socket>()
  const proxy = createServer((client) => {
    const database = connect(`${folder}/.s.PGSQL.5432`)
    links.add(client)
    client.on('error', () => database.destroy())
    client.pipe(database).pipe(client)
  })
  proxy.listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  t.after(() => new Promise((done) => proxy.close(done)))
  const address = proxy.address()
  assert.ok(typeof address === 'object' && address !== null)
  direct.searchParams.delete('host')
  const databaseUrl = direct.href.replace('localhost', `localhost:${address.port}`)

  const store = await openStore({ databaseUrl })
  t.after(() => store.close())
  // The second answer shows that the first query is under way.
  const sleeping = assert.rejects(sql`select pg_sleep(60)`.execute(store.db), { code: 'ECONNRESET' })
  await sql`select 1`.execute(store.db)
  for (const link of links) link.resetAndDestroy()
  await sleeping
  assert.deepEqual(await store.db.selectFrom('roles').select('id').execute(), [])
})

test('transactions that lock each other out are tried again, and both succeed', async (t) => {
  const store = await openStore({ databaseUrl: await temporaryDatabase(t) })
  t.after(() => store.close())
  const setting = { data: '0', updated_at: 0 }
  await store.db
    .insertInto('settings')
    .values([
      { ...setting, id: 'a' },
      { ...setting, id: 'b' },
    ])
    .execute()
  const both = Promise.withResolvers<void>()
  let holding = 0
  const bump = (first: string, second: string) =>
    store.transaction(async (tx) => {
      const next = (id: string) =>
        tx
          .updateTable('settings')
          .set((row) => ({ updated_at: row('updated_at', '+', 1) }))
          .where('id', '=', id)
          .execute()
      await next(first)
      if (++holding === 2) both.resolve()
      await both.promise
      await next(second)
    })
  await Promise.all([bump('a', 'b'), bump('b', 'a')])
  // The one that is tried again may be locked out once more.
  assert.ok(holding >= 3)
  const rows = await store.db.selectFrom('settings').select('updated_at').execute()
  assert.deepEqual(rows, [{ updated_at: 2 }, { updated_at: 2 }])
})

test('a repeated statement is prepared once under a name, a single one is not', async (t) => {
  const store = await openStore({ databaseUrl: await temporaryDatabase(t) })
  t.after(() => store.close())
  const read = () => store.db.selectFrom('roles').select('id').where('name', '=', 'x').execute()
  const prepared = async () => {
    const query = sql<{
      statement: string
    }>`select statement from pg_prepared_statements where statement like '%"name" = $1'`
    return (await query.execute(store.db)).rows.length
  }
  await read()
  assert.equal(await prepared(), 0)
  await read()
  await read()
  assert.equal(await prepared(), 1)
})

test('behind a pooler statements have no names and sessions no parameters', async (t) => {
  const limits = { ...defaultDatabaseLimits, connections: 1, pooling: 'transaction' as const }
  const store = await openStore({ databaseUrl: await temporaryDatabase(t), limits })
  t.after(() => store.close())
  for (let use = 0; use < 3; use++) await store.db.selectFrom('roles').select('id').execute()
  const { rows } = await sql`select name from pg_prepared_statements`.execute(store.db)
  assert.deepEqual(rows, [])
  const setting = await sql<{ setting: string }>`
    select setting from pg_settings where name = 'statement_timeout'`.execute(store.db)
  assert.deepEqual(setting.rows, [{ setting: '0' }])
})

test('a column that a newer version adds meanwhile fails no statement', async (t) => {
  const limits = { ...defaultDatabaseLimits, connections: 1 }
  const store = await openStore({ databaseUrl: await temporaryDatabase(t), limits })
  t.after(() => store.close())
  const outside = () => store.db.selectFrom('roles').selectAll().execute()
  const inside = () => store.transaction((tx) => tx.selectFrom('settings').selectAll().execute())
  for (let use = 0; use < 3; use++) {
    await outside()
    await inside()
  }
  await sql`alter table roles add column note text`.execute(store.db)
  await sql`alter table settings add column note text`.execute(store.db)
  assert.deepEqual(await outside(), [])
  await sql`alter table settings add column other_note text`.execute(store.db)
  await inside()
  for (let use = 0; use < 3; use++) await inside()
  await sql`alter table settings add column last_note text`.execute(store.db)
  await inside()
})

test('a database that cannot be used is named with what to do, and its password is not', async (t) => {
  const existing = new URL(await temporaryDatabase(t))
  existing.pathname = '/nowhere'
  const unusable = [
    { databaseUrl: existing.href, reason: /\/nowhere cannot be used .*does not exist.*check that it runs/ },
    {
      databaseUrl: 'postgres://me:hunter2@127.0.0.1:1/rolecall',
      reason: /127\.0\.0\.1:1\/rolecall cannot be used .*ECONNREFUSED/,
    },
    { databaseUrl: 'hunter2', reason: /write postgres:/ },
  ]
  for (const { databaseUrl, reason } of unusable) {
    await assert.rejects(openStore({ databaseUrl }), (error) => {
      assert.ok(error instanceof StoreError)
      assert.match(error.message, reason)
      assert.doesNotMatch(error.message, /hunter2/)
      return true
    })
  }
})
