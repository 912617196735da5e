import { Skeleton } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import { common } from '../text.ts'
import { Icon } from './icon.tsx'
import './table.css'

export interface Column<Row> {
  key: string
  header: string
  /** Read by screen readers only, where the content speaks for itself. */
  headerHidden?: boolean
  render: (row: Row) => ReactNode
  align?: 'end'
  /** Left out where the screen is narrow. */
  wide?: boolean
  width?: string
  /** The field that the list can be sorted by. */
  sort?: string
}

/** The order of a list: a field and 1, or -1 for descending. */
export interface Sorting {
  value: string
  onSort: (value: string) => void
}

interface Props<Row> {
  label: string
  columns: Column<Row>[]
  /** Absent while they are on their way. */
  rows: readonly Row[] | undefined
  rowKey: (row: Row) => string
  /** Shown instead of a table without rows. */
  empty: ReactNode
  /** The heading of a group of rows. The rows of a group follow each other. */
  groupOf?: ((row: Row) => string) | undefined
  /** Whether other rows are on their way to take the place of these. */
  stale?: boolean
  sorting?: Sorting | undefined
}

export function Table<Row>(props: Props<Row>) {
  const { label, columns, rows, rowKey, empty, groupOf, stale = false, sorting } = props
  if (rows?.length === 0) return <div className="table-frame">{empty}</div>
  return (
    <div className="table-frame" aria-busy={rows === undefined || stale} data-stale={stale || undefined}>
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                data-align={column.align}
                data-wide={column.wide}
                style={{ width: column.width }}
                aria-sort={directionOf(column, sorting)}
              >
                <Header column={column} sorting={sorting} />
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            ? rows.map((row, index) => (
                <Fragment key={rowKey(row)}>
                  {groupOf && startsGroup(rows, index, groupOf) && (
                    <tr className="table-group">
                      <th scope="rowgroup" colSpan={columns.length}>
                        {groupOf(row)}
                      </th>
                    </tr>
                  )}
                  <tr>
                    {columns.map(({ key, render, align, wide }) => (
                      <td key={key} data-align={align} data-wide={wide}>
                        {render(row)}
                      </td>
                    ))}
                  </tr>
                </Fragment>
              ))
            : Array.from({ length: 6 }, (_, line) => (
                <tr key={line}>
                  {columns.map(({ key, wide }, column) => (
                    <td key={key} data-wide={wide}>
                      {line === 0 && column === 0 && (
                        <span className="visually-hidden">{common.loading}</span>
                      )}
                      <Skeleton height={14} width={`${80 - ((line * 13 + column * 7) % 40)}%`} />
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
    </div>
  )
}

function startsGroup<Row>(rows: readonly Row[], index: number, groupOf: (row: Row) => string): boolean {
  const [before, row] = [rows[index - 1], rows[index]]
  return row !== undefined && (before === undefined || groupOf(before) !== groupOf(row))
}

function directionOf<Row>({ sort }: Column<Row>, sorting: Sorting | undefined) {
  if (sort === undefined || sorting === undefined) return undefined
  if (sorting.value === `${sort}:1`) return 'ascending'
  return sorting.value === `${sort}:-1` ? 'descending' : undefined
}

function Header<Row>({ column, sorting }: { column: Column<Row>; sorting: Sorting | undefined }) {
  const { header, headerHidden, sort } = column
  if (headerHidden) return <span className="visually-hidden">{header}</span>
  if (sort === undefined || sorting === undefined) return header
  const direction = directionOf(column, sorting)
  return (
    <button
      type="button"
      className="table-sort"
      data-direction={direction}
      onClick={() => sorting.onSort(`${sort}:${direction === 'ascending' ? -1 : 1}`)}
    >
      {header}
      <Icon name="down" size={13} />
    </button>
  )
}
