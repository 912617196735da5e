import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { newConnection } from '../connections/connections.ts'
import { insertConnection } from '../connections/store.ts'
import { isUniqueViolation } from '../store/constraints.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { createUser, deleteUser } from '../users/users.ts'
import { deleteIdentity, findIdentity, insertIdentity, listIdentities, touchIdentity } from './store.ts'

for (const { name, open } of stores)
  describe(`the identities of users in ${name}`, () => {
    async function start(t: Parameters<typeof open>[0]) {
      const store = await open(t)
      const first = newConnection(1, { name: 'first', strategy: 'oidc' })
      const second = newConnection(1, { name: 'second', strategy: 'oidc' })
      await insertConnection(store.db, first)
      await insertConnection(store.db, second)
      const change = { store, clock: () => 5 }
      const user = await transaction(change, (tx) =>
        createUser(tx, { connection: 'first', email: 'ada@example.com' }),
      )
      const identity = {
        connectionId: first.id,
        subject: 'Ada',
        userId: user.userId,
        profile: { name: 'Ada', groups: ['a', 'b'] },
        createdAt: 5,
      }
      await insertIdentity(store.db, identity)
      return { db: store.db, change, user, identity, first, second }
    }

    test('are found by connection and subject, to the letter', async (t) => {
      const { db, identity, first, second } = await start(t)
      assert.deepEqual(await findIdentity(db, { connectionId: first.id, subject: 'Ada' }), identity)
      for (const key of [
        { connectionId: second.id, subject: 'Ada' },
        { connectionId: first.id, subject: 'ada' },
        { connectionId: first.id, subject: 'Ada ' },
      ])
        assert.equal(await findIdentity(db, key), undefined)
    })

    test('belong to one user each', async (t) => {
      const { db, identity, second } = await start(t)
      await assert.rejects(insertIdentity(db, identity), (error) => isUniqueViolation(error))
      await insertIdentity(db, { ...identity, connectionId: second.id, createdAt: 6 })
      const listed = await listIdentities(db, identity.userId)
      assert.deepEqual(
        listed.map(({ connectionId }) => connectionId),
        [identity.connectionId, second.id],
      )
    })

    test('have the claims and the time of their last log-in', async (t) => {
      const { db, identity } = await start(t)
      await touchIdentity(db, identity, { name: 'Ada L.' }, 9)
      assert.deepEqual(await findIdentity(db, identity), {
        ...identity,
        profile: { name: 'Ada L.' },
        lastLogin: 9,
      })
    })

    test('are deleted with their user, or for this user', async (t) => {
      const { db, change, user, identity, second } = await start(t)
      assert.equal(await deleteIdentity(db, identity, 'auth0|other'), false)
      assert.equal(await deleteIdentity(db, identity, user.userId), true)
      assert.equal(await deleteIdentity(db, identity, user.userId), false)
      await insertIdentity(db, { ...identity, connectionId: second.id })
      await transaction(change, (tx) => deleteUser(tx, user.userId))
      assert.deepEqual(await listIdentities(db, user.userId), [])
    })
  })
