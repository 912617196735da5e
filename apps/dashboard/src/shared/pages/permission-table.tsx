import { common } from '../text.ts'
import type { Column } from '../ui/table.tsx'
import { TableSection, type Props as TableSectionProps } from './table-section.tsx'
import { permissionTable as text } from './text.ts'

interface Props<Row> extends Omit<TableSectionProps<Row>, 'icon' | 'filter'> {
  nameOf: (row: Row) => string
  /** The API, where the table has permissions of several. */
  apiOf?: (row: Row) => string
  /** What else the filter looks at. */
  textOf?: (row: Row) => string
  /** Between the description and the buttons. */
  columns: Column<Row>[]
}

/** Permissions of an API, a role or a user; a long list can be filtered. */
export function PermissionTable<Row extends { description: string }>({
  nameOf,
  apiOf,
  textOf,
  columns,
  ...props
}: Props<Row>) {
  return (
    <TableSection
      {...props}
      icon="key"
      filter={{
        label: text.filter,
        textOf: (row) => `${nameOf(row)} ${row.description} ${textOf?.(row) ?? ''}`,
      }}
      columns={[
        {
          key: 'name',
          header: common.permission,
          width: '220px',
          render: (row) => (
            <>
              <code>{nameOf(row)}</code>
              <span className="narrow-only dim small">{apiOf?.(row) ?? row.description}</span>
            </>
          ),
        },
        {
          key: 'description',
          header: common.description,
          wide: true,
          render: ({ description }) => description,
        },
        ...columns,
      ]}
    />
  )
}
