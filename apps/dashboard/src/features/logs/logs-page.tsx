import { Checkbox, NativeSelect, Switch, TextInput } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { ApiError } from '../../shared/api/api-error.ts'
import { useConfiguration } from '../../shared/configuration-context.ts'
import { ExportLog } from '../../shared/logs/export-log.tsx'
import { LogTable } from '../../shared/logs/log-table.tsx'
import { lastLogPage, totalOfUncounted } from '../../shared/logs/paging.ts'
import { pageSize } from '../../shared/management/lists.ts'
import { Failure } from '../../shared/ui/failure.tsx'
import { Page, Section } from '../../shared/ui/page.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { LinesSkeleton } from '../../shared/ui/skeletons.tsx'
import { Callout } from '../../shared/ui/tag.tsx'
import { useFilters, usePage } from '../../shared/url-state.ts'
import { filtersIn, kindNames, toSearch } from './kinds.ts'
import { useLogPage } from './log-queries.ts'
import { logs } from './text.ts'
import { useLiveRows } from './use-live-rows.ts'

const HourChart = lazy(() => import('./hour-chart.tsx'))

export function LogsPage() {
  const [search, set] = useFilters()
  const [page, setPage] = usePage()
  const [live, setLive] = useState(true)
  const { client_id } = useConfiguration()
  const withSilent = search.has('silent')
  const filters = filtersIn(search)
  const isFiltered = toSearch(filters) !== ''
  const q = toSearch({ ...filters, withoutSilentOf: withSilent ? undefined : client_id })
  const query = useLogPage(page, q)
  const following = live && page === 0 && !filters.to
  const rows = useLiveRows(query.isPlaceholderData ? undefined : query.data, q, following)
  return (
    <Page title={logs.title} subtitle={logs.subtitle} actions={<ExportLog name="log" q={q} />}>
      <Section title={logs.chartTitle}>
        <Suspense fallback={<LinesSkeleton lines={4} />}>
          <HourChart />
        </Suspense>
      </Section>
      <div className="toolbar">
        <SearchField label={logs.search} value={filters.text} onChange={(text) => set('q', text)} />
        <NativeSelect
          className="filter-select"
          aria-label={logs.kind}
          value={filters.kind}
          data={kindNames.map((value) => ({
            value,
            label: logs.kinds[value],
          }))}
          onChange={({ currentTarget: { value } }) => set('kind', value === 'all' ? '' : value)}
        />
        <Day label={logs.from} value={filters.from} onChange={(day) => set('from', day)} />
        <Day label={logs.to} value={filters.to} onChange={(day) => set('to', day)} />
        <Checkbox
          label={logs.silent}
          title={logs.silentHint}
          checked={withSilent}
          onChange={({ currentTarget: { checked } }) => set('silent', checked ? '1' : '')}
        />
        <Switch
          label={logs.live}
          title={logs.liveOn}
          checked={live}
          onChange={({ currentTarget: { checked } }) => setLive(checked)}
        />
      </div>
      {query.error && !query.data ? (
        <LogFailure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <LogTable rows={rows ?? query.data} stale={query.isPlaceholderData} filtered={isFiltered} />
          <Pager page={page} size={pageSize} total={totalOfUncounted(page, query.data)} onPage={setPage} />
          {page >= lastLogPage && <p className="dim small">{logs.pagesEnd}</p>}
        </>
      )}
    </Page>
  )
}

function Day({ label, value, onChange }: { label: string; value: string; onChange: (day: string) => void }) {
  return (
    <TextInput
      type="date"
      aria-label={label}
      leftSection={<span className="dim small">{label}</span>}
      leftSectionWidth={52}
      value={value}
      onChange={({ currentTarget }) => onChange(currentTarget.value)}
    />
  )
}

/** A search that the server cannot parse is shown with the reason, not as a failure. */
function LogFailure({ error, onRetry }: { error: Error; onRetry: () => void }) {
  if (error instanceof ApiError && error.statusCode === 400)
    return <Callout tone="warn">{error.message}</Callout>
  return <Failure error={error} onRetry={onRetry} />
}
