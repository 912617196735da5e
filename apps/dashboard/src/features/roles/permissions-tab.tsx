import { Link } from 'react-router'
import { useCan } from '../../shared/auth/session.ts'
import { explainLinks } from '../../shared/explain-links.ts'
import { useApis } from '../../shared/management/apis.ts'
import { useMayAsk } from '../../shared/management/explain.ts'
import { removals } from '../../shared/management/removals.ts'
import {
  permissionKey,
  permissionRef,
  type Role,
  type RolePermission,
  useChangeRolePermissions,
  useRolePermissions,
} from '../../shared/management/roles.ts'
import { AddPermissionsDialog } from '../../shared/pages/add-permissions-dialog.tsx'
import { PermissionTable } from '../../shared/pages/permission-table.tsx'
import { usePermissionBulk } from '../../shared/pages/use-permission-bulk.tsx'
import { common } from '../../shared/text.ts'
import { useAction } from '../../shared/ui/use-action.ts'
import { rolePermissions as text } from './text.ts'

export function PermissionsTab({ role }: { role: Role }) {
  const can = useCan()
  const query = useRolePermissions(role.id)
  const apis = useApis()
  const change = useChangeRolePermissions(role.id)
  const act = useAction()
  const { who } = useMayAsk()
  const bulk = usePermissionBulk(query.data, change, (refs) => removals.permissionsOfRole(role.id, refs))
  const mayChange = can('update:roles', 'read:resource_servers') && role.type !== 'system'
  const apiOf = ({ resource_server_identifier }: RolePermission) =>
    apis.data?.find(({ identifier }) => identifier === resource_server_identifier)

  const remove = (row: RolePermission) => {
    const permission = row.permission_name
    return act({
      question: {
        title: text.removeTitle(permission),
        changes: [removals.permissionsOfRole(role.id, [permissionRef(row)])],
        action: common.remove,
      },
      run: () => change.mutateAsync({ remove: [permissionRef(row)] }),
      done: text.removed(permission),
      undoable: true,
    })
  }
  return (
    <PermissionTable
      text={text}
      query={query}
      rows={query.data}
      rowKey={permissionKey}
      nameOf={({ permission_name }) => permission_name}
      question={
        who && {
          kind: 'who',
          at: (row) =>
            explainLinks.who({ api: row.resource_server_identifier, permission: row.permission_name }),
        }
      }
      apiOf={({ resource_server_name }) => resource_server_name}
      columns={[
        {
          key: 'api',
          header: text.api,
          wide: true,
          render: (row) => {
            const api = apiOf(row)
            if (!api) return row.resource_server_name
            return <Link to={`/apis/${api.id}/permissions`}>{row.resource_server_name}</Link>
          },
        },
      ]}
      add={
        mayChange && {
          label: text.add,
          renderDialog: (close) => (
            <AddPermissionsDialog
              title={text.addTitle(role.name)}
              held={query.data ?? []}
              change={change}
              added={text.added}
              onClose={close}
            />
          ),
        }
      }
      bulk={mayChange && bulk}
      remove={mayChange && { label: ({ permission_name }) => text.remove(permission_name), run: remove }}
    />
  )
}
