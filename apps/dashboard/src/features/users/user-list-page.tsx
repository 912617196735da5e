import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { type User, useUserPage } from '../../shared/management/users.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common, number } from '../../shared/text.ts'
import { ClashNote } from '../../shared/ui/clash-note.tsx'
import { Person } from '../../shared/ui/person.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useFilters, usePage } from '../../shared/url-state.ts'
import { CreateUserDialog } from './create-user-dialog.tsx'
import { users } from './text.ts'
import { UserStatus } from './user-status.tsx'

const columns: Column<User>[] = [
  {
    key: 'user',
    header: users.email,
    width: '44%',
    render: ({ user_id, email, name }) => (
      <Link className="table-link" to={encodeURIComponent(user_id)}>
        <Person email={email} name={name} />
      </Link>
    ),
  },
  { key: 'status', header: users.status, render: (user) => <UserStatus user={user} /> },
  {
    key: 'last_login',
    header: users.lastLogin,
    wide: true,
    render: ({ last_login }) =>
      last_login ? <Time value={last_login} /> : <span className="dim">{common.never}</span>,
  },
  {
    key: 'logins',
    header: users.logins,
    wide: true,
    align: 'end',
    render: ({ logins_count = 0 }) => number(logins_count),
  },
]

export function UserListPage() {
  const can = useCan()
  const [page] = usePage()
  const [search] = useFilters()
  const query = useUserPage(page, search.get('q') ?? '')
  const [creating, setCreating] = useState(false)
  return (
    <ResourceListPage
      text={users}
      icon="user"
      query={query}
      rows={query.data?.items}
      total={query.data?.total}
      rowKey={({ user_id }) => user_id}
      columns={columns}
      onCreate={can('create:users') ? () => setCreating(true) : undefined}
      note={<ClashNote kind="users" />}
    >
      <CreateUserDialog opened={creating} onClose={() => setCreating(false)} />
    </ResourceListPage>
  )
}
