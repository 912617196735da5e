import { addsPermissions, type ResourceServer } from '../../shared/management/apis.ts'
import type { Client } from '../../shared/management/applications.ts'
import type { PageOf } from '../../shared/management/lists.ts'
import type { Role, RoleOfApi } from '../../shared/management/roles.ts'
import type { User } from '../../shared/management/users.ts'

/** The tutorial's objects: their values are filled in, and of several objects these are shown. */
export const tutorial = {
  api: { name: 'Hello World API Server', identifier: 'https://hello-world.example.com' },
  permission: { value: 'read:admin-messages', description: 'Read admin messages' },
  role: { name: 'messages-admin', description: 'Access admin messaging features' },
  client: { name: 'Hello World Client' },
}

export const stepNames = ['api', 'rbac', 'permission', 'role', 'grant', 'users', 'assign', 'client'] as const
export type StepName = (typeof stepNames)[number]

/** What the Management API says about the objects of the tutorial. */
export interface TutorialData {
  apis: ResourceServer[]
  roles: Role[]
  /** Which roles hold permissions of the tutorial's API. */
  rolesOfApi: RoleOfApi[]
  /** The first users, and the number of all; absent for a reader who may not list them. */
  users: PageOf<User> | undefined
  /** How many users hold the tutorial's role; absent without the role. */
  memberCount: number | undefined
  applications: Client[]
  /** The `sub` of the person who is logged in. */
  self: string
}

/** The objects of the tutorial that exist, and the steps that are done. */
export interface Progress {
  api: ResourceServer | undefined
  role: Role | undefined
  /** Names of the API's permissions that the role holds. */
  held: string[]
  /** Some users, without the person who is logged in. */
  users: User[]
  userCount: number
  memberCount: number
  client: Client | undefined
  done: Record<StepName, boolean>
}

/** The API of the tutorial, or else the first one that is not the server's own. */
export function apiOf(apis: ResourceServer[]): ResourceServer | undefined {
  const own = apis.filter(({ is_system }) => !is_system)
  return own.find(({ identifier }) => identifier === tutorial.api.identifier) ?? own[0]
}

/** The role of the tutorial, or else the first one that holds a permission of the API, or else the first one. */
export function roleOf(roles: Role[], rolesOfApi: RoleOfApi[]): Role | undefined {
  const own = roles.filter(({ type }) => type !== 'system')
  const holders = new Set(rolesOfApi.map(({ role_id }) => role_id))
  return (
    own.find(({ name }) => name === tutorial.role.name) ?? own.find(({ id }) => holders.has(id)) ?? own[0]
  )
}

/** The client of the tutorial, or else the first single-page application. */
function clientOf(applications: Client[]): Client | undefined {
  const clients = applications.filter(({ is_system, app_type }) => !is_system && app_type === 'spa')
  return clients.find(({ name }) => name === tutorial.client.name) ?? clients[0]
}

const noUsers: PageOf<User> = { items: [], total: 0 }

export function progressOf({ users = noUsers, memberCount = 0, ...data }: TutorialData): Progress {
  const api = apiOf(data.apis)
  const role = roleOf(data.roles, data.rolesOfApi)
  const client = clientOf(data.applications)
  const held = data.rolesOfApi.filter(({ role_id }) => role_id === role?.id)
  const userCount = Math.max(0, users.total - 1)
  return {
    api,
    role,
    held: held.map(({ permission_name }) => permission_name),
    users: users.items.filter(({ user_id }) => user_id !== data.self),
    userCount,
    memberCount,
    client,
    done: {
      api: api !== undefined,
      rbac: api !== undefined && api.enforce_policies === true && addsPermissions(api),
      permission: api?.scopes !== undefined && api.scopes.length > 0,
      role: role !== undefined,
      grant: held.length > 0,
      users: userCount >= 2,
      assign: memberCount > 0,
      client: client !== undefined,
    },
  }
}
