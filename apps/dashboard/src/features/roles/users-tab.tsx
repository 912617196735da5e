import { ActionIcon, Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { pageSize } from '../../shared/management/lists.ts'
import { type Role, useRoleUsers } from '../../shared/management/roles.ts'
import { useChangeUserRoles } from '../../shared/management/users.ts'
import { common } from '../../shared/text.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure, useFailure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Pager } from '../../shared/ui/pager.tsx'
import { Person } from '../../shared/ui/person.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { usePage } from '../../shared/ui/use-page.ts'
import { AddUsersDialog } from './add-users-dialog.tsx'
import { roleUsers as text } from './text.ts'

export function UsersTab({ role }: { role: Role }) {
  const can = useCan()
  const [page, setPage] = usePage()
  const query = useRoleUsers(role.id, page)
  const change = useChangeUserRoles()
  const toast = useToast()
  const failed = useFailure()
  const [adding, setAdding] = useState(false)
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const add = can('update:users', 'read:users') && (
    <Button variant="filled" leftSection={<Icon name="plus" size={15} />} onClick={() => setAdding(true)}>
      {text.add}
    </Button>
  )
  const remove = ({ user_id, email }: { user_id: string; email: string }) =>
    change.mutate(
      { id: user_id, remove: [role.id] },
      {
        onSuccess: () =>
          toast.done(text.removed(email), () =>
            change.mutate({ id: user_id, add: [role.id] }, { onError: failed }),
          ),
        onError: failed,
      },
    )
  return (
    <Section title={text.title} description={text.hint} actions={query.data?.total !== 0 && add}>
      <Table
        label={text.title}
        rows={query.data?.items}
        stale={query.isPlaceholderData}
        rowKey={({ user_id }) => user_id}
        empty={
          <EmptyState icon="user" title={text.none} action={add}>
            {text.noneBody}
          </EmptyState>
        }
        columns={[
          {
            key: 'user',
            header: common.email,
            render: (user) => (
              <Link className="table-link" to={`/users/${encodeURIComponent(user.user_id)}`}>
                <Person email={user.email} name={user.name} />
              </Link>
            ),
          },
          {
            key: 'actions',
            header: common.remove,
            headerHidden: true,
            align: 'end',
            render: (user) =>
              can('update:users') && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={text.remove(user.email)}
                  onClick={() => remove(user)}
                >
                  <Icon name="trash" />
                </ActionIcon>
              ),
          },
        ]}
      />
      <Pager page={page} size={pageSize} total={query.data?.total ?? 0} onPage={setPage} />
      {adding && <AddUsersDialog role={role} onClose={() => setAdding(false)} />}
    </Section>
  )
}
