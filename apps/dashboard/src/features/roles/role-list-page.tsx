import type { RoleCount } from '@rolecall/contract'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { type Role, useRoleCounts, useRolePage } from '../../shared/management/roles.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common, number } from '../../shared/text.ts'
import { ClashNote } from '../../shared/ui/clash-note.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { useCreating, useFilters, usePage } from '../../shared/url-state.ts'
import { CreateRoleDialog } from './create-role-dialog.tsx'
import { roles } from './text.ts'

const columnsOf = (counts: ReadonlyMap<string, RoleCount> | undefined): Column<Role>[] => [
  {
    key: 'name',
    header: common.name,
    width: '40%',
    render: ({ id, name, type }) => (
      <span className="row">
        <Link className="table-link" to={id}>
          {name}
        </Link>
        {type === 'system' && <Tag>{common.system}</Tag>}
      </span>
    ),
  },
  { key: 'description', header: common.description, render: ({ description }) => description },
  {
    key: 'users',
    header: roles.tabs.users,
    align: 'end',
    width: '90px',
    render: ({ id }) => <Count of={counts?.get(id)?.users} to={`${id}/users`} />,
  },
  {
    key: 'permissions',
    header: roles.tabs.permissions,
    align: 'end',
    width: '110px',
    wide: true,
    render: ({ id }) => <Count of={counts?.get(id)?.permissions} to={`${id}/permissions`} />,
  },
]

export function RoleListPage() {
  const can = useCan()
  const [page] = usePage()
  const [search] = useFilters()
  const query = useRolePage(page, search.get('q') ?? '')
  const counts = useRoleCounts(query.data?.items.map(({ id }) => id))
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
