import type { Context } from '../context.ts'
import { writeLog } from '../logs/log.ts'

const unfinished = new WeakMap<object, Set<Promise<void>>>()

/**
 * Starts work whose duration would tell what the answer must not (whether there is an account) once the answer is out.
 * A failure goes to the log; nobody waits for it.
 */
export function answerFirst(ctx: Context, work: () => Promise<void>): void {
  const works = unfinished.get(ctx.store) ?? new Set()
  unfinished.set(ctx.store, works)
  const run = new Promise<void>((resolve) => void setImmediate(resolve))
    .then(work)
    .catch((error: unknown) => report(ctx, error))
    .finally(() => works.delete(run))
  works.add(run)
}

/** Resolves when everything that was begun is done: before the store closes, and in tests. */
export async function allAnswered(ctx: Pick<Context, 'store'>): Promise<void> {
  const works = unfinished.get(ctx.store) ?? new Set()
  while (works.size > 0) await Promise.all(works)
}

async function report(ctx: Context, error: unknown): Promise<void> {
  const description = `A mail could not be prepared: ${error instanceof Error ? error.message : String(error)}`
  await writeLog(ctx.store.db, { type: 'w', description, date: ctx.clock() }).catch(() => {})
}
