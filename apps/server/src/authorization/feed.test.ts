import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, test } from 'node:test'
import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { createApplication, deleteApplication, updateApplication } from '../applications/applications.ts'
import { createClientGrant, revokeGrant } from '../applications/grants.ts'
import { assignRoles, unassignRoles } from '../roles/assignments.ts'
import { currentPosition, mark } from '../store/marks.ts'
import { stores, temporaryFolder } from '../store/testing.ts'
import { type Tx, transaction } from '../store/transaction.ts'
import { operations } from '../telemetry/operations.ts'
import { startServer } from '../testing/server.ts'
import { tutorialServer } from '../testing/suite.ts'
import { audience, logIn, makeTutorial, redeem, refresh, requestToken } from '../testing/tutorial.ts'
import { createUser, updateUser } from '../users/users.ts'
import { openMarkLog } from './mark-log.ts'
import { formatPosition, parsePosition } from './position.ts'
import { liveCredentials } from './testing.ts'

type World = ReturnType<typeof tutorialServer>

/** A token for the feed of an API, by the application of this API. */
async function feedToken(server: Pick<World, 'ctx' | 'issuer'>, identifier = audience): Promise<string> {
  const { clientId, clientSecret } = await liveCredentials(server.ctx, identifier)
  const { status, body } = await requestToken(server, {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: clientSecret,
    audience: `${server.issuer}authorization/`,
  })
  assert.equal(status, 200, JSON.stringify(body))
  return body.access_token
}

async function poll(server: Pick<World, 'issuer'>, token: string, query = '') {
  const response = await fetch(new URL(`/authorization/changes?wait=0${query}`, server.issuer), {
    headers: { authorization: `Bearer ${token}` },
    signal: AbortSignal.timeout(20_000),
  })
  const body = (await response.json()) as { events: string[]; error?: string }
  return { status: response.status, body, claims: (body.events ?? []).map((event) => decodeJwt(event)) }
}

/** Reads server-sent events: `data` of each, and `heartbeat`. */
async function* streamOf(server: Pick<World, 'issuer'>, token: string, after = ''): AsyncGenerator<string> {
  const url = new URL(`/authorization/changes${after && `?after=${after}`}`, server.issuer)
  const signal = AbortSignal.timeout(30_000)
  const response = await fetch(url, { headers: { authorization: `Bearer ${token}` }, signal })
  assert.equal(response.headers.get('content-type'), 'text/event-stream')
  let text = ''
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    const parts = text.split('\n\n')
    text = parts.pop() ?? ''
    for (const part of parts) yield part.startsWith('data: ') ? part.slice(6) : part.slice(2)
  }
}

const changesOf = (claims: Record<string, unknown>) => claims['authz_changes'] as Record<string, unknown>[]
const lastPosition = (claims: Record<string, unknown>[]) => String(claims.at(-1)?.['authz_mark'])

