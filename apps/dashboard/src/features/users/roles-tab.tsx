import { ActionIcon, Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import type { Role } from '../../shared/management/roles.ts'
import { type User, useChangeUserRoles, useUserRoles } from '../../shared/management/users.ts'
import { common } from '../../shared/text.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { Failure, useFailure } from '../../shared/ui/failure.tsx'
import { Icon } from '../../shared/ui/icon.tsx'
import { Section } from '../../shared/ui/page.tsx'
import { Table } from '../../shared/ui/table.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { AssignRolesDialog } from './assign-roles-dialog.tsx'
import { userRoles as text } from './text.ts'

export function RolesTab({ user }: { user: User }) {
  const can = useCan()
  const query = useUserRoles(user.user_id)
  const change = useChangeUserRoles()
  const toast = useToast()
  const failed = useFailure()
  const [assigning, setAssigning] = useState(false)
  const mayChange = can('update:users')
  if (query.error) return <Failure error={query.error} onRetry={() => void query.refetch()} />
  const assign = mayChange && can('read:roles') && (
    <Button variant="filled" leftSection={<Icon name="plus" size={15} />} onClick={() => setAssigning(true)}>
      {text.assign}
    </Button>
  )
  const remove = ({ id, name }: Role) =>
    change.mutate(
      { id: user.user_id, remove: [id] },
      {
        onSuccess: () =>
          toast.done(text.removed(name), () =>
            change.mutate({ id: user.user_id, add: [id] }, { onError: failed }),
          ),
        onError: failed,
      },
    )
  return (
    <Section title={text.title} description={text.hint} actions={query.data?.length !== 0 && assign}>
      <Table
        label={text.title}
        rows={query.data}
        rowKey={({ id }) => id}
        empty={
          <EmptyState icon="role" title={text.none} action={assign}>
            {text.noneBody}
          </EmptyState>
        }
        columns={[
          {
            key: 'name',
            header: common.name,
            render: ({ id, name }) => (
              <Link className="table-link" to={`/roles/${id}`}>
                {name}
              </Link>
            ),
          },
          { key: 'description', header: common.description, render: ({ description }) => description },
          {
            key: 'actions',
            header: common.remove,
            headerHidden: true,
            align: 'end',
            render: (role) =>
              mayChange && (
                <ActionIcon
                  variant="subtle"
                  color="gray"
                  aria-label={text.remove(role.name)}
                  onClick={() => remove(role)}
                >
                  <Icon name="trash" />
                </ActionIcon>
              ),
          },
        ]}
      />
      {assigning && (
        <AssignRolesDialog user={user} held={query.data ?? []} onClose={() => setAssigning(false)} />
      )}
    </Section>
  )
}
