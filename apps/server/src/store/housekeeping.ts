import { setTimeout as pause } from 'node:timers/promises'
import type { Context } from '../context.ts'
import type { Db } from './store.ts'
import { toJson } from './values.ts'

const everyMs = 5 * 60_000
/** Shorter than the interval, so that the server that swept last is the one that sweeps next. */
const turnMs = 0.9 * everyMs
const renewAfterMs = 60_000

/** Deletes one batch of expired rows. @returns how many were deleted; 0 when none is left */
export type Sweep = (db: Db, now: number) => Promise<number>

export interface Housekeeping {
  /** Sweeps now, unless another server has swept within the interval. */
  run(): Promise<void>
  /** Resolves when the current batch has ended. */
  stop(): Promise<void>
}

/** Deletes rows that are older than a number of days. With 0 days they are kept. */
export function olderThan(days: number, sweep: (db: Db, before: number) => Promise<number>): Sweep {
  return async (db, now) => (days === 0 ? 0 : sweep(db, now - days * 86_400_000))
}

/**
 * Deletes expired rows at intervals, on one of the servers of a store. The batches hold locks briefly, and a pause as long
 * as the batch follows each, so that other writes do not wait for a long deletion. It only keeps the store small: expiry
 * is checked where a row is used (CVE-2025-64708).
 */
export function startHousekeeping(
  { store, clock }: Pick<Context, 'store' | 'clock'>,
  sweeps: readonly Sweep[],
  onProblem: (error: unknown) => void,
): Housekeeping {
  const stop = new AbortController()
  const { signal } = stop

  async function clean(): Promise<void> {
    let turn = clock()
    if (!(await takeTurn(store.db, turn))) return
    for (const sweep of sweeps) {
      try {
        while (!signal.aborted && (await sweepOnce(sweep))) {
          if (clock() - turn < renewAfterMs) continue
          const renewed = clock()
          if (!(await takeTurn(store.db, renewed, turn))) return
          turn = renewed
        }
      } catch (error) {
        onProblem(error)
      }
    }
  }

  async function sweepOnce(sweep: Sweep): Promise<boolean> {
    const startedAt = performance.now()
    if ((await sweep(store.db, clock())) === 0) return false
    // Rejects when housekeeping is stopped.
    await pause(performance.now() - startedAt, undefined, { signal, ref: false }).catch(() => {})
    return true
  }

  let cleaning = Promise.resolve()
  const run = () => {
    cleaning = cleaning.then(clean).catch(onProblem)
    return cleaning
  }
  const timer = setInterval(() => void run(), everyMs).unref()
  return {
    run,
    async stop() {
      stop.abort()
      clearInterval(timer)
      await cleaning
    },
  }
}

/**
 * Takes the turn to sweep, by one statement: of several servers one succeeds. The turn of a server that has ended is free
 * after a while, and so is one in the future, which a wrong clock has written.
 * @param held when this server took the turn that it renews
 */
async function takeTurn(db: Db, now: number, held = -1): Promise<boolean> {
  const row = { data: toJson({}), updated_at: now }
  const result = await db
    .insertInto('settings')
    .values({ id: 'housekeeping', ...row })
    .onConflict((conflict) =>
      conflict
        .column('id')
        .doUpdateSet(row)
        .where((eb) =>
          eb.or([
            eb('settings.updated_at', '=', held),
            eb('settings.updated_at', '<=', now - turnMs),
            eb('settings.updated_at', '>', now + turnMs),
          ]),
        ),
    )
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}
