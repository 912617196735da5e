import { includesText } from '../../shared/match.ts'

/** A box. Without a page it leads nowhere. */
export interface Node {
  id: string
  label: string
  note?: string | undefined
  to?: string | undefined
  kind: 'user' | 'role' | 'api' | 'permission' | 'note'
  /** Of an API, whether its permissions are shown. */
  open?: boolean
}

export interface Edge {
  from: string
  to: string
  /** Without a role in between. */
  direct: boolean
}

export interface Person {
  id: string
  label: string
  to?: string | undefined
  kind: 'user' | 'note'
  roles: readonly string[]
}

/** A permission and what holds it. */
export interface Held {
  api: string
  apiName: string
  permission: string
  description: string
  to?: string | undefined
  /** Ids of roles. */
  roles: readonly string[]
  /** Ids of people who hold it without a role. */
  direct: readonly string[]
}

export interface Access {
  people: readonly Person[]
  roles: readonly { id: string; name: string }[]
  permissions: readonly Held[]
}

/** How many permissions are shown at once before their APIs are closed. */
const maxOpen = 30

interface Shown {
  filter: string
  /** The APIs whose state differs from the default. */
  toggled: ReadonlySet<string>
}

/** The boxes of each column and the lines between them. A closed API stands for its permissions. */
export function graphOf(access: Access, { filter, toggled }: Shown) {
  const { permissions, roles } = narrowed(access, filter)
  const opensAll = filter !== '' || permissions.length <= maxOpen
  const apis = [...Map.groupBy(permissions, ({ api }) => api)].map(([id, held]) => ({
    id,
    held,
    open: opensAll !== toggled.has(id),
  }))
  const right = apis.flatMap(({ id, held, open }): Node[] => [
    { id, label: held[0]?.apiName ?? id, note: id, kind: 'api', open },
    ...(open ? held.map(permissionNode) : []),
  ])
  const edges = new Map<string, Edge>()
  const connect = (from: string, to: string, direct: boolean) =>
    edges.set(`${from} ${to}`, { from, to, direct })
  for (const { id, roles: held } of access.people)
    for (const role of held) if (roles.some((one) => one.id === role)) connect(id, role, false)
  for (const { id, held, open } of apis)
    for (const one of held) {
      const to = open ? keyOf(one) : id
      for (const role of one.roles) connect(role, to, false)
      for (const person of one.direct) connect(person, to, true)
    }
  return {
    columns: {
      users: access.people.map(({ id, label, to, kind }): Node => ({ id, label, to, kind })),
      roles: roles.map(({ id, name }): Node => ({ id, label: name, kind: 'role', to: `/roles/${id}` })),
      permissions: right,
    },
    edges: [...edges.values()],
    isNarrowed: filter !== '',
  }
}

/** What matches the filter, and the roles that lead there. */
function narrowed({ permissions, roles }: Access, filter: string): Pick<Access, 'permissions' | 'roles'> {
  if (filter === '') return { permissions, roles }
  const named = new Set(roles.filter(({ name }) => includesText(name, filter)).map(({ id }) => id))
  const kept = permissions.filter(
    ({ apiName, permission, description, roles: through }) =>
      includesText(`${apiName} ${permission} ${description}`, filter) || through.some((id) => named.has(id)),
  )
  const leading = new Set([...named, ...kept.flatMap(({ roles: through }) => through)])
  return { permissions: kept, roles: roles.filter(({ id }) => leading.has(id)) }
}

const keyOf = ({ api, permission }: Held): string => `${api} ${permission}`

const permissionNode = (held: Held): Node => ({
  id: keyOf(held),
  label: held.permission,
  note: held.description,
  kind: 'permission',
  to: held.to,
})
