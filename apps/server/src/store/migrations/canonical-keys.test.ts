import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import type { Kysely } from 'kysely'
import { clashWarning } from '../../dashboard/clash-routes.ts'
import { deleteRole, updateRole } from '../../roles/roles.ts'
import { listRoleClashes } from '../../roles/store.ts'
import { findUsersByEmail, listUserClashes } from '../../users/lists.ts'
import { findUserByEmail } from '../../users/store.ts'
import { createUser, deleteUser, updateUser } from '../../users/users.ts'
import { isUniqueViolation } from '../constraints.ts'
import { stores } from '../testing.ts'
import { transaction } from '../transaction.ts'
import { toBool, toJson } from '../values.ts'
import * as initial from './0001-initial.ts'
import { upgradedStore } from './testing.ts'

const nfc = 'josé@example.com'
const nfd = 'jose\u0301@example.com'
const connection = 'people'

/** Rows as the first version wrote them: keys are in lower case and nothing else. */
function oldUser(userId: string, email: string, given: { username?: string; name?: string } = {}) {
  const { username = null, name = email } = given
  return {
    user_id: userId,
    connection,
    email,
    email_key: email,
    email_verified: toBool(true),
    username,
    name,
    name_key: name.toLowerCase(),
    nickname: 'n',
    nickname_key: 'n',
    picture: '',
    given_name: null,
    given_name_key: null,
    family_name: null,
    family_name_key: null,
    phone_number: null,
    blocked: toBool(false),
    user_metadata: toJson({}),
    app_metadata: toJson({}),
    last_login: null,
    last_ip: null,
    last_password_reset: null,
    logins_count: 0,
    created_at: Number(userId.replaceAll(/\D/g, '')),
    updated_at: 0,
  }
}

function oldRole(id: string, name: string) {
  const at = Number(id.replaceAll(/\D/g, ''))
  return {
    id,
    name,
    name_key: name.toLowerCase(),
    description: '',
    is_system: toBool(false),
    created_at: at,
    updated_at: at,
  }
}

type OldTables = {
  users: ReturnType<typeof oldUser>
  roles: ReturnType<typeof oldRole>
}

const upgraded = (
  t: TestContext,
  kind: (typeof stores)[number],
  fill: (db: Kysely<OldTables>) => Promise<void>,
) => upgradedStore(t, kind, { '0001-initial': initial }, (db) => fill(db.withTables<OldTables>()))

