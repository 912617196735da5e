import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, it } from 'node:test'
import { findSystemApi } from '../apis/store.ts'
import { assignPermissions, assignRoles } from '../roles/assignments.ts'
import { hasOwner } from '../roles/owners.ts'
import { addPermissionsToRole, removePermissionsFromRole } from '../roles/role-permissions.ts'
import { createRole } from '../roles/roles.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { Browser } from '../testing/browser.ts'
import { startServer, type TestServer } from '../testing/server.ts'
import { findUserByEmail } from '../users/store.ts'
import { createUser, updateUser } from '../users/users.ts'
import { issueFirstOwnerLink, issueOwnerLink } from './owner-links.ts'

const password = 'a lantern on the 3rd bridge'
const hour = 3_600_000

for (const kind of stores)
  describe(`the first owner on ${kind.name}`, () => {
    it('is created with the link from the terminal, which works once', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const link = await issueFirstOwnerLink(ctx)
      assert.match(link ?? '', new RegExp(`^${issuer}setup\\?ticket=[\\w-]{43}$`))
      const browser = new Browser(issuer)
      const page = await browser.open(link ?? '')
      assert.equal(page.status, 200)
      assert.match(
        page.headers.get('content-security-policy') ?? '',
        /default-src 'none'.*frame-ancestors 'none'/,
      )
      assert.equal(page.headers.get('referrer-policy'), 'no-referrer')

      const done = await browser.submit(page, { email: 'Owner@Example.com', password })
      assert.equal(new URL(done.url).pathname, '/dashboard/')
      assert.equal(await hasOwner(ctx.store.db), true)
      const again = await browser.submit(page, { email: 'second@example.com', password })
      assert.equal(again.status, 410)
      assert.equal((await browser.open(link ?? '')).status, 410)
      assert.equal(await issueFirstOwnerLink(ctx), undefined)
      const { db } = ctx.store
      assert.equal(
        await findUserByEmail(db, 'Username-Password-Authentication', 'second@example.com'),
        undefined,
      )
    })

    it('is logged in by that browser, and the log-in counts as one', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const { db } = ctx.store
      const browser = new Browser(issuer)
      const page = await browser.open((await issueFirstOwnerLink(ctx)) ?? '')
      const logIn = async () => {
        const response = await fetch(`${issuer}dashboard/config.json`)
        const { client_id } = (await response.json()) as { client_id: string }
        const query = new URLSearchParams({
          client_id,
          redirect_uri: `${issuer}dashboard/callback`,
          response_type: 'code',
          scope: 'openid',
          prompt: 'none',
          code_challenge: 'a'.repeat(43),
          code_challenge_method: 'S256',
        })
        return new URL((await browser.open(`/authorize?${query}`)).url).searchParams
      }
      assert.equal((await logIn()).get('error'), 'login_required')
      await browser.submit(page, { email: 'owner@example.com', password })
      assert.match((await logIn()).get('code') ?? '', /./)
      const owner = await findUserByEmail(db, 'Username-Password-Authentication', 'owner@example.com')
      assert.equal(owner?.loginsCount, 1)
      const sessions = await db
        .selectFrom('artifacts')
        .select('user_id')
        .where('kind', '=', 'Session')
        .execute()
      assert.deepEqual(sessions, [{ user_id: owner.userId }])
      const logIns = await db.selectFrom('logs').select('type').where('type', '=', 's').execute()
      assert.equal(logIns.length, 1)
    })

    it('leaves the tokens of a user valid with whose browser another owner is created', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const { db } = ctx.store
      const browser = new Browser(issuer)
      for (const email of ['first@example.com', 'second@example.com'])
        await browser.submit(await browser.open(await issueOwnerLink(ctx)), { email, password })
      const sessions = await db
        .selectFrom('artifacts')
        .select('user_id')
        .where('kind', '=', 'Session')
        .execute()
      const second = await findUserByEmail(db, 'Username-Password-Authentication', 'second@example.com')
      assert.deepEqual(sessions, [{ user_id: second?.userId }])
      const marks = await db.selectFrom('marks').selectAll().where('reason', '=', 'session').execute()
      assert.deepEqual(marks, [])
    })

    it('is missed by the dashboard, which says where the link is', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const browser = new Browser(issuer)
      for (const path of ['/dashboard', '/dashboard/']) {
        const missing = await browser.open(path)
        assert.equal(missing.status, 200)
        assert.match(missing.text, /<h1>No owner yet<\/h1>/)
        assert.match(missing.text, /npm run server -- owner-link/)
      }
      const page = await browser.open((await issueFirstOwnerLink(ctx)) ?? '')
      const done = await browser.submit(page, { email: 'owner@example.com', password })
      assert.doesNotMatch(done.text, /No owner yet/)
    })

    it('is one, however many links and browsers there are at the same time', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const links = await Promise.all(Array.from({ length: 4 }, () => issueFirstOwnerLink(ctx)))
      const outcomes = await Promise.all(
        links.map(async (link, index) => {
          const browser = new Browser(issuer)
          const page = await browser.open(link ?? '')
          return (await browser.submit(page, { email: `owner-${index}@example.com`, password })).status
        }),
      )
      assert.equal(outcomes.filter((status) => status === 410).length, 3, outcomes.join())
      const owners = await ctx.store.db.selectFrom('user_roles').select('user_id').execute()
      assert.equal(owners.length, 1)
      const users = await ctx.store.db.selectFrom('users').select('user_id').execute()
      assert.equal(users.length, 1)
    })

    it('cannot be made a day later', async (t) => {
      let now = Date.now()
      const { ctx, issuer } = await startServer(t, kind, { clock: () => now })
      const link = await issueFirstOwnerLink(ctx)
      const browser = new Browser(issuer)
      now += 24 * hour - 1
      const page = await browser.open(link ?? '')
      assert.equal(page.status, 200)
      now += 1
      assert.equal((await browser.submit(page, { email: 'owner@example.com', password })).status, 410)
      assert.equal(await hasOwner(ctx.store.db), false)
    })

    it('keeps the link good when what was typed is refused', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const browser = new Browser(issuer)
      const page = await browser.open((await issueFirstOwnerLink(ctx)) ?? '')
      const weak = await browser.submit(page, { email: 'owner@example.com', password: 'short' })
      assert.equal(weak.status, 400)
      assert.match(weak.text, /keeps the rules below/)
      assert.match(weak.text, /value="owner@example.com"/)
      const noAddress = await browser.submit(weak, { email: 'nobody', password })
      assert.equal(noAddress.status, 400)
      const done = await browser.submit(noAddress, { email: 'owner@example.com', password })
      assert.equal(new URL(done.url).pathname, '/dashboard/')
    })
  })

