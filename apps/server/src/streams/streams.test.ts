import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import type { Log, LogStream, LogStreamDeliveries } from '@rolecall/contract'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { writeLogs } from '../logs/log.ts'
import { createLogBuffer } from '../logs/log-buffer.ts'
import type { LogEntry } from '../logs/store.ts'
import { type ManagementServer, startManagement } from '../management/testing.ts'
import { StoreUnavailable } from '../store/errors.ts'
import { behindTransaction, stores } from '../store/testing.ts'
import { startLogStreams } from './delivery.ts'
import { Receiver } from './testing.ts'

const limit = { timeout: 120_000 }
const second = 1_000
const hour = 3_600 * second

for (const kind of stores)
  describe(`log streams on ${kind.name}`, limit, () => {
    /** A server whose clock stands, and a receiver that it may send to. */
    async function open(t: TestContext) {
      let now = Date.now()
      const server = await startManagement(t, kind, () => now)
      const receiver = new Receiver()
      t.after(() => receiver.close())
      const url = await receiver.url()
      const all = server.managementApi.permissions.map(({ value }) => value)
      /** A call with a token that has not expired. */
      const call = async <T>(
        status: number,
        ...[method, path, body]: Parameters<ManagementServer['call']>
      ): Promise<T> => {
        const token = await server.token(`${server.clientId}@clients`, all)
        const answer = await server.call(method, path, body, token)
        assert.equal(answer.status, status, JSON.stringify(answer.body))
        return answer.body as unknown as T
      }
      return {
        server,
        receiver,
        url,
        call,
        create: (sink: object = {}, rest: object = {}) =>
          call<LogStream>(201, 'POST', '/log-streams', {
            name: 'collector',
            type: 'http',
            sink: { httpEndpoint: url, ...sink },
            ...rest,
          }),
        /** Writes entries that say their number, of a token unless another type is given. */
        write: (from: number, to: number, type: LogEntry['type'] = 'seccft') =>
          writeLogs(
            server.ctx.store.db,
            Array.from({ length: to - from + 1 }, (_, index) => ({
              type,
              description: `number ${from + index}`,
              date: now,
            })),
          ),
        pass: (milliseconds: number) => {
          now += milliseconds
        },
        deliver: () => server.app.logStreams.deliver(),
        deliveries: (id: string) =>
          call<LogStreamDeliveries>(200, 'GET', `/rolecall/log-streams/${id}/deliveries`),
        numbers: () =>
          receiver
            .entries()
            .flatMap(({ data }) => /^number (\d+)$/.exec(String(data['description']))?.[1] ?? [])
            .map(Number),
      }
    }
    const tokensOnly = [{ type: 'category', name: 'auth.token_exchange.success' }]
    const range = (from: number, to: number) =>
      Array.from({ length: to - from + 1 }, (_, index) => from + index)

    it('deliver each entry once and in order, when its time is over in which older ones may appear', async (t) => {
      const { create, write, pass, deliver, numbers, receiver, call } = await open(t)
      await write(1, 3)
      pass(second)
      const stream = await create({ httpContentFormat: 'JSONLINES' })
      assert.deepEqual(stream, {
        id: stream.id,
        name: 'collector',
        type: 'http',
        status: 'active',
        isPriority: false,
        filters: [],
        sink: {
          httpEndpoint: stream.sink.httpEndpoint,
          httpContentFormat: 'JSONLINES',
          httpContentType: 'application/x-ndjson',
        },
      })
      await write(4, 253)
      await deliver()
      assert.deepEqual(numbers(), [])
      pass(16 * second)
      await deliver()
      await deliver()
      assert.deepEqual(numbers(), range(4, 253))
      assert.equal(receiver.received.length, 3)
      const entry = receiver.entries().find(({ data }) => data['description'] === 'number 4')
      const { log_id, data } = entry ?? assert.fail()
      assert.deepEqual(data, await call<Log>(200, 'GET', `/logs/${log_id}`))
    })

    it('deliver while the receiver of another stream does not answer', async (t) => {
      const { create, write, pass, deliver, receiver } = await open(t)
      const silent = new Receiver()
      t.after(() => silent.close())
      await create({ httpEndpoint: await silent.url() })
      await write(1, 1)
      pass(16 * second)
      let hasEnded = false
      await new Promise<void>((resolve) => {
        silent.answer = () => {
          resolve()
          return 'hang'
        }
        void deliver().then(() => (hasEnded = true))
      })
      await create()
      await write(2, 2)
      pass(16 * second)
      await new Promise<void>((resolve) => {
        receiver.answer = () => {
          resolve()
          return 200
        }
      })
      assert.equal(hasEnded, false)
    })

    it('begin where startFrom says, and deliver the chosen categories alone', async (t) => {
      const { create, write, pass, deliver, numbers, server } = await open(t)
      await write(1, 2)
      pass(hour)
      await write(3, 4, 'fp')
      await write(5, 6, 'seccft')
      const startFrom = new Date(server.ctx.clock() - hour / 2).toISOString()
      await create({}, { startFrom, filters: [{ type: 'category', name: 'auth.login.fail' }] })
      pass(hour)
      await deliver()
      assert.deepEqual(numbers(), [3, 4])
    })

    it('sign a delivery with the key of tokens, for this stream and this body, and not as a token', async (t) => {
      const { create, write, pass, deliver, receiver, server } = await open(t)
      const { id } = await create({
        httpContentFormat: 'JSONOBJECT',
        httpAuthorization: 'Bearer of-the-receiver',
      })
      await write(1, 1)
      pass(16 * second)
      await deliver()
      const { headers, body } = receiver.received.at(-1) ?? assert.fail()
      assert.equal(JSON.parse(body).data.description, 'number 1')
      assert.equal(headers.authorization, 'Bearer of-the-receiver')
      const keys = createLocalJWKSet(server.keys.publicJwks())
      const signature = String(headers['rolecall-signature'])
      const { payload } = await jwtVerify(signature, keys, {
        issuer: server.ctx.config.issuer,
        audience: `urn:rolecall:log-stream:${id}`,
        typ: 'log-stream+jwt',
        currentDate: new Date(server.ctx.clock()),
      })
      assert.equal(payload['body_sha256'], createHash('sha256').update(body).digest('base64url'))
      assert.equal((await server.call('GET', '/roles', undefined, signature)).status, 401)
    })

    it('repeat a delivery until the receiver is there again, and later entries wait for it', async (t) => {
      const { create, write, pass, deliver, numbers, receiver, deliveries, call } = await open(t)
      const { id } = await create()
      await write(1, 2)
      pass(16 * second)
      let attempts = 0
      receiver.answer = () => {
        attempts++
        return 503
      }
      await deliver()
      await deliver()
      assert.equal(attempts, 1)
      const { waiting } = await deliveries(id)
      assert.deepEqual([waiting?.attempts, waiting?.error], [1, 'The receiver answered 503'])
      await write(3, 4)
      pass(5 * second)
      await deliver()
      assert.equal(attempts, 2)
      pass(5 * second)
      await deliver()
      assert.equal(attempts, 2)
      await call(202, 'POST', `/rolecall/log-streams/${id}/retry`, {})
      await deliver()
      assert.equal(attempts, 3)
      receiver.answer = () => 200
      pass(hour)
      await deliver()
      assert.deepEqual(numbers(), [1, 2, 3, 4])
      assert.deepEqual(await deliveries(id).then((state) => [state.waiting, state.failed]), [undefined, []])
    })

    it('put aside what the receiver refuses for good, go on, and send it again on request', async (t) => {
      const { create, write, pass, deliver, numbers, receiver, deliveries, call } = await open(t)
      const { id } = await create()
      await write(1, 2)
      pass(16 * second)
      receiver.answer = ({ body }) => (body.includes('number 1"') ? 422 : 200)
      for (let attempt = 0; attempt < 5; attempt++) {
        await deliver()
        pass(hour / 2)
      }
      await write(3, 3)
      pass(16 * second)
      await deliver()
      assert.deepEqual(numbers(), [3])
      const [failed] = (await deliveries(id)).failed
      assert.ok(failed)
      assert.equal(failed.error, 'The receiver answered 422')
      const retry = `/rolecall/log-streams/${id}/retry`
      await call(404, 'POST', retry, { delivery_id: 'lsd_x' })
      await call(202, 'POST', retry, { delivery_id: failed.id })
      await deliver()
      assert.equal((await deliveries(id)).failed.length, 1)
      receiver.answer = () => 200
      await call(202, 'POST', retry, { delivery_id: failed.id })
      await deliver()
      assert.deepEqual(numbers(), [3, 1, 2])
      assert.deepEqual((await deliveries(id)).failed, [])
    })

    it('are suspended after a day without success, which the log says, and go on where they stopped', async (t) => {
      const { create, write, pass, deliver, numbers, receiver, call } = await open(t)
      const { id } = await create()
      await write(1, 1)
      receiver.answer = () => 404
      for (let hours = 0; hours < 26; hours++) {
        pass(hour)
        await deliver()
      }
      assert.equal((await call<LogStream>(200, 'GET', `/log-streams/${id}`)).status, 'suspended')
      const [entry] = await call<Log[]>(200, 'GET', '/logs?q=type:w')
      assert.equal(entry?.description, 'The log stream collector was suspended: The receiver answered 404')
      receiver.answer = () => 200
      pass(hour)
      await deliver()
      assert.deepEqual(numbers(), [])
      await call(200, 'PATCH', `/log-streams/${id}`, { status: 'active' })
      await deliver()
      assert.deepEqual(numbers(), [1])
    })

    it('follow no redirect, and send credentials to no other server than they were given for', async (t) => {
      const { create, write, pass, deliver, receiver, call, deliveries, server } = await open(t)
      const other = new Receiver()
      t.after(() => other.close())
      const secret = 'Bearer of-the-receiver'
      const { id, sink } = await create({ httpAuthorization: secret })
      await write(1, 1)
      pass(16 * second)
      receiver.answer = () => 307
      receiver.location = await other.url()
      await deliver()
      assert.equal(other.received.length, 0)
      assert.equal((await deliveries(id)).waiting?.error, 'The receiver answered 307')

      await call(200, 'PATCH', `/log-streams/${id}`, { sink: { httpEndpoint: `${sink.httpEndpoint}/v2` } })
      assert.equal((await deliveries(id)).has_authorization, true)
      await call(200, 'PATCH', `/log-streams/${id}`, { sink: { httpEndpoint: await other.url() } })
      assert.equal((await deliveries(id)).has_authorization, false)
      pass(hour)
      await deliver()
      assert.ok(other.received.length > 0)
      for (const { headers } of other.received) assert.equal(headers.authorization, undefined)
      const shown = [
        await call(200, 'GET', '/log-streams'),
        await call(200, 'GET', `/log-streams/${id}`),
        await server.ctx.store.db.selectFrom('logs').selectAll().execute(),
        await server.ctx.store.db.selectFrom('log_streams').selectAll().execute(),
      ]
      assert.ok(!JSON.stringify(shown).includes('of-the-receiver'))
    })

    it('accept https, and http to this machine alone, and nothing that they would ignore', async (t) => {
      const { call, create } = await open(t)
      for (const httpEndpoint of [
        'http://logs.example.com/',
        'http://127.0.0.1.example.com/',
        'http://169.254.169.254/latest/meta-data',
        'http://10.0.0.1/',
        'http://2130706433/x#fragment',
        'https://user:password@logs.example.com/',
        'ftp://logs.example.com/',
        'logs.example.com',
      ])
        await call(400, 'POST', '/log-streams', { type: 'http', sink: { httpEndpoint } })
      const sink = { httpEndpoint: 'https://logs.example.com/' }
      for (const body of [
        { type: 'eventbridge', sink },
        { type: 'http', sink: { ...sink, httpCustomHeaders: [{ header: 'host', value: 'x' }] } },
        { type: 'http', sink: { ...sink, httpAuthorization: 'a\r\nhost: x' } },
        { type: 'http', sink, pii_config: { log_fields: ['email'], method: 'mask' } },
        { type: 'http', sink, filters: [{ type: 'category', name: 'everything' }] },
        { type: 'http', sink, startFrom: 'yesterday' },
      ])
        await call(400, 'POST', '/log-streams', body)
      const paused = await create({}, { status: 'paused' })
      await call(400, 'PATCH', `/log-streams/${paused.id}`, { status: 'suspended' })
      for (let count = 1; count < 10; count++) await create({}, { status: 'paused' })
      await call(409, 'POST', '/log-streams', { type: 'http', sink })
      await call(204, 'DELETE', `/log-streams/${paused.id}`)
      await call(404, 'GET', `/log-streams/${paused.id}`)
    })

    it('are for callers who may read the log', async (t) => {
      const { server, create, url } = await open(t)
      const { id } = await create()
      const token = await server.token(`${server.clientId}@clients`, [
        'create:log_streams',
        'update:log_streams',
      ])
      const body = { type: 'http', sink: { httpEndpoint: url } }
      for (const answer of [
        await server.call('POST', '/log-streams', body, token),
        await server.call('PATCH', `/log-streams/${id}`, { sink: body.sink }, token),
      ])
        assert.deepEqual([answer.status, answer.body['errorCode']], [403, 'insufficient_scope'])
    })

    it('obey a change that is made while there is much to deliver', async (t) => {
      const { create, write, pass, deliver, numbers, receiver, call } = await open(t)
      const { id } = await create()
      for (const from of [1, 101, 201]) await write(from, from + 99)
      pass(16 * second)
      const filters = [{ type: 'category', name: 'auth.login.fail' }]
      receiver.answer = async () => {
        await call(200, 'PATCH', `/log-streams/${id}`, { filters })
        return 200
      }
      await deliver()
      assert.equal(receiver.received.length, 1)
      assert.ok(numbers().length <= 100)
    })

    it('send a refused delivery again to the address that the stream has by then', async (t) => {
      const { create, write, pass, deliver, receiver, call, deliveries } = await open(t)
      const other = new Receiver()
      t.after(() => other.close())
      const httpEndpoint = await other.url()
      const { id } = await create({ httpContentFormat: 'JSONOBJECT' }, { filters: tokensOnly })
      await write(1, 2)
      pass(16 * second)
      receiver.answer = () => 422
      for (let attempt = 0; attempt < 10; attempt++) {
        await deliver()
        pass(hour / 2)
      }
      const { failed } = await deliveries(id)
      assert.equal(failed.length, 2)
      for (const { id: delivery_id } of failed)
        await call(202, 'POST', `/rolecall/log-streams/${id}/retry`, { delivery_id })
      const sink = { httpEndpoint, httpContentFormat: 'JSONOBJECT' }
      receiver.answer = async () => {
        await call(200, 'PATCH', `/log-streams/${id}`, { sink })
        return 200
      }
      await deliver()
      await deliver()
      assert.equal(other.received.length, 2)
      assert.deepEqual((await deliveries(id)).failed, [])
    })

    it('miss no entry that waited for the store while later ones were delivered', async (t) => {
      const { create, pass, deliver, numbers, server, write } = await open(t)
      await create()
      const { store, clock, config } = server.ctx
      let isAway = true
      const away = {
        ...store,
        get db() {
          if (isAway) throw new StoreUnavailable('The store is away')
          return store.db
        },
      }
      const buffer = createLogBuffer({ store: away, clock, config }, () => undefined)
      buffer.add({ type: 'seccft', description: 'number 1' })
      await buffer.flush()
      pass(hour)
      await write(2, 2)
      pass(16 * second)
      await deliver()
      assert.deepEqual(numbers(), [2])
      isAway = false
      await buffer.flush()
      pass(16 * second)
      await deliver()
      assert.deepEqual(numbers(), [2, 1])
    })

    it('lose nothing when the server dies between a delivery and its record', async (t) => {
      const { create, write, pass, receiver, numbers, server } = await open(t)
      await server.app.logStreams.close()
      await create()
      await write(1, 150)
      pass(16 * second)
      receiver.answer = () => (receiver.received.length === 0 ? 200 : 'hang')
      const dying = startLogStreams(server.ctx, server.keys, () => undefined)
      const hanging = dying.deliver()
      while (receiver.received.length < 2) await setImmediate()
      receiver.answer = () => 200
      pass(61 * second)
      const next = startLogStreams(server.ctx, server.keys, () => undefined)
      await next.deliver()
      assert.deepEqual(new Set(numbers()), new Set(range(1, 150)))
      await Promise.all([dying.close(), hanging, next.close()])
    })

    if (kind.name === 'PostgreSQL') {
      it('belong to a server for as long as it sends a refused delivery again', async (t) => {
        const { create, write, pass, deliver, numbers, receiver, call, deliveries, server, url } =
          await open(t)
        const other = startLogStreams(server.ctx, server.keys, () => undefined)
        const { id } = await create({}, { filters: tokensOnly })
        await write(1, 4)
        pass(16 * second)
        receiver.answer = () => 422
        for (let attempt = 0; attempt < 5; attempt++) {
          await deliver()
          pass(hour / 2)
        }
        const [failed] = (await deliveries(id)).failed
        assert.equal(failed?.entries, 4)
        await call(200, 'PATCH', `/log-streams/${id}`, {
          sink: { httpEndpoint: url, httpContentFormat: 'JSONOBJECT' },
        })
        await call(202, 'POST', `/rolecall/log-streams/${id}/retry`, { delivery_id: failed.id })
        let isOther = false
        receiver.answer = async () => {
          if (isOther) return 200
          pass(40 * second)
          isOther = true
          await other.deliver()
          isOther = false
          return 200
        }
        await deliver()
        await other.close()
        assert.deepEqual(numbers(), [1, 2, 3, 4])
      })

      it('keep what a delivery records while they are changed', async (t) => {
        const { create, write, pass, deliver, receiver, call, deliveries, server } = await open(t)
        const { id } = await create()
        await write(1, 1)
        pass(16 * second)
        receiver.answer = () => 503
        await deliver()
        assert.equal((await deliveries(id)).waiting?.attempts, 1)
        await behindTransaction(
          server.ctx.store,
          (tx) => tx.updateTable('log_streams').set({ attempts: 2 }).where('id', '=', id).execute(),
          () => call(200, 'PATCH', `/log-streams/${id}`, { name: 'renamed' }),
        )
        assert.equal((await deliveries(id)).waiting?.attempts, 2)
      })

      it('are sent by one of two servers at a time', async (t) => {
        const { create, write, pass, deliver, numbers, server } = await open(t)
        const other = startLogStreams(server.ctx, server.keys, () => undefined)
        await create()
        for (let round = 0; round < 10; round++) {
          await write(round * 50 + 1, round * 50 + 50)
          pass(16 * second)
          await Promise.all([deliver(), other.deliver()])
        }
        await Promise.all([deliver(), other.deliver()])
        await other.close()
        assert.deepEqual(numbers(), range(1, 500))
      })
    }
  })
