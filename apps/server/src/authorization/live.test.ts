import assert from 'node:assert/strict'
import { describe, type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { createGuard, type Guard, type GuardOptions, type LiveOptions } from '@rolecall/guard'
import { importJWK, SignJWT } from 'jose'
import { assignPermissions, assignRoles, unassignPermissions, unassignRoles } from '../roles/assignments.ts'
import { addProvider, linkIdentity, logInWith } from '../roles/testing-provider.ts'
import { currentPosition, mark, startEpoch } from '../store/marks.ts'
import { stores } from '../store/testing.ts'
import { transaction } from '../store/transaction.ts'
import { tutorialServer } from '../testing/suite.ts'
import {
  audience,
  authorizationRequest,
  destination,
  logIn,
  password,
  redeem,
  refresh,
} from '../testing/tutorial.ts'
import { ask, eventually, liveCredentials, until } from './testing.ts'

type Fetch = NonNullable<GuardOptions['fetch']>
const name = 'read:admin-messages'

for (const store of stores)
  describe(`a guard in live mode on ${store.name}`, () => {
    const server = tutorialServer(store)
    let credentials: { clientId: string; clientSecret: string } | undefined

    async function liveGuard(
      t: TestContext,
      live: Partial<LiveOptions> = {},
      options: Partial<GuardOptions> = {},
    ): Promise<{ guard: Guard; warnings: string[] }> {
      credentials ??= await liveCredentials(server.ctx)
      const warnings: string[] = []
      const guard = createGuard({
        issuer: server.issuer,
        audience,
        live: { ...credentials, ...live },
        warn: (message) => warnings.push(message),
        timeoutMs: 20_000,
        ...options,
      })
      t.after(() => guard.close())
      return { guard, warnings }
    }

    const adminToken = async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const { body } = await redeem(server, server.clientId, login)
      return { token: body.access_token, refreshToken: body.refresh_token }
    }
    const renewed = async (refreshToken: string) => {
      const { body } = await refresh(server, server.clientId, refreshToken)
      return body.access_token
    }
    const change = (work: typeof assignRoles) =>
      transaction(server.ctx, (tx) => work(tx, server.admin.userId, [server.role.id]))
    const isLive = (guard: Guard) => guard.live[0]?.connection

    test('refuses a token whose role was taken, cached or not, and accepts the renewed one for what is left', async (t) => {
      const { guard } = await liveGuard(t)
      const { token, refreshToken } = await adminToken()
      for (let use = 0; use < 3; use++) assert.equal(await ask(guard, token), '200')
      assert.equal(guard.cached.entries, 1)
      await change(unassignRoles)
      await eventually(guard, token, '401 authorization_changed')
      assert.equal(guard.cached.entries, 0)
      const next = await renewed(refreshToken)
      assert.equal(await ask(guard, next), '403')
      await change(assignRoles)
      await eventually(guard, next, '403 authorization_changed')
      assert.ok((guard.live[0]?.refused ?? 0) > 0)
    })

    test('a log-out ends the tokens of its user, and the log-in of another user with the same browser ends none', async () => {
      const reached = async () => (await currentPosition(server.ctx.store.db)).number
      const { browser } = await logIn(server, server.clientId, 'admin@example.com')
      const before = await reached()
      const { url } = authorizationRequest(server, server.clientId, { prompt: 'login' })
      const page = await browser.submit(await browser.open(url), { email: 'member@example.com', password })
      assert.ok(destination(page).searchParams.has('code'))
      assert.equal(await reached(), before)
      await browser.open('/v2/logout')
      assert.equal(await reached(), before + 1)
    })

    test('accepts the renewed token of a user who still has the permission by another way', async (t) => {
      const { guard } = await liveGuard(t)
      const { token, refreshToken } = await adminToken()
      assert.equal(await ask(guard, token), '200')
      const direct = [{ api: audience, permission: name }]
      await transaction(server.ctx, (tx) => assignPermissions(tx, server.admin.userId, direct))
      await change(unassignRoles)
      await eventually(guard, token, '401 authorization_changed')
      assert.equal(await ask(guard, await renewed(refreshToken)), '200')
      await change(assignRoles)
      await transaction(server.ctx, (tx) => unassignPermissions(tx, server.admin.userId, direct))
    })

    test('refuses a token whose role the provider does not give at the next log-in', async (t) => {
      const { userId } = server.member
      const corporate = await addProvider(server.ctx, 'Corporate')
      await transaction(server.ctx, (tx) => linkIdentity(tx, corporate, 'mia', userId))
      const logInThere = (...roleIds: string[]) => logInWith(server.ctx, corporate, 'mia', userId, roleIds)
      await logInThere(server.role.id)
      const { guard } = await liveGuard(t)
      const login = await logIn(server, server.clientId, 'member@example.com')
      const { body } = await redeem(server, server.clientId, login)
      assert.equal(await ask(guard, body.access_token), '200')
      await logInThere(server.role.id)
      assert.equal(await ask(guard, body.access_token), '200')
      await logInThere()
      await eventually(guard, body.access_token, '401 authorization_changed')
      assert.equal(await ask(guard, await renewed(body.refresh_token)), '403')
    })

    test('a guard that starts after the change refuses the token too', async (t) => {
      const { token } = await adminToken()
      await change(unassignRoles)
      const { guard } = await liveGuard(t)
      assert.equal(await ask(guard, token), '401 authorization_changed')
      await change(assignRoles)
    })

    test('with an interval asks when a request comes, without a connection', async (t) => {
      const { guard } = await liveGuard(t, { intervalMs: 0 })
      const { token } = await adminToken()
      for (let use = 0; use < 3; use++) assert.equal(await ask(guard, token), '200')
      await change(unassignRoles)
      assert.equal(await ask(guard, token), '401 authorization_changed')
      await change(assignRoles)
    })

    test('refuses every token of an earlier epoch, and accepts those of the new one', async (t) => {
      const { guard } = await liveGuard(t)
      const { token, refreshToken } = await adminToken()
      assert.equal(await ask(guard, token), '200')
      const { epoch } = await currentPosition(server.ctx.store.db)
      await startEpoch(server.ctx, epoch)
      await eventually(guard, token, '401 authorization_changed')
      await eventually(guard, await renewed(refreshToken), '200')
    })

    test('a token without a position is compared by its time', async (t) => {
      const { guard } = await liveGuard(t)
      const key = server.keys.current()
      const sign = async (iat: number) =>
        new SignJWT({ permissions: [name], iat, exp: iat + 3_600 })
          .setProtectedHeader({ alg: key.alg, kid: key.kid, typ: 'JWT' })
          .setIssuer(server.issuer)
          .setAudience(audience)
          .setSubject(server.admin.userId)
          .sign(await importJWK(key.privateJwk, key.alg))
      const now = Math.floor(Date.now() / 1_000)
      const [old, fresh] = [await sign(now - 60), await sign(now + 5)]
      await change(unassignRoles)
      await eventually(guard, old, '401 authorization_changed')
      assert.equal(await ask(guard, fresh), '200')
      await change(assignRoles)
    })

    /** A `fetch` whose streams a test breaks. */
    function faultyFetch() {
      const faults = {
        /** Fails every request. */
        isAway: false,
        /** Passes nothing on, and neither ends nor fails. */
        isSilent: false,
        /** How long each block of a stream takes. */
        delayMs: 0,
        /** Changes the blocks of a stream. */
        rewrite: (blocks: string[]) => blocks,
        /** Ends the streams that are open. */
        cut: () => {},
        streams: 0,
      }
      const run: Fetch = async (url, init) => {
        if (faults.isAway) throw new Error('connection refused')
        const response = await fetch(url, init)
        const isStream = response.headers.get('content-type') === 'text/event-stream'
        if (!isStream || response.body === null) return response
        faults.streams++
        let text = ''
        const broken = new TransformStream<string, string>({
          async transform(chunk, controller) {
            if (faults.isSilent) return
            text += chunk
            const blocks = text.split('\n\n')
            text = blocks.pop() ?? ''
            for (const block of faults.rewrite(blocks)) {
              await sleep(faults.delayMs)
              controller.enqueue(`${block}\n\n`)
            }
          },
        })
        const cut = new AbortController()
        faults.cut = () => cut.abort()
        const body = response.body
          .pipeThrough(new TextDecoderStream())
          .pipeThrough(broken, { signal: cut.signal })
          .pipeThrough(new TextEncoderStream())
        return new Response(body, { status: 200, headers: response.headers })
      }
      return { faults, fetch: run }
    }

    test('a stream that is cut goes on where it was', async (t) => {
      const { faults, fetch } = faultyFetch()
      const { guard, warnings } = await liveGuard(t, {}, { fetch })
      const { token } = await adminToken()
      assert.equal(await ask(guard, token), '200')
      faults.cut()
      await change(unassignRoles)
      await eventually(guard, token, '401 authorization_changed')
      await change(assignRoles)
      assert.deepEqual(warnings, [])
    })

    test('events that come twice change nothing, and a missing or misplaced one makes the guard start again', async (t) => {
      for (const rewrite of [
        (blocks: string[]) => blocks.flatMap((block) => [block, block]),
        (blocks: string[]) => blocks.toReversed(),
        // The first event after the snapshot is lost.
        (() => {
          let seen = 0
          return (blocks: string[]) => blocks.filter((block) => !(block.startsWith('data: ') && ++seen === 2))
        })(),
      ]) {
        const { faults, fetch } = faultyFetch()
        faults.rewrite = rewrite
        const { guard } = await liveGuard(t, {}, { fetch })
        const { token } = await adminToken()
        assert.equal(await ask(guard, token), '200')
        await change(unassignRoles)
        await change(assignRoles)
        await eventually(guard, token, '401 authorization_changed')
        assert.equal(isLive(guard), 'live')
        guard.close()
      }
    })

    test('an event that is altered, of another API or not signed by the issuer is not believed', async (t) => {
      const { faults, fetch } = faultyFetch()
      faults.rewrite = (blocks) =>
        blocks.map((block) => {
          if (!block.startsWith('data: ')) return block
          const [header, , signature] = block.slice(6).split('.')
          const payload = { iss: server.issuer, aud: audience, authz_mark: 'x.9', authz_changes: [] }
          const forged = Buffer.from(JSON.stringify({ ...payload, authz_complete: true })).toString(
            'base64url',
          )
          return `data: ${header}.${forged}.${signature}`
        })
      const options = { whenUnreachable: 'refuse', unreachableAfterMs: 2_000 } as const
      const { guard } = await liveGuard(t, options, { fetch, timeoutMs: 1_000 })
      const { token } = await adminToken()
      assert.equal(await ask(guard, token), '503')
      assert.notEqual(isLive(guard), 'live')
    })

    test('while the issuer is silent, tokens are accepted and told by warn, or refused', async (t) => {
      for (const whenUnreachable of ['accept', 'refuse'] as const) {
        const { faults, fetch } = faultyFetch()
        const options = { whenUnreachable, unreachableAfterMs: 2_000 }
        const { guard, warnings } = await liveGuard(t, options, { fetch })
        const { token, refreshToken } = await adminToken()
        for (let use = 0; use < 3; use++) assert.equal(await ask(guard, token), '200')
        faults.isSilent = true
        faults.isAway = true
        await change(unassignRoles)
        while (isLive(guard) === 'live') await sleep(20)
        assert.equal(await ask(guard, token), whenUnreachable === 'accept' ? '200' : '503')
        const other = await renewed(refreshToken)
        assert.equal(await ask(guard, other), whenUnreachable === 'accept' ? '403' : '503')
        assert.equal(warnings.length, 1, warnings.join('\n'))
        faults.isAway = false
        faults.isSilent = false
        await eventually(guard, token, '401 authorization_changed')
        await change(assignRoles)
        assert.equal(warnings.length, 1)
        guard.close()
      }
    })

    test('a stream that a proxy holds back is replaced by polls', async (t) => {
      const { faults, fetch } = faultyFetch()
      faults.isSilent = true
      const { guard } = await liveGuard(t, { unreachableAfterMs: 2_000 }, { fetch, timeoutMs: 3_000 })
      const { token } = await adminToken()
      await ask(guard, token)
      await until(() => isLive(guard) === 'live', 'polls make it live')
      await change(unassignRoles)
      await eventually(guard, token, '401 authorization_changed')
      await change(assignRoles)
    })

    test('a snapshot that takes longer than a silence is read to its end', async (t) => {
      await transaction(server.ctx, async (tx) => {
        for (let count = 0; count < 4_500; count++)
          mark(tx, { effect: 'gain', reason: 'permissions', audience, permissions: [`read:${count}`] })
      })
      const { faults, fetch } = faultyFetch()
      faults.delayMs = 1_200
      const { guard, warnings } = await liveGuard(t, { unreachableAfterMs: 2_000 }, { fetch })
      await guard.refreshKeys()
      await until(() => isLive(guard) !== 'starting', 'the snapshot ends')
      assert.deepEqual([isLive(guard), warnings, faults.streams], ['live', [], 1])
    })
  })
