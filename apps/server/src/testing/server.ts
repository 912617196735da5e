import { createServer } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { createApp } from '../app.ts'
import type { Clock } from '../clock.ts'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import type { KeyRing } from '../keys/key-ring.ts'
import { createMailer } from '../mail/mailer.ts'
import type { Store } from '../store/store.ts'
import { ensureSystemObjects } from '../system-objects.ts'
import { testConfig } from './config.ts'
import { openTestKeyRing, testSealer } from './keys.ts'

interface Cleanup {
  after(clean: () => Promise<void>): void
}

/** The server on a real socket and a real store, composed as in `main.ts`. */
export interface TestServer {
  app: FastifyInstance
  ctx: Context
  keys: KeyRing
  /** `http://127.0.0.1:<port>/` */
  issuer: string
}

/** Starts a server on a new store of the given kind; both go when the test is over. */
export async function startServer(
  t: Cleanup,
  kind: { open(t: Cleanup): Promise<Store> },
  {
    clock = Date.now,
    config = {},
    issuerHost = '127.0.0.1',
  }: {
    clock?: Clock
    config?: Partial<Config>
    /** `localhost`, where a browser is to accept security keys: they do not work for an address. */
    issuerHost?: string
  } = {},
): Promise<TestServer> {
  // Hooks run in the order in which they were registered: the server before its store.
  let app: FastifyInstance | undefined
  t.after(async () => {
    const closed = app?.close()
    // A browser may hold a connection on which it has not sent a request, and close() waits for one.
    app?.server.closeAllConnections()
    await closed
  })
  const store = await kind.open(t)
  const port = await freePort()
  const scheme = config.tls ? 'https' : 'http'
  const whole = testConfig({ issuer: `${scheme}://${issuerHost}:${port}/`, port, ...config })
  const ctx: Context = {
    config: whole,
    store,
    clock,
    sealer: testSealer,
    mailer: createMailer(whole, store, clock),
  }
  await ensureSystemObjects(ctx)
  const keys = await openTestKeyRing(ctx)
  app = await createApp(ctx, keys)
  await app.listen({ host: whole.host, port: whole.port })
  return { app, ctx, keys, issuer: whole.issuer }
}

/** The issuer's address must be known before the server is composed. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const address = probe.address()
  await new Promise((resolve) => probe.close(resolve))
  if (typeof address !== 'object' || address === null) throw new Error('no port')
  return address.port
}
