import { Button } from '@mantine/core'
import type { HeldRole } from '@rolecall/contract'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { ExportUsers } from '../../shared/export/export-users.tsx'
import { userFiltersOf } from '../../shared/management/user-filters.ts'
import {
  type User,
  useFilteredUsers,
  useReadFilteredUsers,
  useRolesOfUsers,
} from '../../shared/management/users.ts'
import { ResourceListPage } from '../../shared/pages/resource-list-page.tsx'
import { common, number } from '../../shared/text.ts'
import { ClashNote } from '../../shared/ui/clash-note.tsx'
import { Person } from '../../shared/ui/person.tsx'
import type { Column } from '../../shared/ui/table.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { useCreating, useFilters, usePage } from '../../shared/url-state.ts'
import { BulkActions } from './bulk-actions.tsx'
import { CreateUserDialog } from './create-user-dialog.tsx'
import { users } from './text.ts'
import { UserFilterFields } from './user-filter-fields.tsx'
import { UserStatus } from './user-status.tsx'

const shownRoles = 2

const columnsOf = (roles: ReadonlyMap<string, HeldRole[]> | undefined): Column<User>[] => [
  {
    key: 'user',
    header: users.email,
    sort: 'email',
    width: '36%',
    render: (user) => (
      <>
        <Link className="table-link" to={encodeURIComponent(user.user_id)}>
          <Person email={user.email} name={user.name} />
        </Link>
        <span className="narrow-only">
          <UserStatus user={user} />
        </span>
      </>
    ),
  },
  {
    key: 'roles',
    header: users.roles,
    wide: true,
    render: ({ user_id }) => <RoleNames held={roles?.get(user_id) ?? []} />,
  },
  { key: 'status', header: users.status, wide: true, render: (user) => <UserStatus user={user} /> },
  {
    key: 'last_login',
    header: users.lastLogin,
    sort: 'last_login',
    wide: true,
    render: ({ last_login }) =>
      last_login ? <Time value={last_login} /> : <span className="dim">{common.never}</span>,
  },
  {
    key: 'logins',
    header: users.logins,
    sort: 'logins_count',
    wide: true,
    align: 'end',
    render: ({ logins_count = 0 }) => number(logins_count),
  },
]

export function UserListPage() {
  const can = useCan()
  const [page] = usePage()
  const [search, setFilter] = useFilters()
  const filters = userFiltersOf(search)
  const query = useFilteredUsers(page, filters)
  const ids = query.data?.items.map(({ user_id }) => user_id)
  const readFiltered = useReadFilteredUsers()
  const roles = useRolesOfUsers(can('read:roles') ? ids : undefined)
  const [creating, create, close] = useCreating()
  const { text: _text, sort, ...selected } = filters
  return (
    <ResourceListPage
      text={users}
      icon="user"
      query={query}
      rows={query.data?.items}
      total={query.data?.total}
      rowKey={({ user_id }) => user_id}
      columns={columnsOf(roles.data)}
      onCreate={can('create:users') ? create : undefined}
      actions={
        <>
          <ExportUsers filters={filters} />
          {can('create:users', 'read:connections') && (
            <Button component={Link} to="import">
              {users.import}
            </Button>
          )}
        </>
      }
      tools={<UserFilterFields filters={filters} onChange={setFilter} />}
      bulk={
        (can('update:users') || can('delete:users')) && {
          nameOf: ({ email }) => email,
          all: { total: query.data?.total ?? 0, read: () => readFiltered(filters) },
          renderActions: (picked, clear) => <BulkActions picked={picked} clear={clear} />,
        }
      }
      filtered={Object.values(selected).some((value) => value !== '')}
      sorting={{ value: sort || 'email:1', onSort: (value) => setFilter('sort', value) }}
      note={<ClashNote kind="users" />}
    >
      <CreateUserDialog opened={creating} onClose={close} />
    </ResourceListPage>
  )
}

function RoleNames({ held }: { held: readonly HeldRole[] }) {
  const more = held.length - shownRoles
  return (
    <>
      {held.slice(0, shownRoles).map(({ role_id, name }, index) => (
        <span key={role_id}>
          {index > 0 && ', '}
          <Link to={`/roles/${role_id}`}>{name}</Link>
        </span>
      ))}
      {more > 0 && <span className="dim"> {users.moreRoles(more)}</span>}
    </>
  )
}
