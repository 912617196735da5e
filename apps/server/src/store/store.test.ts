import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { isForeignKeyViolation, isUniqueViolation } from './constraints.ts'
import { StoreError } from './errors.ts'
import { columnTypes } from './migrations/column-types.ts'
import { openStore } from './open-store.ts'
import { lockRows } from './sql.ts'
import type { Store } from './store.ts'
import { stores, temporaryDatabase, temporaryFolder } from './testing.ts'
import { fromBool, fromJson, toBool, toJson } from './values.ts'

type Tables = {
  folders: { id: string }
  notes: {
    id: string
    folder: string
    data: unknown
    flag: unknown
    time: number | Date | null
    count: number
  }
}

const note = { folder: 'a', data: toJson({}), flag: toBool(false), time: null, count: 0 }

/** A new store with two tables of the test's own: notes belong to folders. */
async function withNotes(t: TestContext, open: (t: TestContext) => Promise<Store>) {
  const store = await open(t)
  const { id, json, flag, time, int } = columnTypes(store.db)
  const { schema } = store.db
  await schema
    .createTable('folders')
    .addColumn('id', id, (c) => c.primaryKey())
    .execute()
  await schema
    .createTable('notes')
    .addColumn('id', id, (c) => c.primaryKey())
    .addColumn('folder', id, (c) => c.notNull().references('folders.id').onDelete('cascade'))
    .addColumn('data', json)
    .addColumn('flag', flag)
    .addColumn('time', time)
    .addColumn('count', int)
    .execute()
  const db = store.db.withTables<Tables>()
  await db.insertInto('folders').values({ id: 'a' }).execute()
  const add = (name: string, to: Pick<Store['db'], 'withTables'> = store.db) =>
    to
      .withTables<Tables>()
      .insertInto('notes')
      .values({ ...note, id: name })
      .execute()
  const names = async () =>
    (await db.selectFrom('notes').select('id').orderBy('id').execute()).map((row) => row.id)
  return { store, db, add, names }
}

