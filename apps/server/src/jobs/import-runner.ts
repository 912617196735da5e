import { setTimeout as wait } from 'node:timers/promises'
import type { Context } from '../context.ts'
import { BusyError } from '../crypto/hashing-queue.ts'
import { importFinishedMessage } from '../mail/templates.ts'
import { listOwnerEmails } from '../roles/owners.ts'
import { isUnavailable } from '../store/errors.ts'
import type { Db } from '../store/store.ts'
import { transaction } from '../store/transaction.ts'
import { tenantSettings } from '../tenant/settings.ts'
import {
  type ActiveImport,
  claimImport,
  closeAbandonedUploads,
  closeImport,
  findJob,
  type Job,
  nextBatch,
  releaseImport,
  renewLease,
  saveJob,
} from './store.ts'
import { ImportFailure, importBatch, LostLease, refuseFirst } from './users-import.ts'

export interface ImportRunner {
  /** Runs the imports that are ready. Resolves when none is left. */
  run(): Promise<void>
  /** Stops after the current batch. Another process, or the next start, continues. */
  close(): Promise<void>
}

const pollMs = 5_000
const attempts = 3
const retryAfterMs = 1_000

/** Runs imports, one per slot: those uploaded to this process, and those whose process has ended. */
export function createImportRunner(ctx: Context, onProblem: (error: unknown) => void): ImportRunner {
  const stop = new AbortController()
  const running = new Set<Promise<void>>()

  async function work(active: ActiveImport): Promise<void> {
    try {
      await importAll(ctx, active, stop.signal)
    } catch (error) {
      if (!(error instanceof LostLease)) onProblem(error)
    } finally {
      await releaseImport(ctx.store.db, active).catch(onProblem)
    }
  }
  async function run(): Promise<void> {
    try {
      await closeAbandonedUploads(ctx.store.db, ctx.clock())
      for (;;) {
        const active = stop.signal.aborted ? undefined : await claimImport(ctx.store.db, ctx.clock())
        if (!active) break
        const working = work(active).finally(() => running.delete(working))
        running.add(working)
      }
    } catch (error) {
      onProblem(error)
    }
    await Promise.all(running)
  }
  const timer = setInterval(() => void run(), pollMs).unref()
  return {
    run,
    async close() {
      stop.abort()
      clearInterval(timer)
      await Promise.all(running)
    },
  }
}

async function importAll(ctx: Context, active: ActiveImport, signal: AbortSignal): Promise<void> {
  let failures = 0
  for (;;) {
    if (signal.aborted) return
    const batch = await nextBatch(ctx, ctx.store.db, active.jobId)
    if (!batch) break
    try {
      // After a failure each user is imported alone, so that one that the store refuses does not block the others.
      if (failures > attempts) await refuseFirst(ctx, active, batch)
      else await importBatch(ctx, active, batch, failures === 0 ? batch.records.length : 1)
      failures = 0
    } catch (error) {
      if (error instanceof ImportFailure) return finish(ctx, active, error.message)
      if (error instanceof LostLease) throw error
      if (!(error instanceof BusyError) && !isUnavailable(error)) failures++
      if (await isOver(ctx, active)) throw new LostLease()
      await wait(retryAfterMs, undefined, { signal }).catch(() => {})
    }
  }
  await finish(ctx, active)
}

/** Keeps the lease while the store or the queue of hashes is busy. */
async function isOver(ctx: Context, active: ActiveImport): Promise<boolean> {
  try {
    return !(await renewLease(ctx.store.db, active, ctx.clock()))
  } catch (error) {
    if (isUnavailable(error)) return false
    throw error
  }
}

async function finish(ctx: Context, active: ActiveImport, failure?: string): Promise<void> {
  const { jobId, settings } = active
  await transaction(ctx, async ({ db, now }) => {
    if (!(await renewLease(db, active, now))) throw new LostLease()
    const job = await findJob(db, jobId)
    await closeImport(db, jobId)
    if (!job) return
    const finished = finishedJob(job, now, failure)
    await saveJob(db, finished)
    if (settings.sendCompletionEmail) await mailOwners(ctx, db, finished)
  })
}

function finishedJob(job: Job, now: number, failure: string | undefined): Job {
  const { total = 0, failed = 0 } = job.data.summary ?? {}
  const allFailed = failed > 0 && failed === total
  const statusDetails = failure ?? (allFailed ? 'No user could be imported' : undefined)
  return {
    ...job,
    status: statusDetails === undefined ? 'completed' : 'failed',
    finishedAt: now,
    data: {
      ...job.data,
      ...(failure === undefined && { percentageDone: 100 }),
      ...(statusDetails !== undefined && { statusDetails }),
    },
  }
}

async function mailOwners(ctx: Context, db: Db, { id, status, data }: Job): Promise<void> {
  const { friendly_name: tenant } = await tenantSettings(db)
  for (const to of await listOwnerEmails(db)) {
    const { externalId, summary } = data
    await ctx.mailer.send(
      importFinishedMessage({ tenant, to, jobId: id, status, externalId, ...summary }),
      db,
    )
  }
}
