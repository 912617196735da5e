import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Span, Context as SpanContext } from '@opentelemetry/api'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Config } from '../config.ts'
import { loadTracing } from './load-tracing.ts'
import { type Operation, operations } from './operations.ts'

const exportTimeoutMs = 5_000
/** What a collector that does not answer may delay the stop of the server. */
const stopMs = 1_000
/** Spans that wait for the collector. Beyond it, new ones are dropped. */
const maxWaiting = 2_048

/**
 * Sends a trace of each request to an OpenTelemetry collector, where `TRACES_URL` is set: a span for the request and one
 * for each operation in it. Spans hold the server's own names alone: no path, no address, no id of a user or application,
 * no text of an error. Without the setting nothing of OpenTelemetry is loaded.
 */
export async function traces(
  app: FastifyInstance,
  { traces: settings }: Pick<Config, 'traces'>,
  isTrusted: (request: FastifyRequest) => boolean,
): Promise<void> {
  if (!settings) return
  const { api, sdk, Exporter, resource } = await loadTracing()
  const exporter = new Exporter({ url: settings.url, timeoutMillis: exportTimeoutMs })
  const processor = new sdk.BatchSpanProcessor({
    exporter,
    maxQueueSize: maxWaiting,
    exportTimeoutMillis: exportTimeoutMs,
  })
  const provider = new sdk.TracerProvider({
    resource,
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(settings.ratio) }),
    spanProcessors: [processor],
  })
  const tracer = provider.getTracer('rolecall')
  const current = new AsyncLocalStorage<Span>()
  const ofRequests = new WeakMap<FastifyRequest, Span>()
  const ofOperations = new WeakMap<Operation, Span>()

  const below = (span: Span): SpanContext => api.trace.setSpan(api.ROOT_CONTEXT, span)
  /** W3C Trace Context §3.2. A proxy that is trusted with the address of a client may also begin the trace. */
  const parentOf = (request: FastifyRequest): SpanContext => {
    const given = request.headers['traceparent']
    const [, traceId, spanId, flags] =
      /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(String(given)) ?? []
    if (!traceId || !spanId || !flags || !isTrusted(request)) return api.ROOT_CONTEXT
    const parent = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
    return below(api.trace.wrapSpanContext(parent))
  }

  app.addHook('onRequest', (request, _reply, done) => {
    const kind = api.SpanKind.SERVER
    const span = tracer.startSpan('request', { kind }, parentOf(request))
    ofRequests.set(request, span)
    current.run(span, done)
  })
  // A body arrives in the context of its socket.
  app.addHook('preValidation', (request, _reply, done) => {
    const span = ofRequests.get(request)
    if (span) current.run(span, done)
    else done()
  })
  app.addHook('onResponse', (request, reply, done) => {
    const { url: route } = request.routeOptions
    const { statusCode } = reply.raw
    const span = ofRequests.get(request)
    if (route !== undefined) {
      span?.updateName(`${request.method} ${route}`)
      span?.setAttributes({ 'http.request.method': request.method, 'http.route': route })
    }
    span?.setAttribute('http.response.status_code', statusCode)
    if (statusCode >= 500) span?.setStatus({ code: api.SpanStatusCode.ERROR })
    span?.end()
    done()
  })

  const subscriber = {
    start(operation: Operation) {
      const parent = current.getStore()
      // Outside a request there is work at intervals, which would be traces of one span each.
      if (!parent?.isRecording()) return
      ofOperations.set(operation, tracer.startSpan(operation.name, {}, below(parent)))
    },
    end() {},
    asyncStart(operation: Operation) {
      const span = ofOperations.get(operation)
      if (operation.error !== undefined) span?.setStatus({ code: api.SpanStatusCode.ERROR })
      span?.end()
    },
    asyncEnd() {},
    error() {},
  }
  operations.subscribe(subscriber)
  app.addHook('onClose', async () => {
    operations.unsubscribe(subscriber)
    await Promise.race([provider.shutdown().catch(() => undefined), sleep(stopMs, undefined, { ref: false })])
  })
}
