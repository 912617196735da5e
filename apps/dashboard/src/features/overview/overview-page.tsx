import type { Overview } from '@rolecall/contract'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { LogTable } from '../../shared/logs/log-table.tsx'
import { Redirect } from '../../shared/redirect.tsx'
import { number } from '../../shared/text.ts'
import { LoadedPage } from '../../shared/ui/loaded.tsx'
import { Page, Section } from '../../shared/ui/page.tsx'
import { PageSkeleton } from '../../shared/ui/skeletons.tsx'
import { AttentionList } from './attention-list.tsx'
import { DayChart } from './day-chart.tsx'
import './overview.css'
import { useLatestChanges, useOverview } from './overview-queries.ts'
import { overview as text } from './text.ts'

/** The start page of a tenant that is set up. Before that, Get started is. */
export default function OverviewPage() {
  const query = useOverview()
  return (
    <LoadedPage query={query}>
      {(overview) => {
        if (overview.is_set_up) return <Overview overview={overview} />
        return query.isFetching ? <PageSkeleton /> : <Redirect to="/get-started" />
      }}
    </LoadedPage>
  )
}

function Overview({ overview: { users, days, attention } }: { overview: Overview }) {
  const can = useCan()
  const changes = useLatestChanges(can('read:logs'))
  return (
    <Page title={text.title} subtitle={text.subtitle}>
      <Figures users={users} days={days} />
      <Section title={text.attention}>
        <AttentionList attention={attention} />
      </Section>
      {days && (
        <Section title={text.chartTitle}>
          <DayChart days={days} />
        </Section>
      )}
      {can('read:logs') && (
        <Section title={text.latest} actions={<Link to="/logs?kind=changes">{text.allLogs}</Link>}>
          <LogTable rows={changes.data} />
        </Section>
      )}
    </Page>
  )
}

function Figures({ users, days }: Pick<Overview, 'users' | 'days'>) {
  const sum = (name: 'logins' | 'refusals') => days?.reduce((total, day) => total + day[name], 0)
  const figures: [label: string, value: number | undefined, to: string][] = [
    [text.users, users?.total, '/users'],
    [text.active, users?.active, '/users'],
    [text.logins, sum('logins'), '/logs?kind=logins'],
    [text.refusals, sum('refusals'), '/logs?kind=refusals'],
  ]
  return (
    <ul className="figures">
      {figures
        .filter(([, value]) => value !== undefined)
        .map(([label, value = 0, to]) => (
          <li key={label}>
            <Link to={to}>
              <strong>{number(value)}</strong>
              <span>{label}</span>
            </Link>
          </li>
        ))}
    </ul>
  )
}
