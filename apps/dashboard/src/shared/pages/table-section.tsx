import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
import type { Bulk } from '../bulk/selection-bar.tsx'
import { useSelection } from '../bulk/use-selection.tsx'
import { includesText } from '../match.ts'
import { common } from '../text.ts'
import { AddButton, IconButton } from '../ui/buttons.tsx'
import { EmptyState } from '../ui/empty-state.tsx'
import { Failure } from '../ui/failure.tsx'
import type { IconName } from '../ui/icon.tsx'
import { Section } from '../ui/page.tsx'
import { SearchField } from '../ui/search-field.tsx'
import { type Column, Table } from '../ui/table.tsx'

export interface Props<Row> {
  text: { title: string; hint?: string; none: string; noneBody?: string | undefined }
  icon: IconName
  query: Pick<UseQueryResult, 'error' | 'refetch' | 'isPlaceholderData'>
  /** Absent while loading. */
  rows: readonly Row[] | undefined
  rowKey: (row: Row) => string
  columns: Column<Row>[]
  /** The heading of a group of rows that follow each other. */
  groupOf?: (row: Row) => string
  /** What a filter above a long table looks at. */
  filter?: { label: string; textOf: (row: Row) => string }
  /** Opens a dialog that adds rows; absent for a person who may not. */
  add?: { label: string; renderDialog: (close: () => void) => ReactNode } | false
  /** Takes a row away; absent for a person who may not. */
  remove?: Removal<Row> | false
  /** What can be done with several rows; absent for a person who may do none of it. */
  bulk?: Bulk<Row> | false
  /** At the right of the title, before the button that adds. */
  actions?: ReactNode
  /** Below the table. */
  children?: ReactNode
}

interface Removal<Row> {
  label: (row: Row) => string
  run: (row: Row) => unknown
  /** Absent: the row leaves this list and exists elsewhere. */
  icon?: 'trash'
  /** Rows that can be removed; absent: all. */
  may?: (row: Row) => boolean
}

const filteredFrom = 12

/** A panel with a table: what belongs to one resource, where it is added to and taken from. */
export function TableSection<Row>(props: Props<Row>) {
  const { text, query, rows, add, actions, children } = props
  const [adding, setAdding] = useState(false)
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const addButton = add && <AddButton label={add.label} onClick={() => setAdding(true)} />
  const shownButton = rows?.length !== 0 && addButton
  return (
    <Section
      title={text.title}
      description={text.hint}
      actions={
        (actions || shownButton) && (
          <>
            {actions}
            {shownButton}
          </>
        )
      }
    >
      <FilteredTable {...props} addButton={addButton} />
      {children}
      {adding && add && add.renderDialog(() => setAdding(false))}
    </Section>
  )
}

function FilteredTable<Row>(props: Props<Row> & { addButton: ReactNode }) {
  const { text, icon, query, rows, rowKey, columns, groupOf, filter, remove, bulk, addButton } = props
  const [typed, setTyped] = useState('')
  const { selecting, bar } = useSelection(bulk, rowKey, typed)
  const none = (
    <EmptyState icon={icon} title={text.none} action={addButton}>
      {text.noneBody}
    </EmptyState>
  )
  return (
    <>
      {filter && rows && rows.length > filteredFrom && (
        <div className="toolbar">
          <SearchField label={filter.label} value={typed} onChange={setTyped} />
        </div>
      )}
      {bar}
      <Table
        label={text.title}
        selecting={selecting}
        rows={filter ? rows?.filter((row) => includesText(filter.textOf(row), typed)) : rows}
        stale={query.isPlaceholderData}
        rowKey={rowKey}
        groupOf={groupOf}
        columns={remove ? [...columns, removalOf(remove)] : columns}
        empty={typed ? <EmptyState icon="search" title={common.noMatch(typed)} /> : none}
      />
    </>
  )
}

/** The column with the buttons that remove a row. */
function removalOf<Row>({ may = () => true, icon, label, run }: Removal<Row>): Column<Row> {
  return {
    key: 'remove',
    header: common.remove,
    headerHidden: true,
    align: 'end',
    render: (row) =>
      may(row) && <IconButton icon={icon ?? 'cross'} label={label(row)} onClick={() => void run(row)} />,
  }
}
