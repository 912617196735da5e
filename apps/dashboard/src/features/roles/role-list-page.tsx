import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { type Role, useRolePage } from '../../shared/management/roles.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common } from '../../shared/text.ts'
import { ClashNote } from '../../shared/ui/clash-note.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Tag } from '../../shared/ui/tag.tsx'
import { useFilters, usePage } from '../../shared/url-state.ts'
import { CreateRoleDialog } from './create-role-dialog.tsx'
import { roles } from './text.ts'

const columns: Column<Role>[] = [
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
]

export function RoleListPage() {
  const can = useCan()
  const [page] = usePage()
  const [search] = useFilters()
  const query = useRolePage(page, search.get('q') ?? '')
  const [creating, setCreating] = useState(false)
  return (
    <ResourceListPage
      text={roles}
      icon="role"
      query={query}
      rows={query.data?.items}
      total={query.data?.total}
      rowKey={({ id }) => id}
      columns={columns}
      onCreate={can('create:roles') ? () => setCreating(true) : undefined}
      note={<ClashNote kind="roles" />}
    >
      <CreateRoleDialog opened={creating} onClose={() => setCreating(false)} />
    </ResourceListPage>
  )
}
