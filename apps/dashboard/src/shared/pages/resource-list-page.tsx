import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import type { Bulk } from '../bulk/selection-bar.tsx'
import { useSelection } from '../bulk/use-selection.tsx'
import { pageSize } from '../management/lists.ts'
import { common } from '../text.ts'
import { AddButton } from '../ui/buttons.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failure } from '../ui/failure.tsx'
import type { IconName } from '../ui/icon.tsx'
import { Page } from '../ui/page.tsx'
import { Pager } from '../ui/pager.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, type Sorting, Table } from '../ui/table.tsx'
import { useFilters, usePage, withPage } from '../url-state.ts'

interface Props<Row> {
  text: {
    title: string
    subtitle: string
    search: string
    create: string
    emptyTitle: string
    emptyBody: string
  }
  icon: IconName
  query: Pick<UseQueryResult, 'error' | 'refetch' | 'isPlaceholderData'>
  /** What the search matches: all of it, or its page. Absent while loading. */
  rows: readonly Row[] | undefined
  /** How many there are on all pages; absent for a list that comes in one piece. */
  total?: number | undefined
  rowKey: (row: Row) => string
  columns: Column<Row>[]
  /** Absent for a person who may not create one. */
  onCreate: (() => void) | undefined
  /** Besides the search: selects that filter. */
  tools?: ReactNode
  /** Whether `tools` filter. */
  filtered?: boolean
  sorting?: Sorting
  /** What can be done with several; absent for a person who may do none of it. */
  bulk?: Bulk<Row> | false
  /** At the title, before the button that creates one: what is done with the list. */
  actions?: ReactNode
  /** Above the list. */
  note?: ReactNode
  /** The dialog that creates one. */
  children: ReactNode
}

/** All resources of a kind: searched, paged, and where the next one is created. */
export function ResourceListPage<Row>(props: Props<Row>) {
  const { text, icon, query, rows, total = 0, rowKey, columns, onCreate, note, tools, children } = props
  const { filtered = false, sorting, actions, bulk } = props
  const [search, setFilter] = useFilters()
  const [page, setPage] = usePage()
  const searched = search.get('q') ?? ''
  const { selecting, bar } = useSelection(bulk, rowKey, withPage(search, 0).toString())
  const create = onCreate && <AddButton label={text.create} onClick={onCreate} />
  return (
    <Page
      title={text.title}
      subtitle={text.subtitle}
      actions={
        (actions || create) && (
          <>
            {actions}
            {create}
          </>
        )
      }
    >
      <div className="toolbar">
        <SearchField label={text.search} value={searched} onChange={(typed) => setFilter('q', typed)} />
        {tools}
      </div>
      {note}
      {query.error ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          {bar}
          <Table
            label={text.title}
            columns={columns}
            rows={rows}
            stale={query.isPlaceholderData}
            rowKey={rowKey}
            sorting={sorting}
            selecting={selecting}
            empty={
              searched || filtered ? (
                <EmptyState icon="search" title={searched ? common.noMatch(searched) : common.noneFiltered} />
              ) : (
                <EmptyState icon={icon} title={text.emptyTitle} action={create}>
                  {text.emptyBody}
                </EmptyState>
              )
            }
          />
          <Pager page={page} size={pageSize} total={total} onPage={setPage} />
        </>
      )}
      {children}
    </Page>
  )
}
