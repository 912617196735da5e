import type { Log } from '@rolecall/contract'
import { Link } from 'react-router'
import { EmptyState } from '../ui/empty-state.tsx'
import { type Column, Table } from '../ui/table.tsx'
import { Tag } from '../ui/tag.tsx'
import { Time } from '../ui/time.tsx'
import { type EventType, eventTypes, logTable as text } from './text.ts'

/** Log entries, newest first, each with a link to its page. */
export function LogTable({
  rows,
  stale = false,
  withUser = true,
  filtered = false,
}: {
  rows: Log[] | undefined
  stale?: boolean
  withUser?: boolean
  filtered?: boolean
}) {
  const who: Column<Log> = {
    key: 'who',
    header: text.who,
    wide: true,
    render: (entry) => <Who entry={entry} />,
  }
  return (
    <Table
      label={text.label}
      rows={rows}
      stale={stale}
      rowKey={({ log_id }) => log_id}
      empty={
        <EmptyState icon="log" title={filtered ? text.noMatch : text.emptyTitle}>
          {!filtered && text.emptyBody}
        </EmptyState>
      }
      columns={[
        {
          key: 'when',
          header: text.when,
          render: ({ date, log_id }) => (
            <Link className="table-link" to={`/logs/${log_id}`}>
              <Time value={date} seconds />
            </Link>
          ),
        },
        {
          key: 'event',
          header: text.event,
          render: (entry) => (
            <span className="row">
              <EventTag type={entry.type} />
              <span className="dim small">{entry.description}</span>
              {withUser && (
                <span className="narrow-only">
                  <Who entry={entry} />
                </span>
              )}
            </span>
          ),
        },
        ...(withUser ? [who] : []),
        {
          key: 'application',
          header: text.application,
          wide: true,
          render: ({ client_name }) => client_name,
        },
        {
          key: 'ip',
          header: text.ip,
          wide: true,
          render: ({ ip }) => ip && <code className="nowrap">{ip}</code>,
        },
      ]}
    />
  )
}

export function EventTag({ type }: { type: string }) {
  const known: Partial<Record<string, EventType>> = eventTypes
  const { text: name, tone } = known[type] ?? { text: text.unknownType(type), tone: 'plain' }
  return <Tag tone={tone}>{name}</Tag>
}

/** The user of an entry, by name where it has one, or else by a shortened ID; a link to the user. */
function Who({ entry: { user_name, user_id, client_name, client_id } }: { entry: Log }) {
  if (!user_id) return user_name ?? client_name ?? client_id
  return (
    <Link to={`/users/${encodeURIComponent(user_id)}`} title={user_id}>
      {user_name ?? shorten(user_id)}
    </Link>
  )
}

const shownOfId = 12

function shorten(id: string): string {
  return id.length > 2 * shownOfId ? `${id.slice(0, shownOfId)}…${id.slice(-4)}` : id
}
