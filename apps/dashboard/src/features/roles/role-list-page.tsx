import { Button } from '@mantine/core'
import type { RoleCount } from '@rolecall/contract'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { DeleteSelected } from '../../shared/bulk/delete-selected.tsx'
import { ExportButtons } from '../../shared/export/export-buttons.tsx'
import { toLines } from '../../shared/export/lines.ts'
import { removals } from '../../shared/management/removals.ts'
import {
  type Role,
  roleExportColumns,
  useReadRoles,
  useReadRolesForExport,
  useRoleCounts,
  useRolePage,
} from '../../shared/management/roles.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common, number } from '../../shared/text.ts'
import { ClashNote } from '../../shared/ui/clash-note.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { useCreating, useFilters, usePage } from '../../shared/url-state.ts'
import { CreateRoleDialog } from './create-role-dialog.tsx'
import { comparison, roles } from './text.ts'

const columnsOf = (counts: ReadonlyMap<string, RoleCount> | undefined): Column<Role>[] => [
  {
    key: 'name',
    header: common.name,
    sort: 'name',
    width: '40%',
    render: ({ id, name, description, type }) => (
      <span className="row">
        <Link className="table-link" to={id}>
          {name}
        </Link>
        {type === 'system' && <Tag>{common.system}</Tag>}
        <span className="narrow-only dim small">{description}</span>
      </span>
    ),
  },
  {
    key: 'description',
    header: common.description,
    wide: true,
    render: ({ description }) => description,
  },
  {
    key: 'users',
    header: roles.tabs.users,
    sort: 'users',
    align: 'end',
    width: '90px',
    render: ({ id }) => <Count of={counts?.get(id)?.users} to={`${id}/users`} />,
  },
  {
    key: 'permissions',
    header: roles.tabs.permissions,
    sort: 'permissions',
    align: 'end',
    width: '110px',
    wide: true,
    render: ({ id }) => <Count of={counts?.get(id)?.permissions} to={`${id}/permissions`} />,
  },
]

export function RoleListPage() {
  const can = useCan()
  const [page] = usePage()
  const [search, setFilter] = useFilters()
  const sort = search.get('sort') || 'name:1'
  const text = search.get('q') ?? ''
  const query = useRolePage(page, text, sort)
  const counts = useRoleCounts(query.data?.items.map(({ id }) => id))
  const readRoles = useReadRoles()
  const readForExport = useReadRolesForExport()
  const [creating, create, close] = useCreating()
  return (
    <ResourceListPage
      text={roles}
      icon="role"
      query={query}
      rows={query.data?.items}
      total={query.data?.total}
      rowKey={({ id }) => id}
      columns={columnsOf(counts.data)}
      onCreate={can('create:roles') ? create : undefined}
      actions={
        <>
          <ExportButtons
            name="roles"
            read={async (format) => toLines(await readForExport(text, sort), roleExportColumns, format)}
          />
          <Button component={Link} to="compare">
            {comparison.title}
          </Button>
        </>
      }
      sorting={{ value: sort, onSort: (value) => setFilter('sort', value) }}
      bulk={
        can('delete:roles') && {
          nameOf: ({ name }) => name,
          may: ({ type }) => type !== 'system',
          all: { total: query.data?.total ?? 0, read: () => readRoles(text) },
          renderActions: (picked, clear) => (
            <>
              {picked.size === 2 && <CompareSelected ids={[...picked.keys()]} />}
              <DeleteSelected text={roles} picked={picked} clear={clear} removalOf={removals.role} />
            </>
          ),
        }
      }
      note={<ClashNote kind="roles" />}
    >
      <CreateRoleDialog opened={creating} onClose={close} />
    </ResourceListPage>
  )
}

function Count({ of, to }: { of: number | undefined; to: string }) {
  if (of === undefined) return null
  return <Link to={to}>{number(of)}</Link>
}

function CompareSelected({ ids: [first = '', second = ''] }: { ids: string[] }) {
  return (
    <Button component={Link} size="compact-sm" to={`compare?a=${first}&b=${second}`}>
      {comparison.button}
    </Button>
  )
}
