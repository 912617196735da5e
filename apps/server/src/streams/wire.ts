import type { LogStream, LogStreamDeliveries } from '@rolecall/contract'
import type { FailedDelivery, Stream } from './store.ts'
import type { Sink } from './streams.ts'

/** Converts a stream to its wire format. Credentials are left out. */
export function streamToWire(stream: Stream, { url, format, contentType }: Sink): LogStream {
  return {
    id: stream.id,
    name: stream.name,
    type: 'http',
    status: stream.status,
    isPriority: stream.isPriority,
    filters: stream.filters.map((name) => ({ type: 'category' as const, name })),
    sink: { httpEndpoint: url, httpContentFormat: format, httpContentType: contentType },
  }
}

export function deliveriesToWire(
  stream: Stream,
  { authorization }: Sink,
  failures: readonly FailedDelivery[],
): LogStreamDeliveries {
  const { deliveredAt, failingSince, retryAt, attempts, error = '' } = stream
  return {
    has_authorization: authorization !== undefined,
    ...(deliveredAt !== undefined && { last_delivered_at: toDate(deliveredAt) }),
    ...(failingSince !== undefined && {
      waiting: { attempts, since: toDate(failingSince), error, retry_at: toDate(retryAt ?? failingSince) },
    }),
    failed: failures.map((failure) => ({
      id: failure.id,
      first_log_id: failure.firstLogId,
      last_log_id: failure.lastLogId,
      entries: failure.entries,
      error: failure.error,
      failed_at: toDate(failure.failedAt),
      retrying: failure.isRequested,
    })),
  }
}

const toDate = (time: number) => new Date(time).toISOString()
