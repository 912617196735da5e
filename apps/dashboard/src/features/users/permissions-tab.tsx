import { useCan } from '../../shared/auth/session.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { useMayAsk } from '../../shared/management/explain.ts'
import { removals } from '../../shared/management/removals.ts'
import { permissionKey, permissionRef } from '../../shared/management/roles.ts'
import {
  type User,
  type UserPermission,
  useChangeUserPermissions,
  useUserPermissions,
} from '../../shared/management/users.ts'
import { AddPermissionsDialog } from '../../shared/pages/add-permissions-dialog.tsx'
import { PermissionTable } from '../../shared/pages/permission-table.tsx'
import { usePermissionBulk } from '../../shared/pages/use-permission-bulk.tsx'
import { Sources } from '../../shared/ui/sources.tsx'
import { useAction } from '../../shared/ui/use-action.ts'
import { userPermissions as text } from './text.ts'

const isDirect = ({ sources }: UserPermission) => sources.some(({ source_type }) => source_type === 'DIRECT')
const isInherited = ({ sources }: UserPermission) => sources.some(({ source_type }) => source_type === 'ROLE')

export function PermissionsTab({ user }: { user: User }) {
  const can = useCan()
  const query = useUserPermissions(user.user_id)
  const change = useChangeUserPermissions(user.user_id)
  const act = useAction()
  const { may } = useMayAsk()
  const bulk = usePermissionBulk(query.data, change, (refs) => removals.permissionsOfUser(user.user_id, refs))
  const mayChange = can('update:users', 'read:resource_servers')
  const remove = (row: UserPermission) =>
    act({
      question: {
        title: text.removeTitle(row.permission_name, user.email),
        changes: [removals.permissionsOfUser(user.user_id, [permissionRef(row)])],
        action: text.take,
      },
      run: () => change.mutateAsync({ remove: [permissionRef(row)] }),
      done: (isInherited(row) ? text.stillHeld : text.removed)(row.permission_name),
      undoable: true,
    })
  return (
    <PermissionTable
      text={text}
      query={query}
      rows={query.data}
      rowKey={permissionKey}
      nameOf={({ permission_name }) => permission_name}
      question={
        may && {
          kind: 'why',
          at: (row) =>
            explainLinks.may({
              user: user.user_id,
              api: row.resource_server_identifier,
              permission: row.permission_name,
            }),
        }
      }
      groupOf={({ resource_server_name, resource_server_identifier }) =>
        `${resource_server_name} · ${resource_server_identifier}`
      }
      textOf={({ resource_server_name, sources }) =>
        [resource_server_name, ...sources.map(({ source_name }) => source_name)].join(' ')
      }
      columns={[
        { key: 'source', header: text.source, render: ({ sources }) => <Sources sources={sources} /> },
      ]}
      add={
        mayChange && {
          label: text.assign,
          renderDialog: (close) => (
            <AddPermissionsDialog
              title={text.assignTitle(user.email)}
              held={query.data?.filter(isDirect) ?? []}
              change={change}
              added={text.added}
              onClose={close}
            />
          ),
        }
      }
      bulk={mayChange && { ...bulk, may: isDirect }}
      remove={
        mayChange && {
          label: ({ permission_name }) => text.remove(permission_name),
          run: remove,
          may: isDirect,
        }
      }
    />
  )
}