for (const { name, open } of stores) {
  describe(`a store on ${name}`, () => {
    test('keeps what a transaction wrote', async (t) => {
      const { store, add, names } = await withNotes(t, open)
      const answer = await store.transaction(async (tx) => {
        await add('one', tx)
        await add('two', tx)
        return 'done'
      })
      assert.equal(answer, 'done')
      assert.deepEqual(await names(), ['one', 'two'])
    })

    test('keeps nothing of a transaction that throws, and throws the same', async (t) => {
      const { store, add, names } = await withNotes(t, open)
      const reason = new Error('changed my mind')
      const failing = store.transaction(async (tx) => {
        await add('one', tx)
        throw reason
      })
      await assert.rejects(failing, reason)
      assert.deepEqual(await names(), [])
    })

    test('keeps nothing of a transaction in which a statement failed, even if the error was caught', async (t) => {
      const { store, add, names } = await withNotes(t, open)
      await add('one')
      const failing = store.transaction(async (tx) => {
        await add('two', tx)
        await assert.rejects(add('one', tx), isUniqueViolation)
      })
      await assert.rejects(failing)
      assert.deepEqual(await names(), ['one'])
      await add('three')
      assert.deepEqual(await names(), ['one', 'three'])
    })

    test('shows a transaction its own writes, and others only once it is committed', async (t) => {
      const { store, add, names } = await withNotes(t, open)
      const { promise: shown, resolve: show } = Promise.withResolvers<string[]>()
      const { promise: looked, resolve: proceed } = Promise.withResolvers<void>()
      const writing = store.transaction(async (tx) => {
        await add('one', tx)
        const rows = await tx.withTables<Tables>().selectFrom('notes').select('id').execute()
        show(rows.map((row) => row.id))
        await looked
      })
      assert.deepEqual(await shown, ['one'])
      assert.deepEqual(await names(), [])
      proceed()
      await writing
      assert.deepEqual(await names(), ['one'])
    })

    test('refuses its outer handle and a second transaction inside a transaction', async (t) => {
      const { store, add, names } = await withNotes(t, open)
      await store.transaction(async (tx) => {
        await assert.rejects(add('one'), StoreError)
        await assert.rejects(names(), StoreError)
        await assert.rejects(
          store.transaction(async () => {}),
          StoreError,
        )
        await add('two', tx)
      })
      await add('three')
      assert.deepEqual(await names(), ['three', 'two'])
    })

    test('lets code that a transaction started use the outer handle when the transaction is over', async (t) => {
      const { store, names } = await withNotes(t, open)
      const { promise: over, resolve: end } = Promise.withResolvers<void>()
      let later: Promise<string[]> | undefined
      await store.transaction(async () => {
        later = over.then(names)
      })
      end()
      assert.deepEqual(await later, [])
    })

    test('loses no update of transactions that read and then write the same row', async (t) => {
      const { store, db, add } = await withNotes(t, open)
      await add('counter')
      const increments = Array.from({ length: 60 }, () =>
        store.transaction(async (outer) => {
          const tx = outer.withTables<Tables>()
          const query = tx.selectFrom('notes').select('count').where('id', '=', 'counter')
          const { count } = await lockRows(outer, query).executeTakeFirstOrThrow()
          await tx
            .updateTable('notes')
            .set({ count: count + 1 })
            .where('id', '=', 'counter')
            .execute()
        }),
      )
      await Promise.all(increments)
      const { count } = await db.selectFrom('notes').select('count').executeTakeFirstOrThrow()
      assert.equal(count, 60)
    })

    test('gives exactly one of many parallel inserts of the same key', async (t) => {
      const { add, names } = await withNotes(t, open)
      const results = await Promise.allSettled(Array.from({ length: 50 }, () => add('same')))
      const failures = results.filter((result) => result.status === 'rejected')
      assert.equal(failures.length, 49)
      assert.ok(failures.every(({ reason }) => isUniqueViolation(reason)))
      assert.deepEqual(await names(), ['same'])
    })

    test('answers a conditional update with the number of rows it changed', async (t) => {
      const { db, add } = await withNotes(t, open)
      await add('code')
      const use = () =>
        db
          .updateTable('notes')
          .set({ time: 1 })
          .where('id', '=', 'code')
          .where('time', 'is', null)
          .executeTakeFirst()
      const results = await Promise.all(Array.from({ length: 20 }, use))
      assert.deepEqual(
        results.map((result) => Number(result.numUpdatedRows)).toSorted((a, b) => a - b),
        [...Array(19).fill(0), 1],
      )
    })

    test('names the violated rule: unique, foreign key', async (t) => {
      const { db, add } = await withNotes(t, open)
      await add('one')
      await assert.rejects(add('one'), (error) => isUniqueViolation(error) && !isForeignKeyViolation(error))
      const orphan = db
        .insertInto('notes')
        .values({ ...note, id: 'two', folder: 'nowhere' })
        .execute()
      await assert.rejects(orphan, (error) => isForeignKeyViolation(error) && !isUniqueViolation(error))
    })

    test('removes what belongs to a removed row', async (t) => {
      const { db, add, names } = await withNotes(t, open)
      await add('one')
      await db.deleteFrom('folders').where('id', '=', 'a').execute()
      assert.deepEqual(await names(), [])
    })

    test('gives values back as they were', async (t) => {
      const { db } = await withNotes(t, open)
      const data = { text: 'Ünï "quoted" \u2028', list: [1, null, true], nested: { deep: {} } }
      const time = Date.UTC(2026, 0, 1)
      const values = [
        { ...note, id: 'full', data: toJson(data), flag: toBool(true), time, count: -1 },
        { ...note, id: 'word', data: toJson('word'), flag: toBool(false), time: new Date(time) },
        { ...note, id: 'zero', data: toJson(null), flag: null, time: Number.MAX_SAFE_INTEGER },
      ]
      await db.insertInto('notes').values(values).execute()
      const rows = await db.selectFrom('notes').selectAll().orderBy('id').execute()
      const read = rows.map(({ id, data: json, flag, time: at, count }) => [
        id,
        fromJson(json),
        fromBool(flag),
        at,
        count,
      ])
      assert.deepEqual(read, [
        ['full', data, true, time, -1],
        ['word', 'word', false, time, 0],
        ['zero', null, false, Number.MAX_SAFE_INTEGER, 0],
      ])
      const { total } = await db
        .selectFrom('notes')
        .select((c) => c.fn.countAll().as('total'))
        .executeTakeFirstOrThrow()
      assert.equal(total, 3)
    })

    test('compares flags and absent values as a query writes them', async (t) => {
      const { db } = await withNotes(t, open)
      await db
        .insertInto('notes')
        .values([
          { ...note, id: 'on', flag: toBool(true) },
          { ...note, id: 'off' },
        ])
        .execute()
      const on = await db.selectFrom('notes').select('id').where('flag', '=', toBool(true)).execute()
      assert.deepEqual(on, [{ id: 'on' }])
    })

    test('refuses to bind an object instead of storing nothing', async (t) => {
      const { db, names } = await withNotes(t, open)
      const insert = db
        .insertInto('notes')
        .values({ ...note, id: 'one', data: { not: 'serialised' } })
        .execute()
      await assert.rejects(insert, TypeError)
      assert.deepEqual(await names(), [])
    })

    test('orders ids byte by byte', async (t) => {
      const { add, names } = await withNotes(t, open)
      for (const id of ['b', 'a', 'B', 'ä', '|', '_']) await add(id)
      assert.deepEqual(await names(), ['B', '_', 'a', 'b', '|', 'ä'])
    })
  })
}

const places = [
  {
    name: 'node:sqlite',
    make: async (t: TestContext) => ({ file: `${await temporaryFolder(t)}/new/store.db` }),
  },
  { name: 'PostgreSQL', make: async (t: TestContext) => ({ databaseUrl: await temporaryDatabase(t) }) },
]

for (const { name, make } of places) {
  test(`a store on ${name} is found again with its rows`, async (t) => {
    const place = await make(t)
    const first = await openStore(place)
    await first.db
      .insertInto('settings')
      .values({ id: 'x', data: toJson(1), updated_at: 1 })
      .execute()
    await first.close()
    const second = await openStore(place)
    t.after(() => second.close())
    const row = await second.db.selectFrom('settings').selectAll().where('id', '=', 'x').executeTakeFirst()
    assert.deepEqual(row, { id: 'x', data: '1', updated_at: 1 })
  })

  test(`a store on ${name} that a newer version wrote is refused with what to do`, async (t) => {
    const place = await make(t)
    const store = await openStore(place)
    const newer = { name: '9999-later', timestamp: '2099-01-01T00:00:00.000Z' }
    await store.db
      .withTables<{ kysely_migration: typeof newer }>()
      .insertInto('kysely_migration')
      .values(newer)
      .execute()
    await store.close()
    await assert.rejects(openStore(place), (error) => {
      assert.ok(error instanceof StoreError)
      assert.match(error.message, /newer version of Rolecall \(it has 9999-later\); start that version/)
      return true
    })
  })
}
