import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hashOfNothing, hashPassword } from '../crypto/argon2.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { findPasswordHash, putImportedHash } from '../users/store.ts'
import { createUser } from '../users/users.ts'
import { replacePassword } from './passwords.ts'
import { signIn } from './sign-in.ts'
import { standInHash } from './stand-in.ts'
import { type Fixture, openFixture } from './testing.ts'

/** bcrypt of `hello`, from Auth0's documentation. */
const recipe = { algorithm: 'bcrypt', salt: '$2b$10$nFguVi9LsCAcvTZFKQlRKe' }
const imported = {
  hash: JSON.stringify({
    recipe,
    outcome: Buffer.from('LVydo8ETv483lkNsSFI/Wl1Rz1Ypo1K').toString('base64'),
  }),
  scheme: 'bcrypt 10',
}

for (const kind of stores)
  describe(`imported passwords on ${kind.name}`, () => {
    async function addUser({ ctx, connection }: Fixture, email: string) {
      const { hash, scheme } = imported
      return transaction(ctx, (tx) =>
        createUser(tx, {
          connection: connection.name,
          email,
          passwordHash: hash,
          passwordScheme: scheme,
        }),
      )
    }
    const attempt = ({ ctx, connection }: Fixture, identifier: string, password: string) =>
      signIn(ctx, { connection, identifier, password, ip: '192.0.2.1' })
    const rowOf = ({ ctx }: Fixture, userId: string) =>
      ctx.store.db.selectFrom('passwords').selectAll().where('user_id', '=', userId).executeTakeFirst()

    it('become argon2id at the first log-in, and stay as they are after a wrong password', async (t) => {
      const fixture = await openFixture(t, kind)
      const { userId } = await addUser(fixture, 'ada@example.com')
      assert.deepEqual(await attempt(fixture, 'ada@example.com', 'Hello'), { refused: 'wrong' })
      assert.equal((await rowOf(fixture, userId))?.hash, imported.hash)
      assert.ok('user' in (await attempt(fixture, 'ada@example.com', 'hello')))
      const renewed = await rowOf(fixture, userId)
      assert.match(renewed?.hash ?? '', /^\$argon2id\$v=19\$m=19456,t=2,p=1\$/)
      assert.equal(renewed?.scheme, null)
      assert.ok('user' in (await attempt(fixture, 'ada@example.com', 'hello')))
      assert.equal((await rowOf(fixture, userId))?.hash, renewed.hash)
      assert.ok(!(await fixture.logText()).includes('nFguVi9LsCAcvTZFKQlRKe'))
    })

    it('do not overwrite a password that is changed while the old one is checked', async (t) => {
      const fixture = await openFixture(t, kind)
      const user = await addUser(fixture, 'ada@example.com')
      const chosen = await hashPassword('another password')
      const { store } = fixture.ctx
      await Promise.all([
        attempt(fixture, 'ada@example.com', 'hello'),
        transaction(fixture.ctx, (tx) => replacePassword(tx, user, chosen)),
      ])
      assert.equal(await findPasswordHash(store.db, user.userId), chosen)
    })

    it('are replaced by a second import only until their user has a password of this server', async (t) => {
      const fixture = await openFixture(t, kind)
      const { store, clock } = fixture.ctx
      const user = await addUser(fixture, 'ada@example.com')
      const other = { hash: imported.hash.replace('$2b$10', '$2b$11'), scheme: 'bcrypt 11' }
      await putImportedHash(store.db, user.userId, other, clock())
      assert.equal((await rowOf(fixture, user.userId))?.scheme, 'bcrypt 11')
      const chosen = await hashPassword('another password')
      await transaction(fixture.ctx, (tx) => replacePassword(tx, user, chosen))
      await putImportedHash(store.db, user.userId, imported, clock())
      assert.equal((await rowOf(fixture, user.userId))?.hash, chosen)
    })

    it('are as frequent among the hashes that stand in for unknown accounts as among users', async (t) => {
      const fixture = await openFixture(t, kind)
      const { ctx, connection } = fixture
      const standIn = (name: string, at = connection.name) => standInHash(ctx, at, `${name}@example.com`)
      assert.equal(await standIn('unknown'), hashOfNothing)
      for (const name of ['a', 'b', 'c']) await addUser(fixture, `${name}@example.com`)
      const passwordHash = await hashPassword('a password')
      await transaction(ctx, (tx) =>
        createUser(tx, { connection: connection.name, email: 'd@example.com', passwordHash }),
      )
      fixture.pass(300)
      const chosen = await Promise.all(Array.from({ length: 400 }, (_, index) => standIn(`user${index}`)))
      const share = chosen.filter((hash) => hash === imported.hash).length / chosen.length
      assert.ok(share > 0.65 && share < 0.85, String(share))
      assert.equal(await standIn('user7'), chosen[7])
      assert.equal(await standIn('user7', 'another connection'), hashOfNothing)
      // It lets no password in, not even the one it was made of.
      const stranger = chosen.findIndex((hash) => hash === imported.hash)
      assert.deepEqual(await attempt(fixture, `user${stranger}@example.com`, 'hello'), { refused: 'wrong' })
    })
  })
