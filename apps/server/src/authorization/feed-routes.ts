/**
 * The feed of changes for the guards of APIs: `GET <issuer>authorization/changes`, as server-sent events, or as JSON for
 * readers that poll. Requires a token for `<issuer>authorization/` with the scope `read:authorization_changes`, which the
 * application of an API gets (`oauth/resource-servers.ts`). It reads the changes of its own API.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { authorizationValues, createGuard, GuardError, scopes } from '@rolecall/guard'
import { requestView } from '@rolecall/guard/fastify'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { mayGetTokensFor } from '../applications/applications.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import type { Cache } from '../store/cache.ts'
import { readFacts } from './entitlement.ts'
import { createFeed, type FeedReader } from './feed.ts'
import { audienceOf, changesScope, feedAudience } from './feed-access.ts'
import type { MarkLog } from './mark-log.ts'
import { parsePosition } from './position.ts'

const heartbeatMs = 1_000
/** A poll waits at most so long for a change. */
const maxWaitSeconds = 30
const maxReaders = 2_000
/** A reader that does not read for so long is disconnected. It goes on from its position later. */
const maxStalledMs = 10_000

export function feedRoutes(
  app: FastifyInstance,
  ctx: Context,
  keys: KeyRing,
  cache: Cache,
  log: MarkLog,
): void {
  const { issuer } = ctx.config
  const facts = readFacts(ctx.store.db, cache)
  const feed = createFeed(ctx, keys, log)
  const guard = createGuard({
    issuer,
    audience: feedAudience(issuer),
    keys: () => keys.publicJwks(),
    now: ctx.clock,
    clockToleranceSeconds: 0,
    dpop: false,
  })
  keys.onChange(() => void guard.refreshKeys())
  const access = { kind: 'required', requirement: scopes(changesScope) } as const
  const stopping = new AbortController()
  app.addHook('preClose', async () => stopping.abort())
  app.connections.onDrain(() => stopping.abort())
  let readers = 0

  async function authenticate(request: FastifyRequest, reply: FastifyReply) {
    try {
      const audience = await audienceFor(request)
      if (audience !== undefined) return audience
      void reply.code(403).send({ error: 'access_denied', error_description: 'No API has this application' })
    } catch (error) {
      if (!(error instanceof GuardError)) throw error
      const { status, headers } = guard.refusal(error)
      void reply.code(status).headers(headers).type('application/json')
      void reply.send({ error: error.code, error_description: error.reason })
    }
    return undefined
  }

  /**
   * The API of the caller's application, as it is now. Undefined where it has none, or may get no tokens.
   * @throws {GuardError} for a token that is not valid, or not any more
   */
  async function audienceFor(request: FastifyRequest): Promise<string | undefined> {
    const header = authorizationValues(request.raw.rawHeaders)
    const subject = await guard.authorize(header, access, () => requestView(request))
    if (subject === undefined) return undefined
    const clientId = String(subject.claims['azp'] ?? subject.claims['client_id'])
    const application = await facts.application(clientId)
    return application && mayGetTokensFor(application, 'client') ? audienceOf(application) : undefined
  }

  /** Asked again and again while a stream is open. While the store does not answer, the reader is not told anything either. */
  async function mayGoOn(request: FastifyRequest, audience: string): Promise<boolean> {
    try {
      return (await audienceFor(request)) === audience
    } catch (error) {
      return !(error instanceof GuardError)
    }
  }

  app.get('/authorization/changes', async (request, reply) => {
    void reply.header('cache-control', 'no-store')
    const audience = await authenticate(request, reply)
    if (audience === undefined) return reply
    if (readers >= maxReaders || stopping.signal.aborted)
      return reply
        .code(503)
        .header('retry-after', '1')
        .send({ error: 'temporarily_unavailable', error_description: 'Too many readers' })
    const query = asRecord(request.query)
    const after = parsePosition(query['after'] ?? request.headers['last-event-id'])
    const reader = feed(audience, after)
    readers++
    try {
      const isAllowed = () => mayGoOn(request, audience)
      if (query['wait'] !== undefined)
        return await answerPoll(reader, reply, isAllowed, waitSeconds(query['wait']))
      await stream(reader, reply, isAllowed)
      return reply
    } finally {
      readers--
    }
  })

  /** Answers when there is a change, or when the time is over. */
  async function answerPoll(
    reader: FeedReader,
    reply: FastifyReply,
    isAllowed: () => Promise<boolean>,
    seconds: number,
  ) {
    const deadline = performance.now() + seconds * 1_000
    const events = await readAll(reader)
    while (!reader.hasNews() && performance.now() < deadline && !isOver(reply)) {
      await changeWithin(deadline - performance.now(), reply)
      if (!(await isAllowed())) break
      events.push(...(await readAll(reader)))
    }
    if (stopping.signal.aborted) void reply.header('connection', 'close')
    return reply.send({ events })
  }

  async function stream(
    reader: FeedReader,
    reply: FastifyReply,
    isAllowed: () => Promise<boolean>,
  ): Promise<void> {
    // A store that does not answer is told by a status. The rest is sent as it is read, because a snapshot may be long.
    let events: string[] | undefined = await reader.next()
    reply.hijack()
    const { raw } = reply
    raw.writeHead(200, {
      'content-type': 'text/event-stream',
      'cache-control': 'no-store',
      // Without it the server waits for the connection to time out when it stops.
      connection: 'close',
      // nginx buffers otherwise.
      'x-accel-buffering': 'no',
    })
    while (!isOver(reply)) {
      for (const event of events ?? []) raw.write(`data: ${event}\n\n`)
      const isAtEnd = events === undefined || reader.isComplete()
      // Says that the marks were read just now and there is no other one.
      if (isAtEnd && events !== undefined && log.position() !== undefined) raw.write(': heartbeat\n\n')
      // A snapshot is long: what is read before the reader has taken the rest would stay in memory.
      if (!(await isDrained(reply))) {
        raw.destroy()
        return
      }
      if (isAtEnd) {
        await changeWithin(heartbeatMs, reply)
        if (!(await isAllowed())) break
      }
      // Undefined while the store does not answer: no events, and no heartbeat.
      events = await reader.next().catch(() => undefined)
    }
    raw.end()
  }

  const isOver = ({ raw }: FastifyReply) => stopping.signal.aborted || raw.destroyed || raw.closed

  /** Waits until the reader has read what was sent. @returns false when it does not */
  async function isDrained(reply: FastifyReply): Promise<boolean> {
    const { raw } = reply
    const deadline = performance.now() + maxStalledMs
    while (raw.writableNeedDrain && !isOver(reply) && performance.now() < deadline)
      await changeWithin(deadline - performance.now(), reply)
    return !raw.writableNeedDrain
  }

  /** Resolves at the next change, when the time is over, or when the reader is gone or has read what was sent. */
  async function changeWithin(ms: number, { raw }: FastifyReply): Promise<void> {
    const woken = new AbortController()
    const wake = () => woken.abort()
    const unsubscribe = log.subscribe(wake)
    raw.once('drain', wake)
    raw.once('close', wake)
    stopping.signal.addEventListener('abort', wake)
    await sleep(Math.max(ms, 0), undefined, { signal: woken.signal }).catch(() => {})
    unsubscribe()
    raw.off('drain', wake)
    raw.off('close', wake)
    stopping.signal.removeEventListener('abort', wake)
  }
}

async function readAll(reader: FeedReader): Promise<string[]> {
  const events: string[] = []
  do events.push(...(await reader.next()))
  while (!reader.isComplete())
  return events
}

function waitSeconds(text: unknown): number {
  const seconds = Number(text)
  return Number.isFinite(seconds) ? Math.min(Math.max(seconds, 0), maxWaitSeconds) : 0
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? { ...value } : {}
}
