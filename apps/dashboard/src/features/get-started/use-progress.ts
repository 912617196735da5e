import type { UseQueryResult } from '@tanstack/react-query'
import { useCan, useSession } from '../../shared/auth/session.ts'
import { useApis } from '../../shared/management/apis.ts'
import { useApplications } from '../../shared/management/applications.ts'
import { useRoles, useRolesOfApi, useRoleUsers } from '../../shared/management/roles.ts'
import { useUserPage } from '../../shared/management/users.ts'
import { apiOf, type Progress, progressOf, roleOf } from './progress.ts'

const userPageSize = 20

/** @returns no progress while something of it is loading */
export function useProgress(): { progress: Progress | undefined; error: Error | null; retry: () => void } {
  const can = useCan()
  const { user } = useSession()
  const apis = useApis()
  const roles = useRoles()
  const users = useUserPage(0, '', userPageSize)
  const applications = useApplications(can('read:clients'))
  const rolesOfApi = useRolesOfApi(apiOf(itemsOf(apis))?.id)
  const members = useRoleUsers(roleOf(itemsOf(roles), itemsOf(rolesOfApi))?.id)

  const queries = [apis, roles, users, rolesOfApi, members, applications]
  const failed = queries.filter(({ error }) => error)
  const isLoading = queries.some((query) => query.isLoading) || !apis.data
  return {
    progress: isLoading
      ? undefined
      : progressOf({
          apis: itemsOf(apis),
          roles: itemsOf(roles),
          rolesOfApi: itemsOf(rolesOfApi),
          users: users.data,
          memberCount: members.data?.total,
          applications: itemsOf(applications),
          self: user.sub,
        }),
    error: failed[0]?.error ?? null,
    retry: () => void Promise.all(failed.map(({ refetch }) => refetch())),
  }
}

/** A query that is switched off, or failed, has no items. */
function itemsOf<Item>({ data }: Pick<UseQueryResult<Item[]>, 'data'>): Item[] {
  return data ?? []
}