for (const kind of stores)
  describe(`a store of the first version on ${kind.name}`, { timeout: 120_000 }, () => {
    test('finds every user by any spelling of the address after the upgrade', async (t) => {
      const { db } = await upgraded(t, kind, async (old) => {
        await old
          .insertInto('users')
          .values([
            oldUser('auth0|1', nfd, { name: 'Jose\u0301  Garci\u0301a' }),
            oldUser('auth0|2', 'a@xn--bcher-kva.example'),
            oldUser('auth0|3', 'plain@example.com', { username: 'Plain' }),
          ])
          .execute()
      })
      for (const spelling of [nfc, nfd, nfc.toUpperCase()])
        assert.equal((await findUserByEmail(db, connection, spelling))?.userId, 'auth0|1')
      assert.equal((await findUserByEmail(db, connection, 'a@bücher.example'))?.userId, 'auth0|2')
      const rows = await db
        .selectFrom('users')
        .select(['name_key', 'username_key', 'email'])
        .orderBy('user_id')
        .execute()
      assert.deepEqual(
        rows.map(({ name_key, username_key, email }) => [name_key, username_key, email]),
        [
          ['josé garcía', null, nfd],
          ['a@xn--bcher-kva.example', null, 'a@xn--bcher-kva.example'],
          ['plain@example.com', 'plain', 'plain@example.com'],
        ],
      )
      assert.deepEqual(await listUserClashes(db, 10), [])
      assert.equal(await clashWarning(db), undefined)
    })

    test('keeps users whose addresses clash, prefers the exact spelling and refuses a third', async (t) => {
      const { db, ctx } = await upgraded(t, kind, async (old) => {
        await old
          .insertInto('users')
          .values([
            oldUser('auth0|1', nfd),
            oldUser('auth0|2', nfc),
            oldUser('auth0|3', 'a@bücher.example', { username: 'Ada' }),
            oldUser('auth0|4', 'a@xn--bcher-kva.example', { username: 'ada ' }),
          ])
          .execute()
      })
      const found = async (email: string) => (await findUserByEmail(db, connection, email))?.userId
      assert.deepEqual(
        [await found(nfd), await found(nfc), await found('JOSE\u0301@example.com')],
        ['auth0|1', 'auth0|2', 'auth0|1'],
      )
      assert.deepEqual(
        [await found('a@bücher.example'), await found('a@xn--bcher-kva.example')],
        ['auth0|3', 'auth0|4'],
      )
      assert.deepEqual(
        (await findUsersByEmail(db, nfc)).map(({ userId }) => userId),
        ['auth0|1', 'auth0|2'],
      )
      assert.deepEqual(
        (await listUserClashes(db, 10)).map(({ property, user, holder }) => [
          property,
          user.userId,
          holder.userId,
        ]),
        [
          ['email', 'auth0|1', 'auth0|2'],
          ['email', 'auth0|4', 'auth0|3'],
          ['username', 'auth0|4', 'auth0|3'],
        ],
      )
      assert.match((await clashWarning(db)) ?? '', /^[^\n]*: 3 of users, 0 of roles\.[^\n]*$/)
      for (const email of [nfc, nfd])
        await assert.rejects(
          transaction(ctx, (tx) => createUser(tx, { connection, email })),
          { statusCode: 409 },
        )
      await assert.rejects(
        transaction(ctx, (tx) => createUser(tx, { connection, email: 'b@example.com', username: 'ADA' })),
        {
          statusCode: 409,
        },
      )
    })

    test('lets a clash be changed otherwise, and gives the name to the other when one of them goes', async (t) => {
      const { db, ctx } = await upgraded(t, kind, async (old) => {
        await old
          .insertInto('users')
          .values([oldUser('auth0|1', nfd), oldUser('auth0|2', nfc)])
          .execute()
      })
      await transaction(ctx, (tx) => updateUser(tx, 'auth0|1', { name: 'Renamed', email: nfd }))
      assert.equal((await listUserClashes(db, 10)).length, 1)
      await assert.rejects(
        transaction(ctx, (tx) => updateUser(tx, 'auth0|1', { email: nfc })),
        { statusCode: 400 },
      )
      await transaction(ctx, (tx) => deleteUser(tx, 'auth0|2'))
      assert.deepEqual(await listUserClashes(db, 10), [])
      assert.equal((await findUserByEmail(db, connection, nfc))?.userId, 'auth0|1')
      await assert.rejects(
        transaction(ctx, (tx) => createUser(tx, { connection, email: nfc })),
        { statusCode: 409 },
      )
      await transaction(ctx, (tx) => updateUser(tx, 'auth0|1', { email: 'other@example.com' }))
      await transaction(ctx, (tx) => createUser(tx, { connection, email: nfc }))
    })

    test('keeps roles whose names clash, until one is renamed or deleted', async (t) => {
      const { db, ctx } = await upgraded(t, kind, async (old) => {
        await old
          .insertInto('roles')
          .values([
            oldRole('rol_1', 'Editors '),
            oldRole('rol_2', 'Editors'),
            oldRole('rol_3', 'Re\u0301sume\u0301'),
            oldRole('rol_4', 'Re\u0301sume\u0301  '),
          ])
          .execute()
      })
      const clashes = async () =>
        (await listRoleClashes(db, 10)).map(({ role, holder }) => [role.id, holder.id])
      assert.deepEqual(await clashes(), [
        ['rol_1', 'rol_2'],
        ['rol_4', 'rol_3'],
      ])
      await transaction(ctx, (tx) => updateRole(tx, 'rol_1', { description: 'Still here' }))
      await assert.rejects(
        transaction(ctx, (tx) => updateRole(tx, 'rol_4', { name: 'EDITORS' })),
        { statusCode: 409 },
      )
      await transaction(ctx, (tx) => updateRole(tx, 'rol_2', { name: 'Authors' }))
      await transaction(ctx, (tx) => deleteRole(tx, 'rol_3'))
      assert.deepEqual(await clashes(), [])
      await assert.rejects(
        transaction(ctx, (tx) => updateRole(tx, 'rol_2', { name: 'editors' })),
        { statusCode: 409 },
      )
    })

    test('takes thousands of users in batches, and clashes in one batch and across batches', async (t) => {
      const count = 2_500
      const { db } = await upgraded(t, kind, async (old) => {
        const users = Array.from({ length: count }, (_, n) => {
          // Each address is there twice: neighbours in the first thousand, far apart in the rest.
          const of = n < 1_000 ? n >> 1 : n % 750
          const spelling = n < 1_000 ? n % 2 : Math.floor(n / 750)
          return oldUser(
            `auth0|${n + 1}`,
            [`u\u0308${of}-${n < 1_000}@x.test`, `ü${of}-${n < 1_000}@x.test`][spelling % 2] ?? '',
          )
        })
        const once = [...new Map(users.map((user) => [user.email, user])).values()]
        for (let at = 0; at < once.length; at += 500)
          await old
            .insertInto('users')
            .values(once.slice(at, at + 500))
            .execute()
      })
      const rows = await db.selectFrom('users').select(['email', 'email_key', 'email_clash']).execute()
      for (const { email, email_key, email_clash } of rows) {
        const canonical = email.normalize('NFC')
        assert.ok(email_key === canonical ? email_clash === null : email_clash === canonical, email)
      }
      const keys = new Set(rows.map(({ email_key }) => email_key))
      for (const { email } of rows) assert.ok(keys.has(email.normalize('NFC')))
    })

    test('the unique index refuses a canonical key that is taken, whatever the code above it does', async (t) => {
      const { ctx, db } = await upgraded(t, kind, async () => {})
      const { userId } = await transaction(ctx, (tx) =>
        createUser(tx, { connection, email: nfd, username: 'Ada' }),
      )
      const row = await db
        .selectFrom('users')
        .selectAll()
        .where('user_id', '=', userId)
        .executeTakeFirstOrThrow()
      assert.deepEqual([row.email, row.email_key, row.username_key], [nfd, nfc, 'ada'])
      const { search_id: _, ...copied } = row
      const again = { ...copied, user_id: 'auth0|again' }
      await assert.rejects(
        db
          .insertInto('users')
          .values({ ...again, username_key: null })
          .execute(),
        (cause) => isUniqueViolation(cause, 'email_key'),
      )
      await assert.rejects(
        db
          .insertInto('users')
          .values({ ...again, email_key: 'free' })
          .execute(),
        (cause) => isUniqueViolation(cause, 'username_key') && !isUniqueViolation(cause, 'email_key'),
      )
    })
  })
