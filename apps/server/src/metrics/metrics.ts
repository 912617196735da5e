import type { FastifyInstance, FastifyRequest } from 'fastify'
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { LogBuffer } from '../logs/log-buffer.ts'
import { countWaitingMail } from '../mail/store.ts'
import { listStreams } from '../streams/store.ts'
import { type CountedEvent, countedEvents, type Operation, operations } from '../telemetry/operations.ts'
import { serveMetrics } from './listener.ts'

declare module 'fastify' {
  interface FastifyInstance {
    /** Where metrics are served, where they are switched on. Port 0 of the settings is a free one. */
    metricsAddress?: string
  }
}

/** How often the values that only the store knows are read. A scrape reads none. */
const sampleEveryMs = 15_000

const requestSeconds = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
const operationSeconds = [0.000_1, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5]

/**
 * Measures the server and serves the result to Prometheus. A label has the server's own
 * values alone: a route as it is declared, never a path; an error code that is listed here, or `other`.
 */
export async function metrics(
  app: FastifyInstance,
  ctx: Pick<Context, 'store'>,
  place: { host: string; port: number },
  { keys, logs }: { keys: KeyRing; logs: LogBuffer },
): Promise<void> {
  const registry = new Registry()
  collectDefaultMetrics({ register: registry })
  measureRequests(app, registry)
  const stopOperations = measureOperations(registry)
  const stopEvents = countEvents(registry)
  showState(registry, ctx, keys, logs)
  const stopSamples = sampleStore(registry, ctx)
  const listener = serveMetrics(registry)
  app.decorate('metricsAddress', '')
  app.addHook('onReady', async () => {
    app.metricsAddress = await listener.listen(place.host, place.port)
    app.log.info(`Metrics at ${app.metricsAddress}metrics`)
  })
  app.addHook('onClose', async () => {
    stopOperations()
    stopEvents()
    await listener.close()
    await stopSamples()
  })
}

/** The path of a request is a caller's text, and so is the method of one that no route answers. */
function routeOf({ routeOptions, method }: FastifyRequest): { method: string; route: string } {
  const { url: route } = routeOptions
  return route === undefined ? { method: 'any', route: 'none' } : { method, route }
}

function measureRequests(app: FastifyInstance, registry: Registry): void {
  const requests = new Counter({
    name: 'rolecall_http_requests_total',
    help: 'Requests by route and status. A request that no route answers has the route "none".',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  })
  const durations = new Histogram({
    name: 'rolecall_http_request_duration_seconds',
    help: 'Time from the headers of a request to the end of its response.',
    labelNames: ['method', 'route'],
    buckets: requestSeconds,
    registers: [registry],
  })
  app.addHook('onResponse', (request, reply, done) => {
    const labels = routeOf(request)
    requests.inc({ ...labels, status: reply.raw.statusCode })
    durations.observe(labels, reply.elapsedTime / 1000)
    done()
  })
}

/** @returns a function that stops it */
function measureOperations(registry: Registry): () => void {
  const durations = new Histogram({
    name: 'rolecall_operation_duration_seconds',
    help: 'Time of statements and transactions of the store, hashes, signatures and deliveries, waiting included.',
    labelNames: ['operation', 'outcome'],
    buckets: operationSeconds,
    registers: [registry],
  })
  const startedAt = new WeakMap<Operation, number>()
  const subscriber = {
    start: (operation: Operation) => void startedAt.set(operation, performance.now()),
    end() {},
    asyncStart(operation: Operation) {
      const started = startedAt.get(operation)
      if (started === undefined) return
      const outcome = operation.error === undefined ? 'ok' : 'error'
      durations.observe({ operation: operation.name, outcome }, (performance.now() - started) / 1000)
    },
    asyncEnd() {},
    error() {},
  }
  operations.subscribe(subscriber)
  return () => operations.unsubscribe(subscriber)
}

const grants = new Map([
  ['authorization_code', 'authorization_code'],
  ['refresh_token', 'refresh_token'],
  ['client_credentials', 'client_credentials'],
  ['urn:ietf:params:oauth:grant-type:device_code', 'device_code'],
])

/** RFC 6749 §5.2, RFC 8628 §3.5, RFC 9449 §5, RFC 8707 §2, and Auth0's `access_denied`. */
const errors = new Set([
  'access_denied',
  'authorization_pending',
  'expired_token',
  'invalid_client',
  'invalid_dpop_proof',
  'invalid_grant',
  'invalid_request',
  'invalid_scope',
  'invalid_target',
  'server_error',
  'slow_down',
  'temporarily_unavailable',
  'unauthorized_client',
  'unsupported_grant_type',
  'use_dpop_nonce',
])

