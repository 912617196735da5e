import type { UseQueryResult } from '@tanstack/react-query'
import { type ReactNode, useState } from 'react'
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
  remove?:
    | {
        label: (row: Row) => string
        run: (row: Row) => unknown
        /** Absent: the row leaves this list and exists elsewhere. */
        icon?: 'trash'
        /** Rows that can be removed; absent: all. */
        may?: (row: Row) => boolean
      }
    | false
  /** At the right of the title, instead of the button that adds. */
  actions?: ReactNode
  /** Below the table. */
  children?: ReactNode
}

const filteredFrom = 12

/** A panel with a table: what belongs to one resource, where it is added to and taken from. */
export function TableSection<Row>(props: Props<Row>) {
  const { text, icon, query, rows, rowKey, columns, groupOf, filter, add, remove, actions, children } = props
  const [typed, setTyped] = useState('')
  const [adding, setAdding] = useState(false)
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const addButton = add && <AddButton label={add.label} onClick={() => setAdding(true)} />
  const removal: Column<Row> | undefined = remove
    ? {
        key: 'remove',
        header: common.remove,
        headerHidden: true,
        align: 'end',
        render: (row) =>
          (remove.may?.(row) ?? true) && (
            <IconButton
              icon={remove.icon ?? 'cross'}
              label={remove.label(row)}
              onClick={() => void remove.run(row)}
            />
          ),
      }
    : undefined
  return (
    <Section
      title={text.title}
      description={text.hint}
      actions={actions ?? (rows?.length !== 0 && addButton)}
    >
      {filter && (rows?.length ?? 0) > filteredFrom && (
        <div className="toolbar">
          <SearchField label={filter.label} value={typed} onChange={setTyped} />
        </div>
      )}
      <Table
        label={text.title}
        rows={filter ? rows?.filter((row) => includesText(filter.textOf(row), typed)) : rows}
        stale={query.isPlaceholderData}
        rowKey={rowKey}
        groupOf={groupOf}
        columns={removal ? [...columns, removal] : columns}
        empty={
          typed ? (
            <EmptyState icon="search" title={common.noMatch(typed)} />
          ) : (
            <EmptyState icon={icon} title={text.none} action={addButton}>
              {text.noneBody}
            </EmptyState>
          )
        }
      />
      {children}
      {adding && add && add.renderDialog(() => setAdding(false))}
    </Section>
  )
}