for (const store of stores)
  describe(`the feed of changes on ${store.name}`, () => {
    const server = tutorialServer(store)
    const admin = () => server.admin.userId
    const change = (work: typeof assignRoles) =>
      transaction(server.ctx, (tx) => work(tx, admin(), [server.role.id]))

    test('an access token carries the position that it is at least as new as', async () => {
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const first = await redeem(server, server.clientId, login)
      const before = await currentPosition(server.ctx.store.db)
      assert.equal(decodeJwt(first.body.access_token)['authz_mark'], formatPosition(before))
      await change(unassignRoles)
      const second = await refresh(server, server.clientId, first.body.refresh_token)
      const after = await currentPosition(server.ctx.store.db)
      assert.ok(after.number > before.number)
      const claims = decodeJwt(second.body.access_token)
      assert.equal(claims['authz_mark'], formatPosition(after))
      assert.deepEqual(claims['permissions'], [])
      await change(assignRoles)
    })

    test('a snapshot comes first, then the changes after it, each signed and linked to the one before', async () => {
      const token = await feedToken(server)
      const keys = createRemoteJWKSet(new URL('/.well-known/jwks.json', server.issuer))
      const events = streamOf(server, token)
      const next = async () => {
        for (;;) {
          const { value } = await events.next()
          if (value !== 'heartbeat') return String(value)
        }
      }
      const { payload: snapshot } = await jwtVerify(await next(), keys, { typ: 'secevent+jwt', audience })
      assert.equal(snapshot['authz_previous'], undefined)
      assert.equal(snapshot['authz_complete'], true)
      await change(unassignRoles)
      const { payload } = await jwtVerify(await next(), keys, { typ: 'secevent+jwt', audience })
      assert.equal(payload['authz_previous'], snapshot['authz_mark'])
      assert.deepEqual(payload['sub_id'], { format: 'iss_sub', iss: server.issuer, sub: admin() })
      const events1 = payload['events'] as Record<string, Record<string, unknown>>
      assert.deepEqual(events1['https://schemas.openid.net/secevent/caep/event-type/token-claims-change'], {
        event_timestamp: payload['toe'],
        claims: { permissions: [] },
      })
      const [taken] = changesOf(payload)
      assert.deepEqual(
        [taken?.['effect'], taken?.['sub'], taken?.['permissions']],
        ['loss', admin(), ['read:admin-messages']],
      )
      await change(assignRoles)
      const { payload: given } = await jwtVerify(await next(), keys)
      assert.equal(given['authz_previous'], payload['authz_mark'])
      assert.equal(changesOf(given)[0]?.['effect'], 'gain')
      await events.return(undefined)
    })

    test('an event about an application tells the permissions of its client grant', async () => {
      const token = await feedToken(server)
      const { clientId } = await liveCredentials(server.ctx)
      const told = async (work: (tx: Tx) => Promise<unknown>) => {
        const from = formatPosition(await currentPosition(server.ctx.store.db))
        await transaction(server.ctx, work)
        const { claims } = await poll(server, token, `&after=${from}`)
        const events = claims.at(-1)?.['events'] as Record<string, Record<string, unknown>>
        return events['https://schemas.openid.net/secevent/caep/event-type/token-claims-change']?.['claims']
      }
      const scope = ['read:admin-messages']
      let id = ''
      const give = async (tx: Tx) => {
        ;({ id } = await createClientGrant(tx, { clientId, apiId: server.api.id, scope }))
      }
      assert.deepEqual(await told(give), { permissions: scope })
      assert.deepEqual(await told((tx) => revokeGrant(tx, id)), { permissions: [] })
    })

    test('a heartbeat follows when there is nothing to tell', async () => {
      const events = streamOf(server, await feedToken(server))
      await events.next()
      assert.equal((await events.next()).value, 'heartbeat')
      assert.equal((await events.next()).value, 'heartbeat')
      await events.return(undefined)
    })

    test('a reader goes on from its position, and one with an unknown position gets a snapshot', async () => {
      const token = await feedToken(server)
      const first = await poll(server, token)
      const position = lastPosition(first.claims)
      await change(unassignRoles)
      const goesOn = await poll(server, token, `&after=${position}`)
      assert.equal(goesOn.claims[0]?.['authz_previous'], position)
      assert.equal(goesOn.claims.flatMap(changesOf).length, 1)
      const { epoch, number } = parsePosition(position)!
      for (const unknown of [`${epoch}.${number + 1_000}`, `other.${number}`, 'nonsense', '-1']) {
        const { claims } = await poll(server, token, `&after=${unknown}`)
        assert.equal(claims[0]?.['authz_previous'], undefined, unknown)
        assert.ok(claims.flatMap(changesOf).length > 1, unknown)
      }
      await change(assignRoles)
    })

    test('a poll waits for a change', async () => {
      const token = await feedToken(server)
      const position = lastPosition((await poll(server, token)).claims)
      const waiting = poll(server, token, `&wait=20&after=${position}`.replace('&wait', '&x'))
      assert.equal((await waiting).claims.flatMap(changesOf).length, 0)
      const url = new URL(`/authorization/changes?wait=20&after=${position}`, server.issuer)
      const answer = fetch(url, { headers: { authorization: `Bearer ${token}` } })
      await change(unassignRoles)
      const { events } = (await (await answer).json()) as { events: string[] }
      assert.ok(events.map((event) => decodeJwt(event)).flatMap(changesOf).length > 0)
      await change(assignRoles)
    })

    test('an API reads its own marks, and of subjects alone those that had a token for it', async () => {
      const other = await feedToken(server, 'https://other.example.com')
      const own = await feedToken(server)
      const [stranger, known] = await transaction(server.ctx, async (tx) => [
        await createUser(tx, { connection: 'Username-Password-Authentication', email: 'stranger@x.test' }),
        await createUser(tx, { connection: 'Username-Password-Authentication', email: 'known@x.test' }),
      ])
      const { db } = server.ctx.store
      await db
        .insertInto('audience_subjects')
        .values({ audience, subject: known.userId, issued_at: 0 })
        .execute()
      const from = formatPosition(await currentPosition(db))
      await change(unassignRoles)
      for (const user of [stranger, known])
        await transaction(server.ctx, (tx) => updateUser(tx, user.userId, { blocked: true }))
      const subjects = async (token: string) =>
        (await poll(server, token, `&after=${from}`)).claims.flatMap(changesOf).map(({ sub }) => sub)
      assert.deepEqual(await subjects(own), [admin(), known.userId])
      assert.deepEqual(await subjects(other), [])
      await change(assignRoles)
    })

    test('a stream ends when its application may get no tokens any more, or its key is revoked', async () => {
      const ends: ((clientId: string) => Promise<unknown>)[] = [
        (clientId) =>
          transaction(server.ctx, (tx) =>
            updateApplication(tx, clientId, { grant_types: ['authorization_code'] }),
          ),
        // Whoever stole the key may have made a token that does not expire.
        () => server.keys.replaceAll('The keys were revoked'),
      ]
      for (const end of ends) {
        const token = await feedToken(server)
        const events = streamOf(server, token)
        await events.next()
        await end(String(decodeJwt(token)['azp']))
        for await (const event of events) assert.equal(event, 'heartbeat')
        assert.ok([401, 403].includes((await poll(server, token)).status))
      }
    })

    test('a stream ends when its application belongs to another API, or to none', async () => {
      const ends: ((tx: Tx, clientId: string) => Promise<unknown>)[] = [
        (tx, clientId) =>
          updateApplication(tx, clientId, { resource_server_identifier: 'https://other.example.com' }),
        deleteApplication,
      ]
      for (const end of ends) {
        const token = await feedToken(server)
        const events = streamOf(server, token)
        await events.next()
        await transaction(server.ctx, (tx) => end(tx, String(decodeJwt(token)['azp'])))
        await transaction(server.ctx, async (tx) =>
          mark(tx, { effect: 'loss', reason: 'permissions', audience, permissions: ['after:the-end'] }),
        )
        const read: string[] = []
        for await (const event of events) if (event !== 'heartbeat') read.push(event)
        const told = read.flatMap((event) => changesOf(decodeJwt(event)))
        assert.ok(!JSON.stringify(told).includes('after:the-end'), JSON.stringify(told))
      }
    })

    test('a change that the store failed to read is told when the store answers again', async () => {
      const { schema } = server.ctx.store.db
      const events = streamOf(server, await feedToken(server))
      while ((await events.next()).value !== 'heartbeat');
      const failed = new Promise<unknown>((resolve) => operations.error.subscribe(resolve))
      await schema.alterTable('audience_subjects').renameTo('elsewhere').execute()
      try {
        await transaction(server.ctx, async (tx) => {
          mark(tx, { effect: 'loss', reason: 'session', subject: admin() })
          mark(tx, { effect: 'loss', reason: 'permissions', audience, permissions: ['lost:meanwhile'] })
        })
        await failed
      } finally {
        await schema.alterTable('elsewhere').renameTo('audience_subjects').execute()
      }
      for await (const event of events)
        if (event !== 'heartbeat' && JSON.stringify(decodeJwt(event)).includes('lost:meanwhile')) break
    })

    test('many marks are one event', async () => {
      const token = await feedToken(server)
      const position = lastPosition((await poll(server, token)).claims)
      await transaction(server.ctx, async (tx) => {
        for (let index = 0; index < 600; index++)
          mark(tx, { effect: 'loss', reason: 'permissions', audience })
      })
      const { claims } = await poll(server, token, `&after=${position}`)
      assert.equal(claims.flatMap(changesOf).length, 600)
      assert.ok(claims.length <= 3, String(claims.length))
      assert.deepEqual(
        claims.map((one) => one['authz_previous']),
        [position, ...claims.slice(0, -1).map((one) => one['authz_mark'])],
      )
    })

    test('marks with long lists of permissions are several events, which guards accept by their length', async () => {
      const token = await feedToken(server)
      const position = lastPosition((await poll(server, token)).claims)
      const permissions = Array.from({ length: 100 }, (_, index) => String(index).padStart(280, 'x'))
      await transaction(server.ctx, async (tx) => {
        for (let index = 0; index < 80; index++)
          mark(tx, {
            effect: 'loss',
            reason: 'permissions',
            audience,
            subject: `auth0|${index}`,
            permissions,
          })
      })
      const { body, claims } = await poll(server, token, `&after=${position}`)
      assert.equal(claims.flatMap(changesOf).length, 80)
      assert.ok(Math.max(...body.events.map(({ length }) => length)) < 2_000_000)
      assert.deepEqual(
        claims.map((one) => one['authz_previous']),
        [position, ...claims.slice(0, -1).map((one) => one['authz_mark'])],
      )
      assert.deepEqual(
        claims.map((one) => one['authz_complete'] === true),
        claims.map((_, index) => index === claims.length - 1),
      )
    })

    test('no other token reads it: none, of another audience, of an application without an API', async () => {
      assert.equal((await poll(server, 'nonsense')).status, 401)
      const login = await logIn(server, server.clientId, 'admin@example.com')
      const { body } = await redeem(server, server.clientId, login)
      assert.equal((await poll(server, body.access_token)).status, 401)
      const { application, clientSecret = '' } = await transaction(server.ctx, (tx) =>
        createApplication(tx, { name: 'Machine', app_type: 'non_interactive' }),
      )
      const refused = await requestToken(server, {
        grant_type: 'client_credentials',
        client_id: application.clientId,
        client_secret: clientSecret,
        audience: `${server.issuer}authorization/`,
      })
      assert.deepEqual([refused.status, refused.body.error], [403, 'access_denied'])
    })
  })