/** @returns a function that stops it */
function countEvents(registry: Registry): () => void {
  const registers = [registry]
  const issued = new Counter({
    name: 'rolecall_tokens_issued_total',
    help: 'Successful answers of the token endpoint by grant type.',
    labelNames: ['grant'],
    registers,
  })
  const refused = new Counter({
    name: 'rolecall_token_refusals_total',
    help: 'Refusals of the token endpoint by grant type and error code.',
    labelNames: ['grant', 'error'],
    registers,
  })
  const logIns = new Counter({
    name: 'rolecall_log_ins_total',
    help: 'Log-ins with a password: success, or why it was refused.',
    labelNames: ['outcome'],
    registers,
  })
  const countOne = (message: unknown) => {
    // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- `count` alone publishes here.
    const event = message as CountedEvent
    if (event.kind === 'log_in') return logIns.inc({ outcome: event.outcome })
    const grant = grants.get(event.grant) ?? 'other'
    if (event.kind === 'token_issued') issued.inc({ grant })
    else refused.inc({ grant, error: errors.has(event.error) ? event.error : 'other' })
  }
  countedEvents.subscribe(countOne)
  return () => {
    countedEvents.unsubscribe(countOne)
  }
}

/** What is in memory: read at each scrape. */
function showState(
  registry: Registry,
  { store }: Pick<Context, 'store'>,
  keys: KeyRing,
  logs: LogBuffer,
): void {
  const gauge = (name: string, help: string, read: () => number) =>
    registry.registerMetric(
      new Gauge({
        name,
        help,
        registers: [],
        collect() {
          this.set(read())
        },
      }),
    )
  gauge(
    'rolecall_store_waiting',
    'Transactions that wait for the writer (SQLite), or requests that wait for a connection (PostgreSQL).',
    () => store.waiting(),
  )
  gauge('rolecall_log_entries_waiting', 'Log entries that are not stored yet.', () => logs.waiting())
  registry.registerMetric(
    new Counter({
      name: 'rolecall_log_entries_dropped_total',
      help: 'Log entries that were lost because the store was not available for long.',
      registers: [],
      collect() {
        this.reset()
        this.inc(logs.dropped())
      },
    }),
  )
  registry.registerMetric(
    new Gauge({
      name: 'rolecall_signing_keys',
      help: 'Signing keys by algorithm and state.',
      labelNames: ['alg', 'state'],
      registers: [],
      collect() {
        this.reset()
        for (const { alg, state } of keys.list()) this.inc({ alg, state })
      },
    }),
  )
  registry.registerMetric(
    new Gauge({
      name: 'rolecall_signing_key_since_seconds',
      help: 'When the key that signs began to do so, in Unix time, by algorithm.',
      labelNames: ['alg'],
      registers: [],
      collect() {
        this.reset()
        for (const { alg, state, currentSince, createdAt } of keys.list())
          if (state === 'current') this.set({ alg }, Math.floor((currentSince ?? createdAt) / 1000))
      },
    }),
  )
}

/** What only the store knows: read at intervals, so that a store that does not answer holds up no scrape. @returns a function that stops it */
function sampleStore(registry: Registry, { store }: Pick<Context, 'store'>): () => Promise<void> {
  const registers = [registry]
  const up = new Gauge({
    name: 'rolecall_store_up',
    help: 'Whether the store answered the last reading, at most 15 seconds ago and the time of an answer.',
    registers,
  })
  const outbox = new Gauge({
    name: 'rolecall_outbox_waiting',
    help: 'Mail that waits for its delivery.',
    registers,
  })
  const streams = new Gauge({
    name: 'rolecall_log_streams',
    help: 'Log streams by state; "failing" is one whose receiver did not take the last delivery.',
    labelNames: ['state'],
    registers,
  })
  async function read(): Promise<void> {
    try {
      outbox.set(await countWaitingMail(store.db))
      const states = (await listStreams(store.db)).map(({ status, attempts }) =>
        status === 'active' && attempts > 0 ? 'failing' : status,
      )
      for (const state of ['active', 'failing', 'paused', 'suspended'])
        streams.set({ state }, states.filter((one) => one === state).length)
      up.set(1)
    } catch {
      up.set(0)
    }
  }
  let reading = read()
  let isReading = true
  const settle = () => {
    isReading = false
  }
  void reading.then(settle)
  const timer = setInterval(() => {
    if (isReading) return
    isReading = true
    reading = read()
    void reading.then(settle)
  }, sampleEveryMs).unref()
  return async () => {
    clearInterval(timer)
    await reading
  }
}
