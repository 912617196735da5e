import { useParams } from 'react-router'
import { EventTag } from '../../shared/logs/log-table.tsx'
import { CodeBlock } from '../../shared/ui/code-block.tsx'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { Page, Section } from '../../shared/ui/page.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useLogEntry } from './log-queries.ts'
import { logs } from './text.ts'

const ownPlace = new Set(['_id', 'description', 'type', 'date', 'details', 'isMobile'])

export function LogEntryPage() {
  const { id = '' } = useParams()
  const query = useLogEntry(id)
  return (
    <LoadedPage query={query}>
      {(entry) => {
        const { before, after, ...details } = entry.details ?? {}
        return (
          <Page
            title={entry.description || logs.entry}
            badge={<EventTag type={entry.type} />}
            subtitle={<Time value={entry.date} seconds />}
            back={{ to: '/logs', label: logs.title }}
          >
            <Section title={logs.entry}>
              <dl className="facts" style={{ margin: 0 }}>
                {Object.entries(entry)
                  .filter(([name]) => !ownPlace.has(name))
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
            {(before !== undefined || after !== undefined) && (
              <Section title={logs.changed}>
                <div className="columns">
                  <CodeBlock label={logs.before} code={print(before)} />
                  <CodeBlock label={logs.after} code={print(after)} />
                </div>
              </Section>
            )}
            {Object.keys(details).length > 0 && (
              <Section title={logs.details}>
                <CodeBlock label={logs.details} code={print(details)} />
              </Section>
            )}
          </Page>
        )
      }}
    </LoadedPage>
  )
}

const print = (value: unknown): string => (value === undefined ? '–' : JSON.stringify(value, null, 2))
