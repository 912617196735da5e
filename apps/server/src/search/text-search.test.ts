import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { sql } from 'kysely'
import * as initial from '../store/migrations/0001-initial.ts'
import * as securityAndInputs from '../store/migrations/0002-security-and-inputs.ts'
import { upgradedStore } from '../store/migrations/testing.ts'
import { openStore } from '../store/open-store.ts'
import type { Db } from '../store/store.ts'
import { stores, temporaryDatabase } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { listUsers } from '../users/lists.ts'
import { createUser, deleteUser, updateUser } from '../users/users.ts'
import { hasTextIndex } from './text-search.ts'

const people = [
  { userId: 'auth0|Ab12', email: 'ada.lovelace@alpha.test', name: 'Ada  Lovelace', username: 'Countess' },
  { userId: 'auth0|b2', email: 'grace@bücher.example', name: 'Grace Hopper', nickname: 'amazing' },
  { userId: 'auth0|c3', email: 'taro@gamma.test', name: '山田太郎' },
  { userId: 'auth0|d4', email: 'jose@gamma.test', name: 'Jose\u0301 Garci\u0301a' },
  { userId: 'auth0|e5', email: 'minsu@gamma.test', name: '김민수' },
  { userId: 'auth0|f6', email: 'layla@gamma.test', name: 'ليلى حداد' },
  { userId: 'auth0|g7', email: 'signs@gamma.test', name: '100%_\\ "x" *' },
]

/** The beginnings of the addresses that a term finds. */
const cases: [term: string, found: string[]][] = [
  ['velac', ['ada.lovelace']],
  ['LOVELACE ada', ['ada.lovelace']],
  ['ada  lovelace', ['ada.lovelace']],
  ['ada l', ['ada.lovelace']],
  ['ada grace', []],
  ['ountes', ['ada.lovelace']],
  ['AB12', ['ada.lovelace']],
  ['auth0|b2', ['grace']],
  ['BÜCHER', ['grace']],
  ['e@bücher.ex', ['grace']],
  ['mazin', ['grace']],
  ['gr', ['grace']],
  ['ho', ['grace']],
  ['ra', []],
  ['g', ['grace']],
  ['s', ['signs']],
  ['田太', ['taro']],
  ['太郎', ['taro']],
  ['田太郎', ['taro']],
  ['山', ['taro']],
  ['田', []],
  ['민수', ['minsu']],
  ['garcía', ['jose']],
  ['josé g', ['jose']],
  ['حداد', ['layla']],
  ['100%', ['signs']],
  ['%_\\', ['signs']],
  ['"x"', ['signs']],
  ['___', []],
  ['%%%', []],
  ['"', []],
  ['1', ['signs']],
  ['*', []],
  ['AND OR NOT', []],
  ['gamma.test', ['taro', 'jose', 'minsu', 'layla', 'signs']],
]

async function found(db: Db, text: string): Promise<string[]> {
  const users = await listUsers(db, { text }).slice({ offset: 0, limit: 100 })
  return users.map(({ email }) => email.split('@')[0] ?? '')
}

async function assertFindsPeople(db: Db) {
  for (const [term, expected] of cases) {
    assert.deepEqual(await found(db, term), expected, term)
    assert.equal(await listUsers(db, { text: term }).count(), expected.length, term)
    const sorted = listUsers(db, { text: term, sort: { by: 'created_at', descending: false } })
    const users = await sorted.slice({ offset: 0, limit: 100 })
    assert.deepEqual(
      users.map(({ email }) => email.split('@')[0]),
      expected,
      term,
    )
  }
}

