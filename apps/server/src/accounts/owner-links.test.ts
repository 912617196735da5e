import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { disableApplication, findConnection } from '../connections/store.ts'
import { assignRoles } from '../roles/assignments.ts'
import { effectivePermissions } from '../roles/effective-permissions.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { Browser } from '../testing/browser.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { findUserByEmail } from '../users/store.ts'
import { createUser, updateUser } from '../users/users.ts'
import { issueFirstOwnerLink, issueOwnerLink } from './owner-links.ts'

const password = 'a lantern on the 3rd bridge'
const connection = 'Username-Password-Authentication'
const hour = 3_600_000

for (const kind of stores)
  describe(`a link of the command owner-link on ${kind.name}`, () => {
    const newOwner = async ({ ctx }: TestServer, email: string) => {
      const { managementApi, ownerRole } = await ensureSystemObjects(ctx)
      const user = await transaction(ctx, (tx) => createUser(tx, { connection, email }))
      await transaction(ctx, (tx) => assignRoles(tx, user.userId, [ownerRole.id]))
      return { ...user, all: managementApi.permissions.length, apiId: managementApi.id }
    }
    const submit = async ({ issuer }: TestServer, link: string, email: string) => {
      const browser = new Browser(issuer)
      const page = await browser.open(link)
      assert.equal(page.status, 200)
      assert.match(page.text, /Make an owner/)
      return browser.submit(page, { email, password })
    }
    const descriptions = async ({ ctx }: TestServer) =>
      (await ctx.store.db.selectFrom('logs').select(['type', 'description', 'user_id']).execute()).map(
        ({ type, description, user_id }) => [type, description, user_id],
      )

    it('restores the only owner, who is blocked and forgot the password', async (t) => {
      const server = await startServer(t, kind)
      const owner = await newOwner(server, 'owner@example.com')
      await transaction(server.ctx, (tx) => updateUser(tx, owner.userId, { blocked: true }))
      const done = await submit(server, await issueOwnerLink(server.ctx), 'Owner@Example.com')
      assert.equal(new URL(done.url).pathname, '/dashboard/')
      const { db } = server.ctx.store
      const after = await findUserByEmail(db, connection, 'owner@example.com')
      assert.deepEqual([after?.userId, after?.blocked, after?.emailVerified], [owner.userId, false, true])
      assert.ok(after?.lastPasswordReset)
      assert.deepEqual(await descriptions(server), [
        ['sapi', 'A link that makes an owner was issued on the command line of the server', null],
        ['scp', 'An account was made an owner with a link from the command line of the server', owner.userId],
        ['s', 'Logged in', owner.userId],
      ])
    })

    it('makes an owner of a new account, and of one that was none, where there are owners', async (t) => {
      const server = await startServer(t, kind)
      const { all, apiId } = await newOwner(server, 'owner@example.com')
      const { db } = server.ctx.store
      await transaction(server.ctx, (tx) => createUser(tx, { connection, email: 'plain@example.com' }))
      for (const email of ['new@example.com', 'plain@example.com']) {
        const done = await submit(server, await issueOwnerLink(server.ctx), email)
        assert.equal(new URL(done.url).pathname, '/dashboard/')
        const user = await findUserByEmail(db, connection, email)
        assert.equal((await effectivePermissions(db, user?.userId ?? '', apiId)).length, all)
      }
    })

    it('lets its owner log in where the dashboard had no connection left', async (t) => {
      const server = await startServer(t, kind)
      const { dashboard } = await ensureSystemObjects(server.ctx)
      const { db } = server.ctx.store
      const found = await findConnection(db, connection)
      assert.ok(found)
      await disableApplication(db, found.id, dashboard.clientId)
      await submit(server, await issueOwnerLink(server.ctx), 'owner@example.com')
      const links = await db
        .selectFrom('connection_applications')
        .select('connection_id')
        .where('client_id', '=', dashboard.clientId)
        .execute()
      assert.deepEqual(links, [{ connection_id: found.id }])
    })

    it('works once, within an hour, and ends all other links for owners', async (t) => {
      let now = Date.now()
      const server = await startServer(t, kind, { clock: () => now })
      const first = (await issueFirstOwnerLink(server.ctx)) ?? ''
      const links = await Promise.all(Array.from({ length: 3 }, () => issueOwnerLink(server.ctx)))
      const statuses = await Promise.all(
        links.map(async (link, index) => {
          const browser = new Browser(server.issuer)
          const page = await browser.open(link)
          return (await browser.submit(page, { email: `owner-${index}@example.com`, password })).status
        }),
      )
      assert.equal(statuses.filter((status) => status === 410).length, 2, statuses.join())
      const browser = new Browser(server.issuer)
      for (const link of [first, ...links]) assert.equal((await browser.open(link)).status, 410)

      const expiring = await issueOwnerLink(server.ctx)
      now += hour
      assert.equal((await browser.open(expiring)).status, 410)
    })
  })
