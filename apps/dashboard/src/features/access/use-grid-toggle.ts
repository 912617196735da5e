import { useQueryClient } from '@tanstack/react-query'
import type { ResourceServer } from '../../shared/management/apis.ts'
import {
  type Role,
  type RoleOfApi,
  rolesOfApi,
  useChangePermissionsOfRoles,
} from '../../shared/management/roles.ts'
import { useFailure } from '../../shared/ui/failure.tsx'
import { useToast } from '../../shared/ui/toast.tsx'
import { access } from './text.ts'

/** Gives a permission to a role or takes it away: shown at once, put back if the server refuses, undone on request. */
export function useGridToggle(api: ResourceServer): (role: Role, permission: string, give: boolean) => void {
  const change = useChangePermissionsOfRoles()
  const queries = useQueryClient()
  const toast = useToast()
  const failed = useFailure()

  const apply = (role: Role, permission: string, give: boolean, onDone: () => void) => {
    const queryKey = rolesOfApi(api.id)
    const cell = { role_id: role.id, permission_name: permission }
    queries.setQueryData<RoleOfApi[]>(queryKey, (held = []) => {
      const others = held.filter(
        ({ role_id, permission_name }) => role_id !== role.id || permission_name !== permission,
      )
      return give ? [...others, cell] : others
    })
    const ref = { resource_server_identifier: api.identifier, permission_name: permission }
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
  return (role, permission, give) =>
    apply(role, permission, give, () =>
      toast.done((give ? access.given : access.taken)(permission, role.name), () =>
        apply(role, permission, !give, () => undefined),
      ),
    )
}
