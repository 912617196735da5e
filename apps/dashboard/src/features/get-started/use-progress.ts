import { useCan, useSession } from '../../shared/auth/session.ts'
import { addsPermissions, type ResourceServer, useApis } from '../../shared/management/apis.ts'
import { type Client, useApplications } from '../../shared/management/applications.ts'
import { type Role, useRoles, useRolesOfApi, useRoleUsers } from '../../shared/management/roles.ts'
import { type User, useUserPage } from '../../shared/management/users.ts'

/** The tutorial's names: prefilled, and looked for first. */
export const tutorial = {
  api: { name: 'Hello World API Server', identifier: 'https://hello-world.example.com' },
  permission: { value: 'read:admin-messages', description: 'Read admin messages' },
  role: { name: 'messages-admin', description: 'Access admin messaging features' },
  client: { name: 'Hello World Client', origin: 'http://localhost:4040' },
  apiServer: 'http://localhost:6060',
}

export const stepNames = ['api', 'rbac', 'permission', 'role', 'grant', 'users', 'assign', 'client'] as const
export type StepName = (typeof stepNames)[number]

/** What is there already, and so which steps are done. */
export interface Progress {
  api: ResourceServer | undefined
  role: Role | undefined
  /** Names of the API's permissions that the role holds. */
  held: string[]
  /** Some users besides the reader. */
  users: User[]
  userCount: number
  members: number
  client: Client | undefined
  done: Record<StepName, boolean>
}

const usersLooked = 20

/** @returns undefined while something of it is on its way */
export function useProgress(): { progress: Progress | undefined; error: Error | null; retry: () => void } {
  const can = useCan()
  const { user: me } = useSession()
  const apis = useApis()
  const roles = useRoles()
  const users = useUserPage(0, '', usersLooked)
  const applications = useApplications(can('read:clients'))
  const own = apis.data?.filter(({ is_system }) => !is_system)
  const api = own?.find(({ identifier }) => identifier === tutorial.api.identifier) ?? own?.[0]
  const holding = useRolesOfApi(api?.id)
  const ownRoles = roles.data?.filter(({ type }) => type !== 'system') ?? []
  const role =
    ownRoles.find(({ name }) => name === tutorial.role.name) ??
    ownRoles.find(({ id }) => holding.data?.some(({ role_id }) => role_id === id)) ??
    ownRoles[0]
  const members = useRoleUsers(role?.id)
  const queries = [apis, roles, users, holding, members, applications]
  const error = queries.find((query) => query.error)?.error ?? null
  const retry = () => void Promise.all(queries.filter((query) => query.error).map((query) => query.refetch()))
  if (queries.some(({ isLoading }) => isLoading) || !apis.data) return { progress: undefined, error, retry }

  const others = users.data?.items.filter(({ user_id }) => user_id !== me.sub) ?? []
  const held = (holding.data ?? [])
    .filter(({ role_id }) => role_id === role?.id)
    .map(({ permission_name }) => permission_name)
  const clients =
    applications.data?.filter(({ is_system, app_type }) => !is_system && app_type === 'spa') ?? []
  const client = clients.find(({ name }) => name === tutorial.client.name) ?? clients[0]
  const userCount = Math.max(0, (users.data?.total ?? 0) - 1)
  return {
    error,
    retry,
    progress: {
      api,
      role,
      held,
      users: others,
      userCount,
      members: members.data?.total ?? 0,
      client,
      done: {
        api: api !== undefined,
        rbac: api?.enforce_policies === true && addsPermissions(api),
        permission: (api?.scopes?.length ?? 0) > 0,
        role: role !== undefined,
        grant: held.length > 0,
        users: userCount >= 2,
        assign: (members.data?.total ?? 0) > 0,
        client: client !== undefined,
      },
    },
  }
}
