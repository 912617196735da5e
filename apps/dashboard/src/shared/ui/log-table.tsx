import type { Log } from '@rolecall/contract'
import { Link } from 'react-router'
import { eventTypes, logs } from '../../strings/logs.ts'
import { EmptyState } from './empty-state.tsx'
import { type Column, Table } from './table.tsx'
import { Tag } from './tag.tsx'
import { Time } from './time.tsx'

/** Log entries, newest first; each leads to its own page. */
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
    header: logs.who,
    render: (entry) => <Who entry={entry} />,
  }
  return (
    <Table
      label={logs.title}
      rows={rows}
      stale={stale}
      rowKey={({ log_id }) => log_id}
      empty={
        <EmptyState icon="log" title={filtered ? logs.noMatch : logs.emptyTitle}>
          {!filtered && logs.emptyBody}
        </EmptyState>
      }
      columns={[
        {
          key: 'when',
          header: logs.when,
          render: ({ date, log_id }) => (
            <Link className="table-link" to={`/logs/${log_id}`}>
              <Time value={date} seconds />
            </Link>
          ),
        },
        {
          key: 'event',
          header: logs.event,
          render: (entry) => (
            <span className="row">
              <EventTag type={entry.type} />
              <span className="dim small">{entry.description}</span>
            </span>
          ),
        },
        ...(withUser ? [who] : []),
        {
          key: 'application',
          header: logs.application,
          wide: true,
          render: ({ client_name }) => client_name,
        },
        {
          key: 'ip',
          header: logs.ip,
          wide: true,
          render: ({ ip }) => ip && <code className="nowrap">{ip}</code>,
        },
      ]}
    />
  )
}

export function EventTag({ type }: { type: string }) {
  const { text, tone } = eventTypes[type] ?? { text: logs.unknownType(type), tone: 'plain' }
  return <Tag tone={tone}>{text}</Tag>
}

/** By name where the entry has one; ids are shortened, and lead to whom they belong to. */
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
