import { useParams } from 'react-router'
import { differencesBetween } from '../../shared/logs/difference.ts'
import { useLogEntry } from '../../shared/logs/log-entry.ts'
import { EventTag, WhatHappened } from '../../shared/logs/log-table.tsx'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { Page, Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { Time } from '../../shared/ui/time.tsx'
import './logs.css'
import { logs } from './text.ts'

const shownElsewhere = new Set(['_id', 'description', 'type', 'date', 'details', 'isMobile'])

export function LogEntryPage() {
  const { id = '' } = useParams()
  const query = useLogEntry(id)
  return (
    <LoadedPage query={query}>
      {(entry) => {
        const { before, after, targets: _, ...details } = entry.details ?? {}
        return (
          <Page
            title={entry.description || logs.entry}
            badge={<EventTag type={entry.type} />}
            subtitle={<Time value={entry.date} seconds />}
            back={{ to: '/logs', label: logs.title }}
          >
            <Section title={logs.entry}>
              <p className="wrap">
                <WhatHappened entry={entry} />
              </p>
              <dl className="facts">
                {Object.entries(entry)
                  .filter(([name]) => !shownElsewhere.has(name))
                  .map(([name, value]) => (
                    <div key={name}>
                      <dt>
                        <code>{name}</code>
                      </dt>
                      <dd className="wrap">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
                    </div>
                  ))}
              </dl>
            </Section>
            {(before !== undefined || after !== undefined) && <Changed before={before} after={after} />}
            {Object.keys(details).length > 0 && (
              <Section title={logs.details}>
                <CodeBlock label={logs.details} code={JSON.stringify(details, null, 2)} />
              </Section>
            )}
          </Page>
        )
      }}
    </LoadedPage>
  )
}

/** What differs between the two states: the old value struck out, the new one marked. */
function Changed({ before, after }: { before: unknown; after: unknown }) {
  const rows = differencesBetween(before, after)
  return (
    <Section title={logs.changed}>
      <Table
        label={logs.changed}
        rows={rows}
        rowKey={({ member, before: old, after: fresh }) => JSON.stringify([member, old, fresh])}
        empty={<p className="difference-none">{logs.noDifference}</p>}
        columns={[
          { key: 'member', header: logs.member, render: ({ member }) => <code>{member}</code> },
          {
            key: 'before',
            header: logs.before,
            render: ({ before: old }) => old !== undefined && <del className="difference">{old}</del>,
          },
          {
            key: 'after',
            header: logs.after,
            render: ({ after: fresh }) => fresh !== undefined && <ins className="difference">{fresh}</ins>,
          },
        ]}
      />
    </Section>
  )
}
