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
  const rolesOfApi = useRolesOfApi(apiOf(apis.data ?? [])?.id)
  const members = useRoleUsers(roleOf(roles.data ?? [], rolesOfApi.data ?? [])?.id)
  const queries = [apis, roles, users, rolesOfApi, members, applications]
  const error = queries.find((query) => query.error)?.error ?? null
  const retry = () => void Promise.all(queries.filter((query) => query.error).map((query) => query.refetch()))
  if (queries.some(({ isLoading }) => isLoading) || !apis.data) return { progress: undefined, error, retry }
  const progress = progressOf({
    apis: apis.data,
    roles: roles.data ?? [],
    rolesOfApi: rolesOfApi.data ?? [],
    users: users.data ?? { items: [], total: 0 },
    memberCount: members.data?.total ?? 0,
    applications: applications.data ?? [],
    self: user.sub,
  })
  return { progress, error, retry }
}