for (const kind of stores)
  describe(`an owner on ${kind.name}`, () => {
    /** Holds every management scope through a role that is not the owner role. */
    const addAdministrator = ({ ctx }: TestServer) =>
      transaction(ctx, async (tx) => {
        const api = await findSystemApi(tx.db)
        const refs = api?.permissions.map(({ value }) => ({ api: api.identifier, permission: value })) ?? []
        const role = await createRole(tx, { name: 'administrators' })
        await addPermissionsToRole(tx, role.id, refs)
        const user = await createUser(tx, {
          connection: 'Username-Password-Authentication',
          email: 'administrator@example.com',
        })
        await assignRoles(tx, user.userId, [role.id])
        return { ...user, roleId: role.id, scopes: refs }
      })

    it('is a user who holds every management scope, through any role: then there is no link, and none works', async (t) => {
      const server = await startServer(t, kind)
      const link = (await issueFirstOwnerLink(server.ctx)) ?? ''
      const page = await new Browser(server.issuer).open(link)
      assert.equal(page.status, 200)
      await addAdministrator(server)
      assert.equal(await issueFirstOwnerLink(server.ctx), undefined)
      const browser = new Browser(server.issuer)
      assert.equal((await browser.open(link)).status, 410)
      const owner = { email: 'owner@example.com', password }
      assert.equal((await new Browser(server.issuer).submit(page, owner)).status, 410)
    })

    it('is not a user who is blocked or lacks a scope', async (t) => {
      const server = await startServer(t, kind)
      const { ctx } = server
      const { userId, roleId, scopes } = await addAdministrator(server)
      await transaction(ctx, (tx) => updateUser(tx, userId, { blocked: true }))
      assert.ok(await issueFirstOwnerLink(ctx))
      await transaction(ctx, (tx) => updateUser(tx, userId, { blocked: false }))
      assert.equal(await issueFirstOwnerLink(ctx), undefined)
      await transaction(ctx, (tx) => removePermissionsFromRole(tx, roleId, scopes.slice(0, 1)))
      assert.ok(await issueFirstOwnerLink(ctx))
      await transaction(ctx, (tx) => assignPermissions(tx, userId, scopes.slice(0, 1)))
      assert.equal(await issueFirstOwnerLink(ctx), undefined)
    })

    it('gets a new link at the start when the only one with the owner role is blocked', async (t) => {
      const server = await startServer(t, kind)
      const { ctx } = server
      const { ownerRole } = await ensureSystemObjects(ctx)
      const { userId } = await addAdministrator(server)
      await transaction(ctx, async (tx) => {
        await assignRoles(tx, userId, [ownerRole.id])
        await updateUser(tx, userId, { blocked: true })
      })
      const browser = new Browser(server.issuer)
      const page = await browser.open((await issueFirstOwnerLink(ctx)) ?? '')
      const done = await browser.submit(page, { email: 'owner@example.com', password })
      assert.equal(new URL(done.url).pathname, '/dashboard/')
      assert.equal(await issueFirstOwnerLink(ctx), undefined)
    })
  })

