import { Button } from '@mantine/core'
import type { LogStream, LogStreamDeliveries } from '@rolecall/contract'
import { common } from '../../shared/text.ts'
import { Dialog } from '../../shared/ui/dialog.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Loaded } from '../../shared/ui/loaded.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { useDeliveries, useStreamChanges } from './streams-queries.ts'
import { streams as text } from './text.ts'

interface Props {
  stream: LogStream
  mayRetry: boolean
  onClose: () => void
}

/** How the deliveries of a stream fare: the one that waits, and those that were refused. */
export function StreamDialog({ stream, mayRetry, onClose }: Props) {
  const query = useDeliveries(stream.id)
  const { retry } = useStreamChanges()
  const act = useAction()
  const again = (deliveryId?: string) => act({ run: () => retry(stream.id, deliveryId), done: text.retrying })
  return (
    <Dialog opened size="lg" title={stream.name} onClose={onClose}>
      <p className="dim">
        {stream.sink.httpEndpoint}, {text.formats[stream.sink.httpContentFormat]}
        {stream.filters.length > 0 && `, ${stream.filters.map(({ name }) => name).join(', ')}`}
      </p>
      <Loaded query={query}>
        {(deliveries) => (
          <>
            <p>
              {text.lastDelivered} <Time value={deliveries.last_delivered_at} />
            </p>
            <Waiting deliveries={deliveries} onRetry={mayRetry ? () => void again() : undefined} />
            <Table
              label={text.failed}
              rows={deliveries.failed}
              rowKey={({ id }) => id}
              empty={<EmptyState icon="check" title={text.noneFailed} />}
              columns={[
                { key: 'when', header: text.when, render: ({ failed_at }) => <Time value={failed_at} /> },
                {
                  key: 'entries',
                  header: text.entries,
                  wide: true,
                  render: ({ entries, first_log_id, last_log_id }) => (
                    <span title={text.range(first_log_id, last_log_id)}>{entries}</span>
                  ),
                },
                { key: 'error', header: text.error, render: ({ error }) => error },
                {
                  key: 'retry',
                  header: common.retry,
                  headerHidden: true,
                  align: 'end',
                  render: ({ id, retrying, first_log_id }) =>
                    mayRetry && (
                      <Button
                        size="compact-sm"
                        disabled={retrying}
                        aria-label={text.retryOne(first_log_id)}
                        onClick={() => void again(id)}
                      >
                        {text.sendAgain}
                      </Button>
                    ),
                },
              ]}
            />
          </>
        )}
      </Loaded>
    </Dialog>
  )
}

function Waiting({
  deliveries: { waiting },
  onRetry,
}: {
  deliveries: LogStreamDeliveries
  onRetry: (() => void) | undefined
}) {
  if (!waiting) return null
  return (
    <Callout tone="warn">
      <p>
        {text.waiting(waiting.error, waiting.attempts)} <Time value={waiting.retry_at} />
      </p>
      {onRetry && (
        <Button size="compact-sm" onClick={onRetry}>
          {text.sendNow}
        </Button>
      )}
    </Callout>
  )
}
