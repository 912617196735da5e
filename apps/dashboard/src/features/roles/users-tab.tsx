import { Button } from '@mantine/core'
import type { RoleUser } from '@rolecall/contract'
import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { ExportUsers } from '../../shared/export/export-users.tsx'
import { pageSize } from '../../shared/management/lists.ts'
import { removals } from '../../shared/management/removals.ts'
import { isAssigned, type Role, useReadRoleUsers, useRoleUsers } from '../../shared/management/roles.ts'
import { noFilters } from '../../shared/management/user-filters.ts'
import { useChangeUserRoles } from '../../shared/management/users.ts'
import { TableSection } from '../../shared/pages/table-section.tsx'
import { common } from '../../shared/text.ts'
import { Pager } from '../../shared/ui/pager.tsx'
import { PersonLink } from '../../shared/ui/person.tsx'
import { RoleSources } from '../../shared/ui/role-sources.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { usePage } from '../../shared/url-state.ts'
import { AddUsersDialog } from './add-users-dialog.tsx'
import { TakeFromUsers } from './take-from-users.tsx'
import { roleUsers as text } from './text.ts'

export function UsersTab({ role }: { role: Role }) {
  const can = useCan()
  const [page, setPage] = usePage()
  const query = useRoleUsers(role.id, page)
  const change = useChangeUserRoles()
  const readMembers = useReadRoleUsers()
  const act = useAction()
  const remove = ({ user_id: id, email }: { user_id: string; email: string }) =>
    act({
      question: {
        title: text.removeTitle(role.name, email),
        changes: [removals.rolesOfUser(id, [role.id])],
        action: text.take,
      },
      run: () => change.mutateAsync({ id, remove: [role.id] }),
      done: text.removed(email),
      undoable: true,
    })
  const isGiven = query.data?.items.some((user) =>
    user.rolecall_sources.some(({ source_type: type }) => type === 'CONNECTION'),
  )
  return (
    <TableSection
      text={text}
      icon="user"
      query={query}
      rows={query.data?.items}
      rowKey={({ user_id }) => user_id}
      columns={[
        {
          key: 'user',
          header: common.email,
          render: (user) => <PersonLink {...user} />,
        },
        ...(isGiven
          ? [
              {
                key: 'source',
                header: text.source,
                render: ({ rolecall_sources: sources }: RoleUser) => <RoleSources sources={sources} />,
              },
            ]
          : []),
      ]}
      actions={
        can('read:users') && (
          <>
            {query.data?.total !== 0 && <ExportUsers filters={{ ...noFilters, role: role.id }} />}
            <Button component={Link} to={`/users?role=${role.id}`}>
              {text.inList}
            </Button>
          </>
        )
      }
      add={
        can('update:users', 'read:users') && {
          label: text.add,
          renderDialog: (close) => <AddUsersDialog role={role} onClose={close} />,
        }
      }
      bulk={
        can('update:users') && {
          nameOf: ({ email }) => email,
          may: isAssigned,
          all: { total: query.data?.total ?? 0, read: () => readMembers(role.id) },
          renderActions: (picked, clear) => <TakeFromUsers role={role} picked={picked} clear={clear} />,
        }
      }
      remove={
        can('update:users') && { label: ({ email }) => text.remove(email), may: isAssigned, run: remove }
      }
    >
      <Pager page={page} size={pageSize} total={query.data?.total ?? 0} onPage={setPage} />
    </TableSection>
  )
}
