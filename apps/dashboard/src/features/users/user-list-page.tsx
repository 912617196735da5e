import { Button } from '@mantine/core'
import { useState } from 'react'
import { Link, useSearchParams } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { pageSize } from '../../shared/management/lists.ts'
import { type User, useUserPage } from '../../shared/management/users.ts'
import { common, number } from '../../shared/text.ts'
import { ClashNote } from '../../shared/ui/clash-note.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Page } from '../../shared/ui/page.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { Person } from '../../shared/ui/person.tsx'
import { SearchField } from '../../shared/ui/search-field.tsx'
import { type Column, Table } from '../../shared/ui/table.tsx'
import { Time } from '../../shared/ui/time.tsx'
import { usePage } from '../../shared/ui/use-page.ts'
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
  const [search, setSearch] = useSearchParams()
  const text = search.get('q') ?? ''
  const [page, setPage] = usePage()
  const query = useUserPage(page, text)
  const [creating, setCreating] = useState(false)
  const create = can('create:users') && (
    <Button variant="filled" leftSection={<Icon name="plus" size={15} />} onClick={() => setCreating(true)}>
      {users.create}
    </Button>
  )
  return (
    <Page title={users.title} subtitle={users.subtitle} actions={create}>
      <div className="toolbar">
        <SearchField
          label={users.search}
          value={text}
          onChange={(q) => setSearch(q ? { q } : {}, { replace: true })}
        />
      </div>
      <ClashNote kind="users" />
      {query.error ? (
        <Failure error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <>
          <Table
            label={users.title}
            columns={columns}
            rows={query.data?.items}
            stale={query.isPlaceholderData}
            rowKey={({ user_id }) => user_id}
            empty={
              text ? (
                <EmptyState icon="search" title={common.noMatch(text)} />
              ) : (
                <EmptyState icon="user" title={users.emptyTitle} action={create}>
                  {users.emptyBody}
                </EmptyState>
              )
            }
          />
          <Pager page={page} size={pageSize} total={query.data?.total ?? 0} onPage={setPage} />
        </>
      )}
      <CreateUserDialog opened={creating} onClose={() => setCreating(false)} />
    </Page>
  )
}