for (const kind of stores)
  describe(`a search for text on ${kind.name}`, { timeout: 120_000 }, () => {
    const fill = async (store: Awaited<ReturnType<typeof kind.open>>) => {
      let now = 0
      const ctx = { store, clock: () => ++now }
      for (const person of people)
        await transaction(ctx, (tx) => createUser(tx, { ...person, connection: 'people' }))
      return ctx
    }

    test('finds parts of three characters, beginnings of one and two, and East Asian words of two', async (t) => {
      const store = await kind.open(t)
      await fill(store)
      await assertFindsPeople(store.db)
    })

    test('follows each change of a user', async (t) => {
      const store = await kind.open(t)
      const ctx = await fill(store)
      await transaction(ctx, (tx) => updateUser(tx, 'auth0|b2', { name: 'Rear Admiral' }))
      assert.deepEqual(await found(store.db, 'hopper'), [])
      assert.deepEqual(await found(store.db, 'admir'), ['grace'])
      await transaction(ctx, (tx) => deleteUser(tx, 'auth0|g7'))
      assert.deepEqual(await found(store.db, '100%'), [])
      await transaction(ctx, (tx) =>
        createUser(tx, { email: 'new@x.test', name: 'Novel', connection: 'people' }),
      )
      assert.deepEqual(await found(store.db, 'novel'), ['new'])
      assert.deepEqual(await found(store.db, '100%'), [])
      await assert.rejects(
        transaction(ctx, async (tx) => {
          await updateUser(tx, 'auth0|c3', { name: 'Undone' })
          throw new Error('no')
        }),
      )
      assert.deepEqual(await found(store.db, 'undone'), [])
      assert.deepEqual(await found(store.db, '太郎'), ['taro'])
    })

    test('pages by checkpoint without a gap or a repeat', async (t) => {
      const store = await kind.open(t)
      await fill(store)
      const list = listUsers(store.db, { text: 'test' })
      const seen: string[] = []
      let after: readonly (string | number)[] | undefined
      for (;;) {
        const [user] = await list.slice({ ...(after && { after }), offset: 0, limit: 1 })
        if (!user) break
        seen.push(user.userId)
        after = list.cursor(user)
      }
      assert.deepEqual(seen, ['auth0|Ab12', 'auth0|c3', 'auth0|d4', 'auth0|e5', 'auth0|f6', 'auth0|g7'])
    })

    test('finds what an earlier version wrote', async (t) => {
      const known = { '0001-initial': initial, '0002-security-and-inputs': securityAndInputs }
      const { db } = await upgradedStore(t, kind, known, async (old) => {
        for (const [at, { userId, email, name, username, nickname }] of people.entries())
          await sql`insert into users (user_id, connection, email, email_key, email_verified, username, name, name_key,
            nickname, nickname_key, picture, blocked, user_metadata, app_metadata, logins_count, created_at, updated_at)
            values (${userId}, 'people', ${email}, ${email}, true, ${username ?? null}, ${name}, ${name},
            ${nickname ?? ''}, '', '', false, '{}', '{}', 0, ${at}, 0)`.execute(old)
        await sql`insert into roles (id, name, name_key, description, is_system, created_at, updated_at)
          values ('rol_1', 'Écriture', 'écriture', '', false, 0, 0)`.execute(old)
      })
      await assertFindsPeople(db)
      const role = await db.selectFrom('roles').select('search_text').executeTakeFirst()
      assert.equal(role?.search_text, '\n\nécriture\n\nrol_1')
    })
  })

const skip = !stores.some(({ name }) => name === 'PostgreSQL')

test('PostgreSQL without pg_trgm finds beginnings, and gets the index when the extension can be created', {
  skip,
}, async (t) => {
  const databaseUrl = new URL(await temporaryDatabase(t))
  const owner = await openStore({ databaseUrl: databaseUrl.href })
  let now = 0
  for (const person of people)
    await transaction({ store: owner, clock: () => ++now }, (tx) =>
      createUser(tx, { ...person, connection: 'people' }),
    )
  await sql`drop extension pg_trgm cascade`.execute(owner.db)
  await sql`create role ${sql.id(databaseUrl.pathname.slice(1))} login`.execute(owner.db)
  await sql`grant all on all tables in schema public to ${sql.id(databaseUrl.pathname.slice(1))}`.execute(
    owner.db,
  )
  await owner.close()

  const limited = new URL(databaseUrl)
  limited.searchParams.set('user', databaseUrl.pathname.slice(1))
  const store = await openStore({ databaseUrl: limited.href })
  assert.equal(hasTextIndex(store.db), false)
  assert.deepEqual(await found(store.db, 'GRACE h'), ['grace'])
  assert.deepEqual(await found(store.db, 'ada.l'), ['ada.lovelace'])
  assert.deepEqual(await found(store.db, 'count'), ['ada.lovelace'])
  assert.deepEqual(await found(store.db, 'opper'), [])
  await store.close()

  const again = await openStore({ databaseUrl: databaseUrl.href })
  t.after(() => again.close())
  assert.equal(hasTextIndex(again.db), true)
  assert.deepEqual(await found(again.db, 'opper'), ['grace'])
})
