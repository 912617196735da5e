import type { FastifyInstance } from 'fastify'
import type { Context } from '../context.ts'

/**
 * `/healthz`: the process answers. `/readyz`: the store can read and write, its disk has room, the signing keys in it can
 * be used, and the server is not stopping. The answer names the part that fails; the log has the reason.
 * @param checkKeys rejects when the signing keys in the store cannot be used
 */
export function healthRoutes(
  app: FastifyInstance,
  { store, config }: Pick<Context, 'store' | 'config'>,
  checkKeys: () => Promise<void>,
): void {
  const quiet = { logLevel: 'warn' } as const
  app.get('/healthz', quiet, () => ({ status: 'ok' }))
  app.get('/readyz', quiet, async (_request, reply) => {
    if (app.connections.isDraining) return notReady({ status: 'stopping' })
    const { freeBytes } = store
    const ofStore = await stateOf('store', () => store.check())
    const parts = {
      store: ofStore,
      ...(freeBytes && { disk: await stateOf('disk', async () => requireSpace(await freeBytes())) }),
      keys: ofStore === 'ok' ? await stateOf('keys', checkKeys) : 'unknown',
    }
    const isReady = Object.values(parts).every((state) => state === 'ok')
    return isReady ? { status: 'ok', ...parts } : notReady({ status: 'unavailable', ...parts })

    function notReady(answer: object) {
      return reply.code(503).header('retry-after', '1').send(answer)
    }
  })

  async function stateOf(part: string, check: () => Promise<void>): Promise<'ok' | 'failing'> {
    try {
      await check()
      return 'ok'
    } catch (error) {
      app.log.warn(error, `not ready: ${part}`)
      return 'failing'
    }
  }

  function requireSpace(free: number): void {
    if (free < config.minFreeDiskBytes) throw new Error(`The disk of the store has ${free} bytes left`)
  }
}
