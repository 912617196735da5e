import { Link } from 'react-router'
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
  /** The page that explains who has the permission, or why; absent for a person who may not see it. */
  explainAt?: ((row: Row) => string) | false
  /** Between the description and the buttons. */
  columns: Column<Row>[]
}

/** Permissions of an API, a role or a user; a long list can be filtered. */
export function PermissionTable<Row extends { description: string }>({
  nameOf,
  apiOf,
  textOf,
  explainAt = false,
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
        ...(explainAt
          ? [
              {
                key: 'explain',
                header: text.explain,
                headerHidden: true,
                align: 'end' as const,
                render: (row: Row) => (
                  <Link to={explainAt(row)} aria-label={text.explainOf(nameOf(row))}>
                    {text.explain}
                  </Link>
                ),
              },
            ]
          : []),
      ]}
    />
  )
}
