import { useQueryClient } from '@tanstack/react-query'
import type { ResourceServer } from '../../shared/management/apis.ts'
import { removals } from '../../shared/management/removals.ts'
import {
  type Role,
  type RoleOfApi,
  rolesOfApi,
  useChangePermissionsOfRoles,
} from '../../shared/management/roles.ts'
import { useConfirm } from '../../shared/ui/confirm.tsx'
import { useFailure } from '../../shared/ui/failure.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { access } from './text.ts'

/**
 * Gives a permission to a role, or takes it away after a question. It is shown at once, put back if the server refuses,
 * and undone on request.
 */
export function useGridToggle(api: ResourceServer): (role: Role, permission: string, give: boolean) => void {
  const change = useChangePermissionsOfRoles()
  const queries = useQueryClient()
  const confirm = useConfirm()
  const toast = useToast()
  const failed = useFailure()

  const refOf = (permission: string) => ({
    resource_server_identifier: api.identifier,
    permission_name: permission,
  })
  const apply = (role: Role, permission: string, give: boolean, onDone: () => void) => {
    const queryKey = rolesOfApi(api.id)
    const cell = { role_id: role.id, permission_name: permission }
    queries.setQueryData<RoleOfApi[]>(queryKey, (held = []) => {
      const others = held.filter(
        ({ role_id, permission_name }) => role_id !== role.id || permission_name !== permission,
      )
      return give ? [...others, cell] : others
    })
    const ref = refOf(permission)
    change.mutate(
      { id: role.id, ...(give ? { add: [ref] } : { remove: [ref] }) },
      {
        onSuccess: onDone,
        onError: (error) => {
          void queries.invalidateQueries({ queryKey })
          failed(error)
        },
      },
    )
  }
  const toggle = async (role: Role, permission: string, give: boolean) => {
    const question = {
      title: access.takeTitle(permission, role.name),
      changes: [removals.permissionsOfRole(role.id, [refOf(permission)])],
      action: access.take,
    }
    if (!give && !(await confirm(question))) return
    apply(role, permission, give, () =>
      toast.done((give ? access.given : access.taken)(permission, role.name), () =>
        apply(role, permission, !give, () => undefined),
      ),
    )
  }
  return (role, permission, give) => void toggle(role, permission, give)
}
