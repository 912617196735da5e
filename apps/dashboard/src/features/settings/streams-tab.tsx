import { Button } from '@mantine/core'
import type { LogStream } from '@rolecall/contract'
import { useState } from 'react'
import { useCan } from '../../shared/auth/session.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { common } from '../../shared/text.ts'
import { IconButton } from '../../shared/ui/buttons.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { CreateStreamDialog } from './create-stream-dialog.tsx'
import { StreamDialog } from './stream-dialog.tsx'
import { useDeliveries, useLogStreams, useStreamChanges } from './streams-queries.ts'
import { streams as text } from './text.ts'

const tones = { active: 'ok', paused: 'plain', suspended: 'danger' } as const

export function StreamsTab() {
  const can = useCan()
  const query = useLogStreams()
  const { update, remove } = useStreamChanges()
  const act = useAction()
  const [open, setOpen] = useState<string>()
  const shown = query.data?.find(({ id }) => id === open)
  const mayChange = can('update:log_streams', 'read:logs')

  const setStatus = ({ id, name }: LogStream, status: 'active' | 'paused') =>
    act({ run: () => update(id, { status }), done: text.changed[status](name) })
  const drop = ({ id, name }: LogStream) =>
    act({
      question: { title: text.removeTitle(name), body: text.removeBody, action: common.delete },
      run: () => remove(id),
      done: text.removed(name),
    })
  return (
    <TableSection
      text={text}
      icon="log"
      query={query}
      rows={query.data}
      rowKey={({ id }) => id}
      add={
        can('create:log_streams', 'read:logs') && {
          label: text.create,
          renderDialog: (close) => <CreateStreamDialog onClose={close} />,
        }
      }
      columns={[
        {
          key: 'name',
          header: common.name,
          render: (stream) => (
            <>
              <Button
                className="text-button"
                variant="transparent"
                size="compact-sm"
                aria-label={text.open(stream.name)}
                onClick={() => setOpen(stream.id)}
              >
                {stream.name}
              </Button>
              <span className="narrow-only dim small">{stream.sink.httpEndpoint}</span>
            </>
          ),
        },
        { key: 'to', header: text.endpoint, wide: true, render: ({ sink }) => sink.httpEndpoint },
        {
          key: 'status',
          header: text.status,
          render: (stream) => <StreamStatus stream={stream} />,
        },
        {
          key: 'actions',
          header: text.actions,
          headerHidden: true,
          align: 'end',
          render: (stream) => (
            <>
              {mayChange &&
                (stream.status === 'active' ? (
                  <IconButton
                    icon="pause"
                    label={text.pause(stream.name)}
                    onClick={() => void setStatus(stream, 'paused')}
                  />
                ) : (
                  <IconButton
                    icon="play"
                    label={text.resume(stream.name)}
                    onClick={() => void setStatus(stream, 'active')}
                  />
                ))}
              {can('delete:log_streams') && (
                <IconButton icon="trash" label={text.remove(stream.name)} onClick={() => void drop(stream)} />
              )}
            </>
          ),
        },
      ]}
    >
      {shown && <StreamDialog stream={shown} mayRetry={mayChange} onClose={() => setOpen(undefined)} />}
    </TableSection>
  )
}

/** An active stream whose receiver does not take the entries is not well. */
function StreamStatus({ stream: { id, status } }: { stream: LogStream }) {
  const { data } = useDeliveries(id)
  if (status === 'active' && data?.waiting) return <Tag tone="warn">{text.failing}</Tag>
  return <Tag tone={tones[status]}>{text.statuses[status]}</Tag>
}
