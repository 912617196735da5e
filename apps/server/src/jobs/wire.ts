import type { JobWire } from '@rolecall/contract'
import type { Context } from '../context.ts'
import type { Job } from './store.ts'
import { exportLink } from './users-export.ts'

/** Converts a job to its wire format. An export has a link to its file. */
export function jobToWire(ctx: Pick<Context, 'config' | 'sealer' | 'clock'>, job: Job): JobWire {
  const {
    connectionId,
    externalId,
    format,
    percentageDone,
    summary,
    statusDetails,
    upsert,
    sendCompletionEmail,
  } = job.data
  return {
    id: job.id,
    type: job.type,
    status: job.status,
    created_at: new Date(job.createdAt).toISOString(),
    ...(connectionId !== undefined && { connection_id: connectionId }),
    ...(externalId !== undefined && { external_id: externalId }),
    ...(format !== undefined && { format }),
    ...(percentageDone !== undefined && { percentage_done: percentageDone }),
    ...(summary && { summary }),
    ...(statusDetails !== undefined && { status_details: statusDetails }),
    ...(upsert !== undefined && { upsert }),
    ...(sendCompletionEmail !== undefined && { send_completion_email: sendCompletionEmail }),
    ...(job.type === 'users_export' && { location: exportLink(ctx, job) }),
  }
}
