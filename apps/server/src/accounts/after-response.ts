import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'

const running = new WeakMap<object, Set<Promise<void>>>()

/**
 * Starts work after the response is sent. Its duration depends on whether an account exists, which the response must
 * not reveal. A failure goes to the log.
 */
export function afterResponse(ctx: Context, work: () => Promise<void>): void {
  const all = running.get(ctx.store) ?? new Set()
  running.set(ctx.store, all)
  const run = new Promise<void>((resolve) => void setImmediate(resolve))
    .then(work)
    .catch((error: unknown) => logFailure(ctx, error))
    .finally(() => all.delete(run))
  all.add(run)
}

/** Resolves when all work that `afterResponse` started is done. Awaited before the store closes, and in tests. */
export async function afterResponseDone(ctx: Pick<Context, 'store'>): Promise<void> {
  const all = running.get(ctx.store) ?? new Set()
  while (all.size > 0) await Promise.all(all)
}

async function logFailure(ctx: Context, error: unknown): Promise<void> {
  const description = `A mail could not be prepared: ${error instanceof Error ? error.message : String(error)}`
  await writeLog(ctx.store.db, { type: 'w', description, date: ctx.clock() }).catch(() => {})
}
