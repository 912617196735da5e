import { useQueryClient } from '@tanstack/react-query'
import type { ResourceServer } from '../../shared/management/apis.ts'
import { removals } from '../../shared/management/removals.ts'
import {
  type Role,
  type RoleOfApi,
  rolesOfApi,
  useChangePermissionsOfRoles,
} from '../../shared/management/roles.ts'
import { useAction } from '../../shared/ui/use-action.ts'
import { access } from './text.ts'

/**
 * Gives a permission to a role, or takes it away after a question. It is shown at once, put back if the server refuses,
 * and undone on request.
 */
export function useGridToggle(api: ResourceServer): (role: Role, permission: string, give: boolean) => void {
  const change = useChangePermissionsOfRoles()
  const queries = useQueryClient()
  const act = useAction()
  const apply = async (role: Role, permission: string, give: boolean) => {
    const queryKey = rolesOfApi(api.id)
    const cell = { role_id: role.id, permission_name: permission }
    queries.setQueryData<RoleOfApi[]>(queryKey, (held = []) => {
      const others = held.filter(
        ({ role_id, permission_name }) => role_id !== role.id || permission_name !== permission,
      )
      return give ? [...others, cell] : others
    })
    const refs = [refOf(api, permission)]
    try {
      return await change.mutateAsync({ id: role.id, ...(give ? { add: refs } : { remove: refs }) })
    } catch (error) {
      void queries.invalidateQueries({ queryKey })
      throw error
    }
  }
  return (role, permission, give) =>
    void act({
      ...(!give && {
        question: {
          title: access.takeTitle(permission, role.name),
          changes: [removals.permissionsOfRole(role.id, [refOf(api, permission)])],
          action: access.take,
        },
      }),
      run: () => apply(role, permission, give),
      done: (give ? access.given : access.taken)(permission, role.name),
      undoable: true,
    })
}

const refOf = ({ identifier }: ResourceServer, permission: string) => ({
  resource_server_identifier: identifier,
  permission_name: permission,
})
