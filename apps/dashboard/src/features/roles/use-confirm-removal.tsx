import { useApis } from '../../shared/management/apis.ts'
import type { Role, RolePermission } from '../../shared/management/roles.ts'
import { common } from '../../shared/text.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { ImpactNote } from '../../shared/ui/impact-note.tsx'
import { rolePermissions as text } from './text.ts'

/** Asks before a role loses a permission, and says who loses it too. */
export function useConfirmRemoval(role: Role): (permission: RolePermission) => Promise<boolean> {
  const apis = useApis()
  const confirm = useConfirm()
  return ({ permission_name, resource_server_identifier }) => {
    const api = apis.data?.find(({ identifier }) => identifier === resource_server_identifier)
    return confirm({
      title: text.removeTitle(permission_name),
      body: api && <ImpactNote removal={{ role: role.id, api: api.id, permission: permission_name }} />,
      action: common.remove,
    })
  }
}