describe('an epoch', () => {
  const [sqlite] = stores
  const config = { dataDir: '' }

  test('begins when the store is older than the position that the server remembers', async (t) => {
    config.dataDir = await temporaryFolder(t)
    const file = join(config.dataDir, 'live.json')
    const server = await startServer(t, sqlite!, { config })
    await makeTutorial(server.ctx)
    const { db } = server.ctx.store
    const fail = (error: unknown) => assert.fail(String(error))
    const reopened = async () => {
      const log = await openMarkLog(server.ctx, fail)
      await log.close()
      return currentPosition(db)
    }
    const first = await reopened()
    assert.deepEqual(await reopened(), first, 'a restart goes on')
    await writeFile(file, JSON.stringify({ position: `${first.epoch}.${first.number + 1}` }))
    const restored = await reopened()
    assert.notEqual(restored.epoch, first.epoch)
    assert.deepEqual(await reopened(), restored, 'the new epoch is remembered')
    await writeFile(file, 'nonsense')
    assert.notEqual((await reopened()).epoch, restored.epoch, 'a store that was copied without its file')
  })

  test('begins while a server runs and its counter goes back', async (t) => {
    const server = await startServer(t, sqlite!, { config: { dataDir: await temporaryFolder(t) } })
    await makeTutorial(server.ctx)
    const log = await openMarkLog(server.ctx, (error) => assert.fail(String(error)))
    t.after(() => log.close())
    const before = await currentPosition(server.ctx.store.db)
    const changed = new Promise<void>((resolve) => void log.subscribe(resolve))
    await server.ctx.store.db.updateTable('mark_counter').set({ number: 1 }).execute()
    await changed
    assert.notEqual(log.position()?.epoch, before.epoch)
  })

  test('that ended leaves no valid position', async (t) => {
    const server = await startServer(t, sqlite!, { config: { dataDir: await temporaryFolder(t) } })
    await makeTutorial(server.ctx)
    const log = await openMarkLog(server.ctx, (error) => assert.fail(String(error)))
    t.after(() => log.close())
    const position = log.position()!
    assert.equal(await log.reaches(position), true)
    assert.equal(await log.reaches({ ...position, epoch: 'other' }), false)
    assert.equal(await log.reaches({ ...position, number: position.number + 1 }), false)
  })
})
