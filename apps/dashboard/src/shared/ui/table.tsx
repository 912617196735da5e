import { Checkbox, Skeleton } from '@mantine/core'
import { Fragment, type ReactNode } from 'react'
import { type Picked, stateOf, withRows } from '../bulk/selection.ts'
import { bulk as text } from '../bulk/text.ts'
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

/** Rows can be selected, each by a checkbox. */
export interface Selecting<Row> {
  picked: Picked
  onPick: (picked: Picked) => void
  nameOf: (row: Row) => string
  /** Rows that can be selected; absent: all. */
  may?: (row: Row) => boolean
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
  selecting?: Selecting<Row> | undefined
}

export function Table<Row>(props: Props<Row>) {
  const { label, rows, rowKey, empty, groupOf, stale = false, sorting, selecting } = props
  const columns = selecting ? [checkboxes(selecting, rowKey), ...props.columns] : props.columns
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
                {selecting && column.key === checkboxKey ? (
                  <PageCheckbox rows={rows ?? []} rowKey={rowKey} selecting={selecting} />
                ) : (
                  <Header column={column} sorting={sorting} />
                )}
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
                  <tr data-selected={selecting?.picked.has(rowKey(row)) || undefined}>
                    {columns.map(({ key, render, align, wide }) => (
                      <td
                        key={key}
                        data-align={align}
                        data-wide={wide}
                        data-checkbox={key === checkboxKey || undefined}
                      >
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

const checkboxKey = 'select'

function checkboxes<Row>(
  { picked, onPick, nameOf, may = () => true }: Selecting<Row>,
  rowKey: (row: Row) => string,
): Column<Row> {
  return {
    key: checkboxKey,
    header: text.selectPage,
    width: '1px',
    render: (row) =>
      may(row) && (
        <Checkbox
          size="xs"
          aria-label={text.select(nameOf(row))}
          checked={picked.has(rowKey(row))}
          onChange={({ currentTarget: { checked } }) =>
            onPick(withRows(picked, new Map([[rowKey(row), nameOf(row)]]), checked))
          }
        />
      ),
  }
}

/** Selects the rows that are shown, or takes them from the selection. */
function PageCheckbox<Row>({
  rows,
  rowKey,
  selecting: { picked, onPick, nameOf, may },
}: {
  rows: readonly Row[]
  rowKey: (row: Row) => string
  selecting: Selecting<Row>
}) {
  const pickable = may ? rows.filter(may) : rows
  const page = new Map(pickable.map((row) => [rowKey(row), nameOf(row)]))
  const state = stateOf(picked, [...page.keys()])
  return (
    <Checkbox
      size="xs"
      aria-label={text.selectPage}
      disabled={page.size === 0}
      checked={state === 'all'}
      indeterminate={state === 'some'}
      onChange={() => onPick(withRows(picked, page, state !== 'all'))}
    />
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
