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
  /** A question about each permission, and the page with its answer; absent for a person who may not see it. */
  question?: Question<Row> | false
  /** Between the description and the buttons. */
  columns: Column<Row>[]
}

interface Question<Row> {
  kind: 'who' | 'why'
  at: (row: Row) => string
}

/** Permissions of an API, a role or a user; a long list can be filtered. */
export function PermissionTable<Row extends { description: string }>({
  nameOf,
  apiOf,
  textOf,
  question = false,
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
              {question && (
                <span className="narrow-only small">
                  <Ask question={question} row={row} name={nameOf(row)} />
                </span>
              )}
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
        ...(question
          ? [
              {
                key: 'explain',
                header: text.questions[question.kind],
                headerHidden: true,
                align: 'end' as const,
                wide: true,
                render: (row: Row) => <Ask question={question} row={row} name={nameOf(row)} />,
              },
            ]
          : []),
      ]}
    />
  )
}

function Ask<Row>({
  question: { kind, at },
  row,
  name,
}: {
  question: Question<Row>
  row: Row
  name: string
}) {
  const asked = text.questions[kind]
  return (
    <Link to={at(row)} aria-label={`${asked} ${name}`}>
      {asked}
    </Link>
  )
}
