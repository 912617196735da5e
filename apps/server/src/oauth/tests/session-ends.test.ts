import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { replacePassword } from '../../accounts/passwords.ts'
import { hashPassword } from '../../crypto/argon2.ts'
import { stores } from '../../store/testing.ts'
import { transaction } from '../../store/transaction.ts'
import { Browser, formsOf } from '../../testing/browser.ts'
import { tutorialServer } from '../../testing/suite.ts'
import { authorizationRequest, destination, logIn, password, redeem } from '../../testing/tutorial.ts'
import type { User } from '../../users/user.ts'
import { createUser, deleteUser, updateUser } from '../../users/users.ts'

for (const store of stores) {
  describe(`A log-in that was decided before it ended on ${store.name}`, () => {
    // The clock does not advance: two passwords set in one millisecond must still differ.
    const now = Date.now()
    const server = tutorialServer(store, { clock: () => now })
    let users = 0

    async function newUser(): Promise<User> {
      const connection = 'Username-Password-Authentication'
      const passwordHash = await hashPassword(password)
      return transaction(server.ctx, (tx) =>
        createUser(tx, { connection, email: `user${++users}@example.com`, passwordHash }),
      )
    }

    /** Sends the right password, and keeps the redirect that would complete the log-in. */
    async function decide({ email }: User): Promise<{ browser: Browser; resume: string }> {
      const browser = new Browser(server.issuer)
      const page = await browser.open(authorizationRequest(server, server.clientId).url)
      const [form] = formsOf(page)
      assert.ok(form)
      const sent = await fetch(new URL(form.action, page.url), {
        method: 'POST',
        redirect: 'manual',
        body: new URLSearchParams({ ...form.fields, email, password }),
        headers: {
          origin: new URL(server.issuer).origin,
          cookie: browser.cookies.map(({ name, value }) => `${name}=${value}`).join('; '),
        },
      })
      assert.equal(sent.status, 303)
      return { browser, resume: sent.headers.get('location') ?? '' }
    }

    async function setPassword(user: User): Promise<void> {
      const hash = await hashPassword('another long and unusual sentence')
      await transaction(server.ctx, (tx) => replacePassword(tx, user, hash))
    }

    const sessionsOf = ({ userId }: User) =>
      server.ctx.store.db
        .selectFrom('artifacts')
        .select('kind')
        .where('user_id', '=', userId)
        .where('kind', '=', 'Session')
        .execute()

    const ends: Record<string, (user: User) => Promise<unknown>> = {
      'a new password': setPassword,
      'a block': ({ userId }) => transaction(server.ctx, (tx) => updateUser(tx, userId, { blocked: true })),
      'the deletion of the user': ({ userId }) => transaction(server.ctx, (tx) => deleteUser(tx, userId)),
    }
    for (const [name, end] of Object.entries(ends))
      test(`leaves no session after ${name}, and the application is told login_required`, async () => {
        const user = await newUser()
        const { browser, resume } = await decide(user)
        await end(user)
        const page = await browser.open(resume)
        const answer = destination(page).searchParams
        assert.deepEqual([answer.get('error'), answer.get('code')], ['login_required', null])
        assert.deepEqual(await sessionsOf(user), [])
        assert.doesNotMatch(page.headers.getSetCookie().join('\n'), /rolecall_session=[\w-]+/)
        const silent = await browser.open(
          authorizationRequest(server, server.clientId, { prompt: 'none' }).url,
        )
        assert.equal(destination(silent).searchParams.get('error'), 'login_required')
      })

    test('is told apart from one with the password of the same millisecond', async () => {
      const user = await newUser()
      await setPassword(user)
      const hash = await hashPassword(password)
      await transaction(server.ctx, (tx) => replacePassword(tx, user, hash))
      const { browser, resume } = await decide(user)
      await setPassword(user)
      assert.equal(destination(await browser.open(resume)).searchParams.get('error'), 'login_required')
    })

    test('holds where nothing ended', async () => {
      const user = await newUser()
      const { browser, resume } = await decide(user)
      assert.ok(destination(await browser.open(resume)).searchParams.get('code'))
      assert.equal((await sessionsOf(user)).length, 1)
    })

    test('cannot be decided again: a form sent twice finds a page that has expired', async () => {
      const user = await newUser()
      const browser = new Browser(server.issuer)
      const page = await browser.open(authorizationRequest(server, server.clientId).url)
      const thief = new Browser(server.issuer)
      thief.steal(browser.cookies)
      await browser.submit(page, { email: user.email, password })
      const again = await thief.submit(page, { email: user.email, password })
      assert.equal(again.status, 400)
      assert.match(again.text, /expired/i)
    })

    test('replaces the session of the same browser, and the old cookie is dead', async () => {
      const { browser } = await logIn(server, server.clientId, 'member@example.com')
      const old = new Browser(server.issuer)
      old.steal(browser.cookies)
      const request = authorizationRequest(server, server.clientId, { prompt: 'login' })
      const page = await browser.open(request.url)
      const done = await browser.submit(page, { email: 'member@example.com', password })
      const code = destination(done).searchParams.get('code') ?? ''
      assert.equal((await redeem(server, server.clientId, { code, request })).status, 200)
      for (const [one, error] of [
        [browser, null],
        [old, 'login_required'],
      ] as const) {
        const silent = await one.open(authorizationRequest(server, server.clientId, { prompt: 'none' }).url)
        assert.equal(destination(silent).searchParams.get('error'), error)
      }
    })
  })
}