for (const kind of stores)
  describe(`the set-up page on ${kind.name}`, () => {
    it('takes no form from elsewhere, nor a guessed ticket', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const link = await issueFirstOwnerLink(ctx)
      const ticket = new URL(link ?? '').searchParams.get('ticket') ?? ''
      const stranger = new Browser(issuer)
      const forged = await stranger.open('/setup', {
        method: 'POST',
        body: new URLSearchParams({ ticket, email: 'evil@example.com', password }),
        headers: { origin: 'https://evil.example.com', 'sec-fetch-site': 'cross-site' },
      })
      assert.equal(forged.status, 403)
      for (const guess of ['', 'x', 'A'.repeat(43), '../setup'])
        assert.equal((await stranger.open(`/setup?ticket=${guess}`)).status, 410, guess)
      assert.equal((await stranger.open('/setup?ticket=%00')).status, 400)
      assert.equal(await hasOwner(ctx.store.db), false)
    })

    it('is not opened by a ticket of another kind', async (t) => {
      const { ctx, issuer } = await startServer(t, kind)
      const link = (await issueFirstOwnerLink(ctx)) ?? ''
      const rows = await ctx.store.db.selectFrom('tickets').selectAll().execute()
      assert.equal(rows.length, 1)
      assert.ok(!JSON.stringify(rows).includes(new URL(link).searchParams.get('ticket') ?? ''))
      assert.equal((await new Browser(issuer).open(link)).status, 200)
      await ctx.store.db.updateTable('tickets').set({ purpose: 'reset_password' }).execute()
      assert.equal((await new Browser(issuer).open(link)).status, 410)
    })
  })

for (const kind of stores)
  describe(`a call to an API from the dashboard on ${kind.name}`, () => {
    it('goes to this computer alone, follows nothing, and needs the right to change APIs', async (t) => {
      const { startManagement } = await import('../management/testing.ts')
      const server = await startManagement(t, kind)
      const api = createServer((request, response) => {
        if (request.url === '/elsewhere') response.writeHead(302, { location: 'https://example.com/' }).end()
        else response.writeHead(403).end(JSON.stringify({ saw: request.headers.authorization }))
      }).listen(0, '127.0.0.1')
      t.after(() => void api.close())
      await once(api, 'listening')
      const address = api.address()
      const port = typeof address === 'object' ? address?.port : undefined
      const call = (url: string, as?: string) =>
        server.call('POST', '/rolecall/call', { url, access_token: 'abc' }, as)

      const answer = await call(`http://127.0.0.1:${port}/`)
      assert.deepEqual(answer.body, { status: 403, body: '{"saw":"Bearer abc"}' })
      assert.equal((await call(`http://127.0.0.1:${port}/elsewhere`)).body['status'], 302)
      for (const url of [
        'https://example.com/',
        'http://169.254.169.254/latest/meta-data',
        'http://localhost.example.com/',
        'http://localhost@example.com/',
        'http://0x7f000001.example/',
        'file:///etc/passwd',
        'http://localhost:5050/api/v2/users',
      ])
        assert.equal((await call(url)).body['errorCode'], 'operation_not_supported', url)
      assert.equal((await call('http://127.0.0.1:1/')).body['errorCode'], 'unreachable')
      const reader = await server.token(`${server.clientId}@clients`, ['read:resource_servers'])
      assert.equal((await call(`http://127.0.0.1:${port}/`, reader)).status, 403)
    })
  })
