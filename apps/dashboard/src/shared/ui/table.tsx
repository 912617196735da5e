import { Skeleton } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import { common } from '../text.ts'
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
}

export function Table<Row>({ label, columns, rows, rowKey, empty, groupOf, stale = false }: Props<Row>) {
  if (rows?.length === 0) return <div className="table-frame">{empty}</div>
  return (
    <div className="table-frame" aria-busy={rows === undefined || stale} data-stale={stale || undefined}>
      <table className="table" aria-label={label}>
        <thead>
          <tr>
            {columns.map(({ key, header, headerHidden, align, wide, width }) => (
              <th key={key} scope="col" data-align={align} data-wide={wide} style={{ width }}>
                {headerHidden ? <span className="visually-hidden">{header}</span> : header}
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
