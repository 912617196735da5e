import type { ChangeTarget, Log } from '@rolecall/contract'
import { Fragment } from 'react'
import { Link } from 'react-router'
import { common } from '../text.ts'
import { CopyText } from '../ui/copy-button.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Table } from '../ui/table.tsx'
import { Tag } from '../ui/tag.tsx'
import { Time } from '../ui/time.tsx'
import { deletes, pathOf, sentenceOf, updateOf } from './change.ts'
import { type EventType, eventTypes, logTable as text } from './text.ts'

const noEntries = { title: text.emptyTitle, body: text.emptyBody }

/** Log entries, newest first, each with a link to its page. */
export function LogTable({
  rows,
  stale = false,
  withUser = true,
  filtered = false,
  none = noEntries,
}: {
  rows: Log[] | undefined
  stale?: boolean
  withUser?: boolean
  filtered?: boolean
  /** Shown when there is no entry, and no filter. */
  none?: { title: string; body: string }
}) {
  return (
    <Table
      label={text.label}
      rows={rows}
      stale={stale}
      rowKey={({ log_id }) => log_id}
      empty={
        <EmptyState icon="log" title={filtered ? text.noMatch : none.title}>
          {!filtered && none.body}
        </EmptyState>
      }
      columns={[
        {
          key: 'when',
          header: text.when,
          width: '1px',
          wide: true,
          render: (entry) => <When entry={entry} />,
        },
        {
          key: 'event',
          header: text.event,
          render: (entry) => (
            <>
              <span className="narrow-only small">
                <When entry={entry} />
              </span>
              <EventTag type={entry.type} /> <WhatHappened entry={entry} withUser={withUser} />
            </>
          ),
        },
        {
          key: 'application',
          header: text.application,
          wide: true,
          render: ({ client_name, client_id }) =>
            // An application that was unknown, or that an earlier version has logged without its name.
            client_name ?? (client_id && <CopyText value={client_id} what={text.clientId} />),
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

function When({ entry: { date, log_id } }: { entry: Log }) {
  return (
    <Link className="table-link" to={`/logs/${log_id}`}>
      <Time value={date} seconds />
    </Link>
  )
}

export function EventTag({ type }: { type: string }) {
  const { text: name, tone } = events[type] ?? { text: text.unknownType(type), tone: 'plain' }
  return <Tag tone={tone}>{name}</Tag>
}

/** An entry may have a type that this dashboard does not know. */
const events: Partial<Record<string, EventType>> = eventTypes

/** Who did what to what, with the names of that time. An entry without names shows its description. */
export function WhatHappened({ entry, withUser = true }: { entry: Log; withUser?: boolean }) {
  const sentence = sentenceOf(entry)
  const update = sentence && updateOf(entry)
  return (
    <span className="small">
      {withUser && <Who entry={entry} />}{' '}
      {sentence ? (
        sentence.map((part, index) => (
          <Fragment key={typeof part === 'string' ? `${index}${part}` : part[0]?.type}>
            {typeof part === 'string' ? part : <Targets targets={part} linked={!deletes(entry)} />}
          </Fragment>
        ))
      ) : (
        <span className="dim">{remarkOf(entry)}</span>
      )}
      {update && <span className="dim"> ({update})</span>}
    </span>
  )
}

/** The description, unless the tag of the event says it already. */
function remarkOf({ type, description }: Log): string | undefined {
  return description === events[type]?.text ? undefined : description
}

const shownTargets = 5

function Targets({ targets, linked }: { targets: ChangeTarget[]; linked: boolean }) {
  const more = targets.length - shownTargets
  return (
    <>
      {targets.slice(0, shownTargets).map((target, index) => {
        const path = linked && pathOf(target)
        return (
          <Fragment key={target.id}>
            {index > 0 && ', '}
            <Target target={target} path={path} />
          </Fragment>
        )
      })}
      {more > 0 && ` ${common.andMore(more)}`}
    </>
  )
}

function Target({
  target: { type, name },
  path,
}: {
  target: ChangeTarget
  path: string | false | undefined
}) {
  if (type === 'permission') return <code className="wrap">{name}</code>
  return <bdi className="wrap">{path ? <Link to={path}>{name}</Link> : name}</bdi>
}

/** The user of an entry, or else its application, by name where it has one. */
export function Who({ entry: { user_name, user_id, client_name, client_id } }: { entry: Log }) {
  if (user_id)
    return (
      <Link to={`/users/${encodeURIComponent(user_id)}`} title={user_id}>
        {user_name ?? user_id}
      </Link>
    )
  if (user_name) return <bdi>{user_name}</bdi>
  if (client_id) return <Link to={`/applications/${client_id}`}>{client_name ?? client_id}</Link>
  return client_name
}
